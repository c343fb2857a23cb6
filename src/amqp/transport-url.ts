import { InvalidTransportUrl } from './errors.js';

/** oslo.messaging uses this port with and without TLS. Source: oslo_messaging/_drivers/impl_rabbit.py. */
const DEFAULT_PORT = 5672;
const DEFAULT_CREDENTIAL = 'guest';
const URL_PARTS = /^([A-Za-z][A-Za-z0-9+.-]*):\/\/([^/?#]*)(\/[^?#]*)?(?:\?([^#]*))?$/;

export interface TransportHost {
  hostname: string;
  port: number;
  username: string;
  password: string;
}

export interface TransportUrl {
  /** Hosts in the order in which to try them. */
  hosts: TransportHost[];
  virtualHost: string;
  /** Driver options that override the configuration's, such as ssl=true. */
  query: Record<string, string>;
}

/**
 * Parses oslo.messaging's transport_url: rabbit://user:password@host:port,user:password@host2:port/vhost?option=value.
 * IPv6 addresses are in brackets; special characters are percent-encoded. Without hosts it means localhost.
 * Source: oslo_messaging/transport.py.
 */
export function parseTransportUrl(url: string): TransportUrl {
  const parts = URL_PARTS.exec(url);
  if (!parts) throw new InvalidTransportUrl('transport_url must look like rabbit://user:password@host:5672/vhost.');
  const [, scheme = '', netloc = '', path = '', search = ''] = parts;
  if (scheme !== 'rabbit') {
    const hint = /^amqps?$/.test(scheme) ? ` (in oslo.messaging, ${scheme}: would mean AMQP 1.0)` : '';
    throw new InvalidTransportUrl(`transport_url has the scheme "${scheme}"; only "rabbit" is supported${hint}.`);
  }
  if (path.includes('@') || search.includes('@')) {
    // Most likely a raw "/" or "?" cut a password in two, so the error must not quote any part of the URL.
    throw new InvalidTransportUrl(
      'transport_url has an "@" after its hosts: write special characters percent-encoded ("/" is %2F, "@" is %40).',
    );
  }
  const hosts = netloc.split(',').filter((host) => host !== '');
  const credentials = hosts.filter((host) => host.includes('@')).length;
  if (credentials > 0 && credentials < hosts.length) {
    throw new InvalidTransportUrl('transport_url must give user:password@ for all of its hosts or for none.');
  }
  return {
    hosts: (hosts.length > 0 ? hosts : ['localhost']).map((host, index) => parseHost(host, index + 1)),
    virtualHost: unquote(path.slice(1)) || '/',
    query: Object.fromEntries(new URLSearchParams(search)),
  };
}

/** The URL without its passwords, for logs and errors. */
export function redactTransportUrl(url: string): string {
  try {
    const { hosts, virtualHost } = parseTransportUrl(url);
    const places = hosts.map(({ username, hostname, port }) => `${username}:***@${authority(hostname, port)}`);
    return `rabbit://${places.join(',')}/${virtualHost === '/' ? '' : virtualHost}`;
  } catch {
    return '(invalid transport_url)';
  }
}

/** host:port, with an IPv6 address in brackets. */
export function authority(hostname: string, port: number): string {
  return hostname.includes(':') ? `[${hostname}]:${port}` : `${hostname}:${port}`;
}

function parseHost(text: string, position: number): TransportHost {
  const at = text.lastIndexOf('@');
  const [username, password] = at < 0 ? [undefined, undefined] : splitOnce(text.slice(0, at), ':');
  const address = text.slice(at + 1);
  const match = /^(?:\[([^\]]*)\]|([^:[\]]*))(?::(\d*))?$/.exec(address);
  const hostname = match?.[1] ?? match?.[2] ?? '';
  const port = match?.[3] ? Number(match[3]) : DEFAULT_PORT;
  if (!match || hostname === '') {
    throw new InvalidTransportUrl(
      `Host ${position} of transport_url, "${address}", must be host or host:port, with IPv6 addresses in brackets.`,
    );
  }
  if (port < 1 || port > 65535) {
    throw new InvalidTransportUrl(`Host ${position} of transport_url, "${address}", has a port outside 1 to 65535.`);
  }
  return {
    hostname,
    port,
    username: username === undefined ? DEFAULT_CREDENTIAL : unquote(username),
    password: password === undefined ? DEFAULT_CREDENTIAL : unquote(password),
  };
}

function splitOnce(text: string, separator: string): [string, string | undefined] {
  const index = text.indexOf(separator);
  return index < 0 ? [text, undefined] : [text.slice(0, index), text.slice(index + 1)];
}

/** Percent-decodes as Python does: a percent sign that does not start an escape stays as it is. */
function unquote(text: string): string {
  return text.replace(/(?:%[0-9A-Fa-f]{2})+/g, (escapes) => Buffer.from(escapes.replaceAll('%', ''), 'hex').toString());
}
