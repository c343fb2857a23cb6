import { readFileSync } from 'node:fs';
import type { Socket } from 'node:net';

import { type ChannelModel, connect } from 'amqplib';

import { errorText } from '../async/error-text.js';
import { authority, type TransportHost } from './transport-url.js';

/** TLS options. Names and meaning are oslo.messaging's, except that the last one has a safer default. */
export interface SslOptions {
  ssl: boolean;
  /** PEM file of the certificate authorities to trust. Default: the system's. */
  ssl_ca_file?: string | undefined;
  /** PEM file of the client certificate. */
  ssl_cert_file?: string | undefined;
  /** PEM file of the client certificate's key. */
  ssl_key_file?: string | undefined;
  /** Whether the certificate must name the host. Default true; oslo.messaging's default is false. */
  ssl_enforce_hostname_verification?: boolean | undefined;
}

export interface LinkOptions {
  host: TransportHost;
  virtualHost: string;
  ssl: SslOptions;
  /** AMQP heartbeat in seconds, 0 for none. A peer that is silent for two to three heartbeats counts as dead. */
  heartbeat: number;
  /** Shown in the broker's list of connections. */
  connectionName: string;
  /** Milliseconds for the TCP, TLS and AMQP handshakes together. */
  timeout: number;
}

/** One open AMQP connection. */
export interface Link {
  readonly model: ChannelModel;
  /** Resolves with the reason when the connection has ended, however it ended. */
  readonly ended: Promise<Error>;
  /** Closes the connection. Cuts the socket if the broker does not answer within `timeout` milliseconds. */
  close(timeout: number): Promise<void>;
  /** Ends the connection at once, without asking the broker. @param reason why */
  cut(reason: Error): void;
}

const TRUE = /^(true|1|yes|on|t|y)$/i;

/** Returns the TLS options, overridden by those in the transport_url's query. */
export function withQuery(ssl: SslOptions, query: Record<string, string>): SslOptions {
  const verify = query['ssl_enforce_hostname_verification'];
  return {
    ssl: query['ssl'] === undefined ? ssl.ssl : TRUE.test(query['ssl']),
    ssl_ca_file: query['ssl_ca_file'] ?? ssl.ssl_ca_file,
    ssl_cert_file: query['ssl_cert_file'] ?? ssl.ssl_cert_file,
    ssl_key_file: query['ssl_key_file'] ?? ssl.ssl_key_file,
    ssl_enforce_hostname_verification: verify === undefined ? ssl.ssl_enforce_hostname_verification : TRUE.test(verify),
  };
}

/**
 * Opens a connection to one host. Aborting the signal gives up the attempt.
 * @throws Error that names the host and the reason, but no password
 */
export async function openLink(options: LinkOptions, signal: AbortSignal): Promise<Link> {
  const { host, virtualHost, heartbeat } = options;
  const place = authority(host.hostname, host.port);
  // amqplib has no way to give up a handshake or to drop a dead peer's socket, but Node's sockets take a signal.
  const cut = new AbortController();
  const cutToo = (): void => {
    cut.abort();
  };
  signal.addEventListener('abort', cutToo, { once: true });
  const timer = setTimeout(cutToo, options.timeout);
  try {
    if (signal.aborted) throw new Error('the attempt was cancelled');
    const model = await connect(
      {
        ...host,
        protocol: options.ssl.ssl ? 'amqps' : 'amqp',
        heartbeat,
        // amqplib percent-decodes the virtual host once more.
        vhost: encodeURIComponent(virtualHost),
      },
      socketOptions(options, cut.signal),
    );
    gatherWrites(model);
    return watch(model, cut);
  } catch (error) {
    const reason = cut.signal.aborted && !signal.aborted ? `no answer within ${options.timeout} ms` : message(error);
    throw new Error(`cannot connect to RabbitMQ at ${place}, virtual host "${virtualHost}": ${reason}`, {
      cause: error,
    });
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', cutToo);
  }
}

function socketOptions({ ssl, connectionName }: LinkOptions, signal: AbortSignal): Parameters<typeof connect>[1] {
  const read = (file: string | undefined): { content: Buffer } | undefined =>
    file === undefined || file === '' ? undefined : { content: readFileSync(file) };
  const options = {
    noDelay: true,
    keepAlive: true,
    keepAliveDelay: 30_000,
    clientProperties: { connection_name: connectionName },
    signal,
  };
  if (!ssl.ssl) return options;
  const [ca, cert, key] = [read(ssl.ssl_ca_file), read(ssl.ssl_cert_file), read(ssl.ssl_key_file)];
  return {
    ...options,
    rejectUnauthorized: true,
    ...(ca && { ca: ca.content }),
    ...(cert && { cert: cert.content }),
    ...(key && { key: key.content }),
    ...(ssl.ssl_enforce_hostname_verification === false && { checkServerIdentity: () => undefined }),
  };
}

/**
 * Sends everything that is written in one turn of the event loop in one system call. amqplib writes every frame to the
 * socket separately: one system call for each acknowledgement and three for each message.
 */
function gatherWrites(model: ChannelModel): void {
  const { stream } = model.connection as unknown as { stream: Socket };
  const write = stream.write.bind(stream) as (...args: unknown[]) => boolean;
  let gathering = false;
  stream.write = (...args: unknown[]): boolean => {
    if (!gathering) {
      gathering = true;
      stream.cork();
      setImmediate(() => {
        gathering = false;
        stream.uncork();
      });
    }
    return write(...args);
  };
}

function watch(model: ChannelModel, cut: AbortController): Link {
  let reason: Error | undefined;
  // An 'error' event without a listener would end the process.
  model.on('error', (error) => {
    reason ??= error;
  });
  const ended = new Promise<Error>((resolve) => {
    model.on('close', (error) => {
      // After a missed heartbeat, amqplib only half-closes the socket. With a dead peer it would stay open for minutes.
      cut.abort();
      resolve(reason ?? error ?? new Error('netprov closed the connection'));
    });
  });
  const close = async (timeout: number): Promise<void> => {
    const timer = setTimeout(() => {
      cut.abort();
    }, timeout);
    // model.close() rejects when the connection is already closed.
    await Promise.race([model.close().catch(() => undefined), ended]);
    clearTimeout(timer);
  };
  const cutFor = (why: Error): void => {
    reason ??= why;
    cut.abort();
  };
  return { model, ended, close, cut: cutFor };
}

function message(error: unknown): string {
  const text = errorText(error);
  // Here amqplib drops the broker's reason. At this point the login has succeeded.
  if (!text.startsWith('Expected ConnectionOpenOk; got <ConnectionClose')) return text;
  return 'refused: the virtual host does not exist, has too many connections, or the user has no permissions in it';
}
