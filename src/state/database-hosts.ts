import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

import mysql, {
  type Connection,
  type Pool,
  type PoolConnection,
  type PoolOptions,
  type ResultSetHeader,
  type RowDataPacket,
} from 'mysql2';
import type { DataSource } from 'typeorm';

import { KEEP_ALIVE_INTERVAL, READ_PACKET_LIMIT, sessionSettings, WAIT_FOR_CLUSTER } from './database-session.js';
import { type DatabaseHost, placeOf } from './database-url.js';
import { meansHostIsUnfit } from './errors.js';

export interface DatabaseHostsOptions {
  hosts: readonly DatabaseHost[];
  /** Milliseconds without an answer after which a host counts as hung. Null: no limit. */
  statementTimeout: number | null;
  /** Called when another host is used from now on. */
  onChange: (left: string, taken: string, reason: string) => void;
  /** Called when a host refuses our session settings. The connection is then closed. */
  onRefused: (place: string, reason: string) => void;
}

/** Identifies a connection: mysql2 makes a separate copy of the configuration for each one. */
type Key = Connection['config'];

/** The server's response to a statement: the rows of a SELECT, or the number of rows that another statement changed. */
type Answer = ResultSetHeader | RowDataPacket[];

interface Opened {
  host: DatabaseHost;
  /** The connection's socket. With TLS, another socket replaces it when the server has accepted us. */
  socket: Socket;
  /** Whether the server has accepted us. */
  ready: boolean;
}

const MILLISECONDS_UNTIL_KEEPALIVE = 30_000;
const ER_UNKNOWN_SYSTEM_VARIABLE = 1193;
/** Most connections for packets of several statements. */
const PACKET_CONNECTIONS = 2;
/** MySQL's and MariaDB's default for max_allowed_packet, used until a server has told its own limit. */
const DEFAULT_PACKET_LIMIT = 16 * 1024 * 1024;

/**
 * Chooses the server of each new connection. All connections go to one host, so that the transactions of one program
 * never meet on different nodes of a Galera cluster. When that host refuses, hangs, or says that it cannot work, all
 * connections go to the next host. TypeORM gets its pools from this class (option `driver`), and mysql2 gets its
 * sockets (`stream`).
 */
export class DatabaseHosts {
  readonly #options: DatabaseHostsOptions;
  readonly #opened = new Map<Key, Opened>();
  /** Timers that ping idle connections. */
  readonly #keptAlive = new Map<Connection, NodeJS.Timeout>();
  #current: DatabaseHost;
  #packetLimit = DEFAULT_PACKET_LIMIT;
  /** Connections that accept several statements in a packet. Only `transact` uses them. */
  #packets: Pool | null = null;

  /** @param options with at least one host */
  constructor(options: DatabaseHostsOptions) {
    const [first] = options.hosts;
    if (!first) throw new Error('no database host is configured');
    this.#options = options;
    this.#current = first;
  }

  /** The most bytes of a statement, as told by the host of the newest connection. */
  get packetLimit(): number {
    return this.#packetLimit;
  }

  /** Creates a pool. TypeORM calls this in place of mysql2's function. */
  createPool(options: PoolOptions): Pool {
    const pool = this.#makePool(options);
    const packets = this.#makePool({ ...options, multipleStatements: true, connectionLimit: PACKET_CONNECTIONS });
    this.#packets = packets;
    const end = pool.end.bind(pool);
    // TypeORM ends only the pool that it knows.
    pool.end = (done?: Parameters<Pool['end']>[0]) => {
      packets.end();
      end(done);
    };
    return pool;
  }

  /**
   * Runs a transaction in two packets, so that it costs two round trips: the statements of the first, and then those of
   * the second with COMMIT. The server runs them one after the other, and none after one that fails. When one fails, or
   * `next` throws, the connection is closed, which rolls the transaction back.
   *
   * Each statement must have its values in it, escaped.
   *
   * @param next gets the server's answers to the first statements, and returns those of the second packet
   * @returns the server's answers to the statements of the second packet
   * @throws the database's errors, and those of `next`
   */
  async transact(first: readonly string[], next: (answers: readonly Answer[]) => readonly string[]): Promise<Answer[]> {
    const connection = await this.#packetConnection();
    try {
      const [, ...known] = await this.#send(connection, ['START TRANSACTION', ...first]);
      const answers = await this.#send(connection, [...next(known), 'COMMIT']);
      connection.release();
      return answers;
    } catch (error) {
      connection.destroy();
      throw error;
    }
  }

  #packetConnection(): Promise<PoolConnection> {
    return new Promise((resolve, reject) => {
      if (this.#packets === null) throw new Error('the database is not connected');
      this.#packets.getConnection((error, connection) => {
        if (error) reject(error);
        else resolve(connection);
      });
    });
  }

  #send(connection: PoolConnection, statements: readonly string[]): Promise<Answer[]> {
    return new Promise((resolve, reject) => {
      // Without values, mysql2 does not search the text for placeholders.
      connection.query<ResultSetHeader[]>(statements.join(';'), null, (error, answers) => {
        if (error) {
          this.examine(error, connection);
          reject(error);
        } else resolve(answers);
      });
    });
  }

  #makePool(options: PoolOptions): Pool {
    const pool = mysql.createPool({
      ...options,
      // Return JSON as text, as MariaDB does, so that we parse it in one place.
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

  /** Examines the error of a statement. It may show that a host cannot work although it answers. */
  examine(error: unknown, { config }: Pick<Connection, 'config'>): void {
    const opened = this.#opened.get(config);
    if (opened && meansHostIsUnfit(error)) this.#leave(opened.host, error instanceof Error ? error.message : '');
  }

  /** Drops all connections. This is needed because TypeORM does not close its connections when it fails to connect. */
  async close(): Promise<void> {
    const closed = [...this.#opened.values()].map(({ socket }) => once(socket.destroy(), 'close'));
    await Promise.all(closed);
  }

  #open(key: Key): Socket {
    const host = this.#current;
    // mysql2 takes the name that the certificate must have from here.
    Object.assign(key, { host: host.hostname, port: host.port });
    const socket = connect({
      host: host.hostname,
      port: host.port,
      noDelay: true,
      keepAlive: true,
      keepAliveInitialDelay: MILLISECONDS_UNTIL_KEEPALIVE,
    });
    // Node.js sets this field to a host's name, and checks the certificate against it. It does not set it for an IP
    // address, and would then check against "localhost".
    Object.assign(socket, { _host: host.hostname });
    const opened: Opened = { host, socket, ready: false };
    this.#opened.set(key, opened);
    let reason = 'it closed the connection before it was ready';
    socket.on('error', (error) => (reason = error.message));
    socket.once('close', () => {
      this.#opened.delete(key);
      // If the connection was ready before, its loss does not mean that the host is unfit.
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
    // The pool itself listens only for the first error. Without a listener, the next one would end the process.
    connection.on('error', () => undefined);
    // These statements are sent before the connection's first statement, and nobody waits for them.
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

  /** Detects a host that hangs. It leaves its connections open, so the only sign is a statement without an answer. */
  #watch({ host, socket }: Opened): void {
    const { statementTimeout } = this.#options;
    if (statementTimeout === null) return;
    let answered = 0;
    socket.on('data', () => (answered = socket.bytesWritten));
    socket.setTimeout(statementTimeout, () => {
      // If everything that we sent was answered, the connection is only idle.
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
    // Without a host, the connection is already lost, and its user gets that error.
    if (host) this.#options.onRefused(placeOf(host), error.message);
    connection.destroy();
  }

  #leave(host: DatabaseHost, reason: string): void {
    const { hosts, onChange } = this.#options;
    if (hosts.length === 1 || host !== this.#current) return;
    this.#current = hosts[(hosts.indexOf(host) + 1) % hosts.length] ?? host;
    onChange(placeOf(host), placeOf(this.#current), reason);
    for (const { host: other, socket } of [...this.#opened.values()]) {
      if (other === host) socket.destroy(lost(host, 'netprov switched to another host'));
    }
  }
}

/** The hosts of a data source. Null: it was not opened by openDatabase. */
export function hostsOf({ options }: DataSource): DatabaseHosts | null {
  const driver: unknown = 'driver' in options ? options.driver : null;
  return driver instanceof DatabaseHosts ? driver : null;
}

/** The most bytes of a statement. */
export function packetLimitOf(dataSource: DataSource): number {
  return hostsOf(dataSource)?.packetLimit ?? DEFAULT_PACKET_LIMIT;
}

/** The error of a lost connection. Its code means that the statement can be retried. */
function lost(host: DatabaseHost, reason: string): Error {
  return Object.assign(new Error(`the database at ${placeOf(host)}: ${reason}`), { code: 'ECONNABORTED' });
}
