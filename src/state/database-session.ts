/** Seconds that the server waits for a session that is silent in the middle of a transaction. */
const SILENCE = 3;
/** Seconds that the server waits for the rest of a statement, or until it can send more of an answer. */
const HALFWAY = 10;
/** The most seconds that a statement waits for a lock. */
const LOCK_WAIT = 5;

/**
 * The statement that sets up each session, independent of the server's own settings. One statement serves both kinds of
 * server: only MariaDB reads the part after M!, and only MySQL the part after 80000.
 *
 * @param statementTimeout seconds after which a statement is given up. Null: only the server's own limits apply.
 */
export function sessionSettings(statementTimeout: number | null): string {
  const both = [
    // Times that the server itself sets, such as created_at, must be in UTC like all others.
    "time_zone = '+00:00'",
    // The same mode as oslo.db. It allows backslash escapes, which the driver uses, and it is strict: otherwise the
    // server would silently cut a value that does not fit its column.
    "sql_mode = 'TRADITIONAL'",
    'autocommit = 1',
    'foreign_key_checks = 1',
    'sql_safe_updates = 0',
    `net_read_timeout = ${HALFWAY}`,
    `net_write_timeout = ${HALFWAY}`,
  ];
  // A worker that was stopped or cut off in the middle of a transaction holds row locks, which block its successor.
  // MySQL has no timeout for idle transactions only: it ends the whole session, so idle connections must be kept alive.
  const mariadb = [`idle_transaction_timeout = ${SILENCE}`, "tx_isolation = 'REPEATABLE-READ'"];
  const mysql = [`wait_timeout = ${SILENCE}`, "transaction_isolation = 'REPEATABLE-READ'"];
  if (statementTimeout !== null) {
    // The wait for a lock must end before the statement looks as if the server hung.
    const wait = Math.max(1, Math.min(LOCK_WAIT, Math.floor(statementTimeout / 2)));
    both.push(`innodb_lock_wait_timeout = ${wait}`, `lock_wait_timeout = ${wait}`);
    // When we have given up a statement, the server must end it too.
    mariadb.push(`max_statement_time = ${statementTimeout}`);
    mysql.push(`max_execution_time = ${Math.round(statementTimeout * 1000)}`);
  }
  return `SET SESSION ${both.join(', ')} /*M! , ${mariadb.join(', ')} */ /*!80000 , ${mysql.join(', ')} */`;
}

/** Milliseconds between two pings on an idle connection. */
export const KEEP_ALIVE_INTERVAL = (SILENCE * 1000) / 3;

/**
 * On Galera, makes a read wait until this node has everything that was committed on any node. It must see what the
 * previous worker committed on another node. MySQL neither has nor needs this variable.
 */
export const WAIT_FOR_CLUSTER = 'SET SESSION wsrep_sync_wait = 1';

/** Reads the most bytes of a statement. The server refuses longer ones. */
export const READ_PACKET_LIMIT = 'SELECT @@max_allowed_packet AS bytes';
