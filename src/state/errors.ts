import { QueryFailedError } from 'typeorm';

import { NetprovError } from '../errors.js';

/**
 * MySQL and MariaDB codes that mean: this server cannot do it, but another one of the same database may. The list does
 * not have 1205 (lock wait timeout) and 1213 (deadlock), because every server may return them. Galera also returns a
 * deadlock at COMMIT when another node was first.
 */
const UNFIT_HOST_CODES = new Set([
  // Galera: this node has left the cluster, was evicted from it, or has not joined it yet.
  'ER_UNKNOWN_COM_ERROR',
  // Galera: the node left the cluster while the transaction was being committed.
  'ER_ERROR_DURING_COMMIT',
  // The server was made read-only, for a failover.
  'ER_OPTION_PREVENTS_STATEMENT',
  'ER_READ_ONLY_MODE',
  'ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION',
  'ER_SERVER_SHUTDOWN',
  'ER_NORMAL_SHUTDOWN',
  'ER_DISK_FULL',
]);

/** MySQL and MariaDB codes that mean: the statement was correct, but the server could not do it now. */
const TRANSIENT_CODES = new Set([
  ...UNFIT_HOST_CODES,
  'ER_LOCK_DEADLOCK',
  'ER_LOCK_WAIT_TIMEOUT',
  // MariaDB 11.6 and later: another transaction has changed a row that this one had read.
  'ER_CHECKREAD',
  // MySQL's group replication: another node was first.
  'ER_TRANSACTION_ROLLBACK_DURING_COMMIT',
  // A migration has changed the table meanwhile.
  'ER_TABLE_DEF_CHANGED',
  'ER_CON_COUNT_ERROR',
  'ER_TOO_MANY_USER_CONNECTIONS',
  'ER_QUERY_INTERRUPTED',
  'ER_NEW_ABORTING_CONNECTION',
]);

/** Numbers of further transient errors, for which mysql2 has no name. */
const TRANSIENT_NUMBERS = new Set([
  // MariaDB: ER_CONNECTION_KILLED, ER_STATEMENT_TIMEOUT.
  1927, 1969,
  // MySQL: ER_QUERY_TIMEOUT, ER_CLIENT_INTERACTION_TIMEOUT.
  3024, 4031,
]);

/** Codes of Node.js sockets, and mysql2's own codes. */
const CONNECTION_CODES = /^(PROTOCOL_|POOL_|ECONN|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|EAI_AGAIN)/;

/** Whether an error of the database may pass by itself, so that the same statement can be retried. */
export function isTransientDatabaseError(error: unknown): boolean {
  const cause = causeOf(error);
  if (cause === null) return false;
  const { code, errno, fatal } = cause;
  if (typeof errno === 'number' && TRANSIENT_NUMBERS.has(errno)) return true;
  if (typeof code === 'string' && (TRANSIENT_CODES.has(code) || CONNECTION_CODES.test(code))) return true;
  // mysql2 marks errors after which the connection is unusable. Some of them can be recognized only by their text.
  return fatal === true || /closed state|connection (is )?lost|Pool is closed/i.test(cause.message);
}

/** Whether an error means that the server cannot work for now although it answers, so that another must be used. */
export function meansHostIsUnfit(error: unknown): boolean {
  const code = causeOf(error)?.code;
  return typeof code === 'string' && UNFIT_HOST_CODES.has(code);
}

/** Whether the database ended a transaction because another one used the same rows. It can be retried at once. */
export function isLockConflict(error: unknown): error is Error {
  const code = causeOf(error)?.code;
  return code === 'ER_LOCK_DEADLOCK' || code === 'ER_CHECKREAD';
}

/** Whether a row could not be added because one with the same key exists. */
export function isDuplicate(error: unknown): error is Error {
  return causeOf(error)?.code === 'ER_DUP_ENTRY';
}

/** The error codes of a migration that another program applies at the same moment. */
const DONE_ALREADY_CODES = new Set([
  'ER_TABLE_EXISTS_ERROR',
  'ER_DUP_FIELDNAME',
  'ER_DUP_KEYNAME',
  'ER_CANT_DROP_FIELD_OR_KEY',
  'ER_FK_DUP_NAME',
  'ER_DUP_ENTRY',
  'ER_LOCK_DEADLOCK',
]);

/** Whether a change of the schema failed because it was already made. */
export function meansDoneAlready(error: unknown): boolean {
  const code = causeOf(error)?.code;
  return typeof code === 'string' && DONE_ALREADY_CODES.has(code);
}

function causeOf(error: unknown): (Error & { code?: unknown; errno?: unknown; fatal?: unknown }) | null {
  const cause: unknown = error instanceof QueryFailedError ? error.driverError : error;
  return cause instanceof Error ? cause : null;
}

/** The schema lacks migrations that this program needs. Thrown at start; the operator runs `netprov db upgrade`. */
export class SchemaBehind extends NetprovError {
  readonly code = 'schema_behind';

  constructor(missing: readonly string[]) {
    super(`the database schema is out of date: ${missing.join(', ')} not applied. Run: netprov db upgrade`);
  }
}

/** Another worker has become the owner of a queue, so a commit of the previous owner was refused. */
export class EpochLost extends NetprovError {
  readonly code = 'epoch_lost';

  constructor(queues: readonly string[]) {
    super(`another worker acts for ${queues.join(', ')} now; nothing was committed`);
  }
}

/**
 * An operator has changed a node after it was looked up for an operation. Nothing was stored. The worker begins the
 * operation again, with the node as it is now.
 */
export class NodeChanged extends NetprovError {
  readonly code = 'node_changed';

  constructor(uuids: readonly string[]) {
    super(`node ${uuids.join(', ')} changed after it was read; nothing was committed`);
  }
}

/**
 * The server would refuse even a statement with only this row. Thrown before the statement is sent, because the server
 * would drop the connection.
 */
export class RowTooLarge extends NetprovError {
  readonly code = 'row_too_large';

  /** @param column the column with the longest value */
  constructor(table: string, column: string, bytes: number, limit: number) {
    super(
      `a row of table ${table} has ${bytes} bytes, most of them in ${column}, but the database accepts at most ` +
        `${limit} per statement: shorten the value, or raise the server's max_allowed_packet`,
    );
  }
}

/**
 * Another netprov is changing the schema and has not ended in time. Thrown by upgrade and downgrade; the operator
 * waits.
 */
export class SchemaBusy extends NetprovError {
  readonly code = 'schema_busy';

  constructor(seconds: number) {
    super(
      `another netprov db upgrade or downgrade is running on this database and did not finish within ${seconds} s: ` +
        'try again when it has finished',
    );
  }
}

/**
 * The marker of a requested page is not in the database, so the page cannot be found. The operator, or the API's
 * client, starts the list again without a marker.
 */
export class MarkerNotFound extends NetprovError {
  readonly code = 'marker_not_found';

  constructor(what: string, marker: string) {
    super(`marker: no ${what} on record has the id "${marker}"; start the list again without a marker`);
  }
}
