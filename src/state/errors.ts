import { QueryFailedError } from 'typeorm';

/** MySQL and MariaDB codes that mean: the statement was fine, the server was not. */
const TRANSIENT_CODES = new Set([
  'ER_LOCK_DEADLOCK',
  'ER_LOCK_WAIT_TIMEOUT',
  'ER_CON_COUNT_ERROR',
  'ER_TOO_MANY_USER_CONNECTIONS',
  'ER_SERVER_SHUTDOWN',
  'ER_NORMAL_SHUTDOWN',
  'ER_QUERY_INTERRUPTED',
  'ER_CONNECTION_KILLED',
  'ER_NEW_ABORTING_CONNECTION',
  // Galera: this node has left the cluster or is not yet part of it.
  'ER_UNKNOWN_COM_ERROR',
  // A server that was made read-only, for a failover.
  'ER_OPTION_PREVENTS_STATEMENT',
  'ER_DISK_FULL',
]);

/** Codes of Node.js sockets and of mysql2 itself. */
const CONNECTION_CODES = /^(PROTOCOL_|POOL_|ECONN|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|EAI_AGAIN)/;

/** Whether an error of the database may pass by itself: the same statement can be tried again. */
export function isTransientDatabaseError(error: unknown): boolean {
  const cause: unknown = error instanceof QueryFailedError ? error.driverError : error;
  if (!(cause instanceof Error)) return false;
  const { code, fatal } = cause as Error & { code?: unknown; fatal?: unknown };
  if (typeof code === 'string' && (TRANSIENT_CODES.has(code) || CONNECTION_CODES.test(code))) return true;
  // mysql2 marks errors after which the connection cannot be used, and names some of them by text alone.
  return fatal === true || /closed state|connection (is )?lost|Pool is closed/i.test(cause.message);
}

/** The schema lacks migrations that this program needs. Thrown at start; the operator runs `netprov db upgrade`. */
export class SchemaBehind extends Error {
  readonly code = 'SCHEMA_BEHIND';

  constructor(missing: readonly string[]) {
    super(`the database schema is behind: ${missing.join(', ')} not applied. Run: netprov db upgrade`);
    this.name = 'SchemaBehind';
  }
}

/** Another worker has become the owner of a queue: what its owner before wanted to commit was refused. */
export class EpochLost extends Error {
  readonly code = 'EPOCH_LOST';

  constructor(queues: readonly string[]) {
    super(`another worker acts for ${queues.join(', ')} now; nothing was committed`);
    this.name = 'EpochLost';
  }
}
