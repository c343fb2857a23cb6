/** One of the servers in database.connection. */
export interface DatabaseHost {
  hostname: string;
  port: number;
}

export interface DatabaseUrl {
  /** Hosts in the order in which to try them. */
  hosts: readonly DatabaseHost[];
  username: string;
  password: string;
  database: string;
  /** The parameters after the question mark: see database-tls.ts. */
  parameters: ReadonlyMap<string, string>;
}

export const DATABASE_URL_EXAMPLE =
  'a URL such as mysql://user:password@host:3306/database, or with several hosts, host1:3306,host2:3306';

const DEFAULT_PORT = 3306;
/** The most hosts. No cluster has more. */
const MAX_HOSTS = 32;
/** The form of the URL. It may name one of oslo.db's Python drivers, as in mysql+pymysql, which is ignored. */
const URL_PARTS = /^(?:mysql|mariadb)(?:\+\w+)?:\/\/(?:([^/?#]*)@)?([^/?#@]+)\/([^/?#]+)(?:\?([^#]*))?$/;
const HOST = /^(?:\[([0-9A-Fa-f:.]+)\]|([^:[\]\s]+))(?::(\d{1,5}))?$/;

/** Parses database.connection. Null if it is not valid. */
export function parseDatabaseUrl(url: string): DatabaseUrl | null {
  const [, login = '', places = '', database = '', parameters = ''] = URL_PARTS.exec(url) ?? [];
  const hosts = places.split(',').map(parseHost);
  const [, username = '', password = ''] = /^([^:]*):?(.*)$/s.exec(login) ?? [];
  // Refuse a login for each host, as in transport_url: it would be read as a strange password.
  if (/@.*,/.test(login) || hosts.length > MAX_HOSTS || !hosts.every((host) => host !== null)) return null;
  try {
    return {
      hosts,
      username: decodeURIComponent(username),
      password: decodeURIComponent(password),
      database: decodeURIComponent(database),
      parameters: new Map(new URLSearchParams(parameters)),
    };
  } catch {
    return null; // a percent sign that does not start an escape
  }
}

/** host:port, with an IPv6 address in brackets. */
export function placeOf({ hostname, port }: DatabaseHost): string {
  return hostname.includes(':') ? `[${hostname}]:${port}` : `${hostname}:${port}`;
}

function parseHost(text: string): DatabaseHost | null {
  const match = HOST.exec(text);
  const hostname = match?.[1] ?? match?.[2];
  const port = Number(match?.[3] ?? DEFAULT_PORT);
  return hostname === undefined || port < 1 || port > 65_535 ? null : { hostname, port };
}
