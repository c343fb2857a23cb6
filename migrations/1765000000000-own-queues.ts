import type { MigrationInterface, QueryRunner } from 'typeorm';

const TABLE_OPTIONS = 'ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin';

const QUEUE_OWNERS = `
  CREATE TABLE queue_owners (
    queue VARCHAR(255) NOT NULL,
    epoch BIGINT UNSIGNED NOT NULL,
    worker_id CHAR(36) NULL,
    commits BIGINT UNSIGNED NOT NULL DEFAULT 0,
    taken_at DATETIME(6) NOT NULL,
    PRIMARY KEY (queue),
    KEY queue_owners_worker (worker_id)
  ) ${TABLE_OPTIONS}`;

const WORKERS = `
  CREATE TABLE workers (
    id CHAR(36) NOT NULL,
    name VARCHAR(255) NOT NULL,
    queues JSON NOT NULL,
    beat BIGINT UNSIGNED NOT NULL DEFAULT 0,
    started_at DATETIME(6) NOT NULL,
    PRIMARY KEY (id)
  ) ${TABLE_OPTIONS}`;

/**
 * Who acts for a conductor host, results that are still owed, operations that a worker died of, and nodes that a late
 * request may still touch. Every column that is added has a default: a worker of the version before goes on beside one
 * of this version.
 */
export class OwnQueues1765000000000 implements MigrationInterface {
  readonly name = 'OwnQueues1765000000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(QUEUE_OWNERS);
    await queryRunner.query(WORKERS);
    await queryRunner.query(`
      ALTER TABLE operations
        ADD COLUMN epoch BIGINT UNSIGNED NULL,
        ADD COLUMN owed_to VARCHAR(255) NULL,
        ADD COLUMN content_type VARCHAR(64) NULL,
        ADD COLUMN begun INT UNSIGNED NOT NULL DEFAULT 0,
        ADD COLUMN tried_alone INT UNSIGNED NOT NULL DEFAULT 0,
        ADD KEY operations_owed (owed_to),
        ADD KEY operations_finished (finished_at)`);
    await queryRunner.query(`
      ALTER TABLE nodes
        ADD COLUMN late_until DATETIME(6) NULL,
        ADD KEY nodes_late (late_until)`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('ALTER TABLE nodes DROP KEY nodes_late, DROP COLUMN late_until');
    await queryRunner.query(`
      ALTER TABLE operations
        DROP KEY operations_owed,
        DROP KEY operations_finished,
        DROP COLUMN epoch,
        DROP COLUMN owed_to,
        DROP COLUMN content_type,
        DROP COLUMN begun,
        DROP COLUMN tried_alone`);
    await queryRunner.query('DROP TABLE workers');
    await queryRunner.query('DROP TABLE queue_owners');
  }
}
