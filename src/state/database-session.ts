/** Seconds for which the server waits for a session that is silent in the middle of a transaction. */
const SILENCE = 3;
/** Seconds for which it waits for the rest of a statement that has begun to come, or to go on with an answer. */
const HALFWAY = 10;
/** Most seconds for which a statement waits for a lock. */
const LOCK_WAIT = 5;

/**
 * What each session is told, whatever the server's own settings are: in one statement, of which each server reads what is
 * meant for it. MariaDB alone reads what follows M!, MySQL alone what follows 80000.
 *
 * @param statementTimeout seconds after which a statement is given up; null: it may take, and wait for, as long as the server
 * lets it.
 */
export function sessionSettings(statementTimeout: number | null): string {
  const both = [
    // Times that the server itself fills in, as created_at, are UTC like all others.
    "time_zone = '+00:00'",
    // As oslo.db has it. Without backslash escapes, what the driver escapes would not be; without strictness, what does not
    // fit its column would be cut without a word.
    "sql_mode = 'TRADITIONAL'",
    'autocommit = 1',
    'foreign_key_checks = 1',
    'sql_safe_updates = 0',
    `net_read_timeout = ${HALFWAY}`,
    `net_write_timeout = ${HALFWAY}`,
  ];
  // A worker that was stopped or cut off in the middle of a transaction holds rows, and with them its successor up. MySQL
  // knows no time for transactions alone: there the session itself ends, and connections that are free are kept alive.
  const mariadb = [`idle_transaction_timeout = ${SILENCE}`, "tx_isolation = 'REPEATABLE-READ'"];
  const mysql = [`wait_timeout = ${SILENCE}`, "transaction_isolation = 'REPEATABLE-READ'"];
  if (statementTimeout !== null) {
    // A wait for a lock ends before its statement looks like one of a server that hangs.
    const wait = Math.max(1, Math.min(LOCK_WAIT, Math.floor(statementTimeout / 2)));
    both.push(`innodb_lock_wait_timeout = ${wait}`, `lock_wait_timeout = ${wait}`);
    // What nobody waits for any more ends at the server, too.
    mariadb.push(`max_statement_time = ${statementTimeout}`);
    mysql.push(`max_execution_time = ${Math.round(statementTimeout * 1000)}`);
  }
  return `SET SESSION ${both.join(', ')} /*M! , ${mariadb.join(', ')} */ /*!80000 , ${mysql.join(', ')} */`;
}

/** Milliseconds between two signs of life on a connection that is free. */
export const KEEP_ALIVE_INTERVAL = (SILENCE * 1000) / 3;

/**
 * On Galera, a read waits until this node has all that was committed on any: what the worker before us committed on another
 * node must be seen. MySQL does not have the variable, nor the need.
 */
export const WAIT_FOR_CLUSTER = 'SET SESSION wsrep_sync_wait = 1';

/** Most bytes of a statement, which the server refuses when it is longer. */
export const READ_PACKET_LIMIT = 'SELECT @@max_allowed_packet AS bytes';
