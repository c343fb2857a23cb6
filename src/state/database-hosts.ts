import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

import mysql, { type Connection, type Pool, type PoolConnection, type PoolOptions } from 'mysql2';

import { placeOf, type DatabaseHost } from './database-url.js';
import { meansHostIsUnfit } from './errors.js';

export interface DatabaseHostsOptions {
  hosts: readonly DatabaseHost[];
  /** Milliseconds without an answer after which a host counts as hung; null: it may take any time. */
  statementTimeout: number | null;
  /** Told when another host is taken. */
  onChange: (left: string, taken: string, reason: string) => void;
}

/** A connection is known by its configuration, of which mysql2 makes a copy for each. */
type Key = Connection['config'];

interface Opened {
  host: DatabaseHost;
  socket: Socket;
  /** Has the server let us in? */
  ready: boolean;
}

const MILLISECONDS_UNTIL_KEEPALIVE = 30_000;
const ER_UNKNOWN_SYSTEM_VARIABLE = 1193;

/** What each session is told. A server that does not know one of the variables goes without. */
const SESSION = [
  // Times that the server itself fills in, as created_at, are UTC like all others.
  "SET SESSION time_zone = '+00:00'",
  // On Galera, a read waits until this node has all that was committed on any: what the worker before us committed on
  // another node must be seen. MySQL does not have the variable, nor the need.
  'SET SESSION wsrep_sync_wait = 1',
  // Seconds. A worker that was stopped in the middle of a transaction holds rows, and with them its successor up. MySQL
  // has nothing of the kind: there, they are held until it closes the connection.
  'SET SESSION idle_transaction_timeout = 3',
];

/**
 * Chooses the server of each new connection. All connections go to one host, so that the transactions of one program
 * never meet on different nodes of a Galera cluster, until that host refuses, hangs, or says that it cannot work; then
 * all go to the next. It is asked for pools by TypeORM (its option `driver`), and for sockets by mysql2 (`stream`).
 */
export class DatabaseHosts {
  readonly #options: DatabaseHostsOptions;
  readonly #opened = new Map<Key, Opened>();
  #current: DatabaseHost;

  /** @param options names one host at least. */
  constructor(options: DatabaseHostsOptions) {
    const [first] = options.hosts;
    if (!first) throw new Error('there is no database host');
    this.#options = options;
    this.#current = first;
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
    const socket = connect({
      host: host.hostname,
      port: host.port,
      noDelay: true,
      keepAlive: true,
      keepAliveInitialDelay: MILLISECONDS_UNTIL_KEEPALIVE,
    });
    const opened: Opened = { host, socket, ready: false };
    this.#opened.set(key, opened);
    let reason = 'it closed the connection before it was ready';
    socket.on('error', (error) => (reason = error.message));
    socket.once('close', () => {
      this.#opened.delete(key);
      // A connection that worked until now may have been closed for its own sake.
      if (!opened.ready) this.#leave(host, reason);
    });
    this.#watch(opened);
    return socket;
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

  #welcome(connection: PoolConnection): void {
    const opened = this.#opened.get(connection.config);
    if (opened) opened.ready = true;
    // The pool itself listens for the first error only; without a listener, the next one would end the process.
    connection.on('error', () => undefined);
    // They go out ahead of the connection's first statement, and are waited for by nobody.
    for (const statement of SESSION) {
      connection.query(statement, (error) => {
        if (error && error.errno !== ER_UNKNOWN_SYSTEM_VARIABLE) connection.destroy();
      });
    }
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

/** The code is one of those that mean a lost connection: the statement can be tried again. */
function lost(host: DatabaseHost, reason: string): Error {
  return Object.assign(new Error(`the database at ${placeOf(host)}: ${reason}`), { code: 'ECONNABORTED' });
}
