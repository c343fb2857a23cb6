import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

import type { DataSource } from 'typeorm';
import mysql, { type Connection, type Pool, type PoolConnection, type PoolOptions, type RowDataPacket } from 'mysql2';

import { KEEP_ALIVE_INTERVAL, READ_PACKET_LIMIT, sessionSettings, WAIT_FOR_CLUSTER } from './database-session.js';
import { placeOf, type DatabaseHost } from './database-url.js';
import { meansHostIsUnfit } from './errors.js';

export interface DatabaseHostsOptions {
  hosts: readonly DatabaseHost[];
  /** Milliseconds without an answer after which a host counts as hung; null: it may take any time. */
  statementTimeout: number | null;
  /** Told when another host is taken. */
  onChange: (left: string, taken: string, reason: string) => void;
  /** Told when a host does not let a session be as it is needed: its connection is closed. */
  onRefused: (place: string, reason: string) => void;
}

/** A connection is known by its configuration, of which mysql2 makes a copy for each. */
type Key = Connection['config'];

interface Opened {
  host: DatabaseHost;
  /** With TLS, another one from when the server has let us in. */
  socket: Socket;
  /** Has the server let us in? */
  ready: boolean;
}

const MILLISECONDS_UNTIL_KEEPALIVE = 30_000;
const ER_UNKNOWN_SYSTEM_VARIABLE = 1193;
/** MySQL's and MariaDB's own default, until a server has said what its limit is. */
const DEFAULT_PACKET_LIMIT = 16 * 1024 * 1024;

/**
 * Chooses the server of each new connection. All connections go to one host, so that the transactions of one program
 * never meet on different nodes of a Galera cluster, until that host refuses, hangs, or says that it cannot work; then
 * all go to the next. It is asked for pools by TypeORM (its option `driver`), and for sockets by mysql2 (`stream`).
 */
export class DatabaseHosts {
  readonly #options: DatabaseHostsOptions;
  readonly #opened = new Map<Key, Opened>();
  /** Signs of life on connections that nobody uses. */
  readonly #keptAlive = new Map<Connection, NodeJS.Timeout>();
  #current: DatabaseHost;
  #packetLimit = DEFAULT_PACKET_LIMIT;

  /** @param options names one host at least. */
  constructor(options: DatabaseHostsOptions) {
    const [first] = options.hosts;
    if (!first) throw new Error('there is no database host');
    this.#options = options;
    this.#current = first;
  }

  /** Most bytes of a statement, as the host said of itself to which the newest connection is. */
  get packetLimit(): number {
    return this.#packetLimit;
  }

  /** What TypeORM asks of mysql2. */
  createPool(options: PoolOptions): Pool {
    const pool = mysql.createPool({
      ...options,
      // As MariaDB does: JSON is handed over as text, and parsed in one place.
      jsonStrings: true,
      stream: ({ config }: { config: Key }) => this.#open(config),
    });
    pool.on('connection', (connection) => {
      this.#welcome(connection);
    });
    pool.on('release', (connection) => {
      this.#keepAlive(connection);
    });
    pool.on('acquire', (connection) => {
      this.#use(connection);
    });
    return pool;
  }

  /** Looks at the error of a statement: a host may answer, and yet be unable to work. */
  examine(error: unknown, { config }: Pick<Connection, 'config'>): void {
    const opened = this.#opened.get(config);
    if (opened && meansHostIsUnfit(error)) this.#leave(opened.host, error instanceof Error ? error.message : '');
  }

  /** Drops all connections: TypeORM forgets those that it has when it fails to connect. */
  async close(): Promise<void> {
    const closed = [...this.#opened.values()].map(({ socket }) => once(socket.destroy(), 'close'));
    await Promise.all(closed);
  }

  #open(key: Key): Socket {
    const host = this.#current;
    // Whose certificate is looked at: mysql2 takes the name from here.
    Object.assign(key, { host: host.hostname, port: host.port });
    const socket = connect({
      host: host.hostname,
      port: host.port,
      noDelay: true,
      keepAlive: true,
      keepAliveInitialDelay: MILLISECONDS_UNTIL_KEEPALIVE,
    });
    // Node.js notes a name here, and checks the certificate against it; of an address it does not, and would check against
    // "localhost".
    Object.assign(socket, { _host: host.hostname });
    const opened: Opened = { host, socket, ready: false };
    this.#opened.set(key, opened);
    let reason = 'it closed the connection before it was ready';
    socket.on('error', (error) => (reason = error.message));
    socket.once('close', () => {
      this.#opened.delete(key);
      // A connection that worked until now may have been closed for its own sake.
      if (!opened.ready) this.#leave(host, reason);
    });
    return socket;
  }

  #welcome(connection: PoolConnection): void {
    const opened = this.#opened.get(connection.config);
    if (opened) {
      opened.ready = true;
      opened.socket = (connection as unknown as { stream: Socket }).stream;
      this.#watch(opened);
      opened.socket.once('close', () => {
        this.#use(connection);
      });
    }
    // The pool itself listens for the first error only; without a listener, the next one would end the process.
    connection.on('error', () => undefined);
    // They go out ahead of the connection's first statement, and are waited for by nobody.
    const { statementTimeout } = this.#options;
    connection.query(sessionSettings(statementTimeout === null ? null : statementTimeout / 1000), (error) => {
      if (error) this.#refuse(connection, error);
    });
    connection.query(WAIT_FOR_CLUSTER, (error) => {
      if (error && error.errno !== ER_UNKNOWN_SYSTEM_VARIABLE) this.#refuse(connection, error);
    });
    connection.query<RowDataPacket[]>(READ_PACKET_LIMIT, (error, rows) => {
      if (!error) this.#packetLimit = Number(rows[0]?.['bytes']);
    });
  }

  /** A host that hangs leaves its connections open: only a statement without an answer tells. */
  #watch({ host, socket }: Opened): void {
    const { statementTimeout } = this.#options;
    if (statementTimeout === null) return;
    let answered = 0;
    socket.on('data', () => (answered = socket.bytesWritten));
    socket.setTimeout(statementTimeout, () => {
      // Otherwise the connection is merely idle.
      if (socket.bytesWritten <= answered) return;
      const reason = `no answer within ${statementTimeout / 1000} s`;
      this.#leave(host, reason);
      socket.destroy(lost(host, reason));
    });
  }

  #keepAlive(connection: Connection): void {
    this.#use(connection);
    const ping = (): void => {
      connection.ping(() => undefined);
    };
    this.#keptAlive.set(connection, setInterval(ping, KEEP_ALIVE_INTERVAL).unref());
  }

  #use(connection: Connection): void {
    clearInterval(this.#keptAlive.get(connection));
    this.#keptAlive.delete(connection);
  }

  #refuse(connection: Connection, error: Error): void {
    const host = this.#opened.get(connection.config)?.host;
    // Otherwise the connection is lost, which whoever uses it hears of.
    if (host) this.#options.onRefused(placeOf(host), error.message);
    connection.destroy();
  }

  #leave(host: DatabaseHost, reason: string): void {
    const { hosts, onChange } = this.#options;
    if (hosts.length === 1 || host !== this.#current) return;
    this.#current = hosts[(hosts.indexOf(host) + 1) % hosts.length] ?? host;
    onChange(placeOf(host), placeOf(this.#current), reason);
    for (const { host: other, socket } of [...this.#opened.values()]) {
      if (other === host) socket.destroy(lost(host, 'another host is used now'));
    }
  }
}

/** Most bytes of a statement. */
export function packetLimitOf({ options }: DataSource): number {
  const driver: unknown = 'driver' in options ? options.driver : null;
  return driver instanceof DatabaseHosts ? driver.packetLimit : DEFAULT_PACKET_LIMIT;
}

/** The code is one of those that mean a lost connection: the statement can be tried again. */
function lost(host: DatabaseHost, reason: string): Error {
  return Object.assign(new Error(`the database at ${placeOf(host)}: ${reason}`), { code: 'ECONNABORTED' });
}
