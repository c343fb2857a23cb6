import mysql from 'mysql2/promise';

import { REFUSED_TYPE } from '../plan/answers.js';

/**
 * A record of outcomes that is independent of the workers: a trigger notes each write of an operation's result, in the
 * database's order and with the database's clock. It shows an outcome that is recorded twice, and the true order when a
 * worker's clock is wrong.
 */
const STATEMENTS = [
  `CREATE TABLE chaos_outcomes (
     seq BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
     operation_id VARCHAR(64) NOT NULL,
     written_at DATETIME(6) NOT NULL,
     result LONGTEXT NOT NULL
   ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin`,
  `CREATE TRIGGER chaos_inserted AFTER INSERT ON operations FOR EACH ROW
     IF NEW.result IS NOT NULL THEN
       INSERT INTO chaos_outcomes (operation_id, written_at, result) VALUES (NEW.id, NOW(6), NEW.result);
     END IF`,
  `CREATE TRIGGER chaos_updated AFTER UPDATE ON operations FOR EACH ROW
     IF NEW.result IS NOT NULL AND (OLD.result IS NULL OR NOT (OLD.finished_at <=> NEW.finished_at)
       OR OLD.result <> NEW.result) THEN
       INSERT INTO chaos_outcomes (operation_id, written_at, result) VALUES (NEW.id, NOW(6), NEW.result);
     END IF`,
];

/**
 * Makes the database refuse certain bindings permanently, although they pass every check of the worker. This stands for
 * a fault that nobody expected.
 */
const REFUSAL = `CREATE TRIGGER chaos_refused BEFORE INSERT ON port_bindings FOR EACH ROW
  IF NEW.vif_type = '${REFUSED_TYPE}' THEN SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'refused by script/chaos'; END IF`;

/** @param connection URL of the workers' database, which must have its schema already */
export async function installWitness(connection: string): Promise<void> {
  const database = await mysql.createConnection(connection);
  try {
    for (const statement of [...STATEMENTS, REFUSAL]) await database.query(statement);
  } finally {
    await database.end();
  }
}
