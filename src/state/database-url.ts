/** One of the servers that database.connection names. */
export interface DatabaseHost {
  hostname: string;
  port: number;
}

export interface DatabaseUrl {
  /** In the order in which they are tried. */
  hosts: readonly DatabaseHost[];
  username: string;
  password: string;
  database: string;
  /** What stands behind the question mark: see database-tls.ts. */
  parameters: ReadonlyMap<string, string>;
}

export const DATABASE_URL_EXAMPLE =
  'a URL such as mysql://user:password@host:3306/database, or with several hosts, host1:3306,host2:3306';

const DEFAULT_PORT = 3306;
/** Of more hosts than these nobody makes a cluster. */
const MAX_HOSTS = 32;
/** oslo.db's drivers, as in mysql+pymysql, are Python's. */
const URL_PARTS = /^(?:mysql|mariadb)(?:\+\w+)?:\/\/(?:([^/?#]*)@)?([^/?#@]+)\/([^/?#]+)(?:\?([^#]*))?$/;
const HOST = /^(?:\[([0-9A-Fa-f:.]+)\]|([^:[\]\s]+))(?::(\d{1,5}))?$/;

/** Reads database.connection; null when it is none. */
export function parseDatabaseUrl(url: string): DatabaseUrl | null {
  const [, login = '', places = '', database = '', parameters = ''] = URL_PARTS.exec(url) ?? [];
  const hosts = places.split(',').map(parseHost);
  const [, username = '', password = ''] = /^([^:]*):?(.*)$/s.exec(login) ?? [];
  // A login for each host, as in transport_url, would be taken for a strange password.
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
    return null; // a percent sign that starts no escape
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
