import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * What operators had done through the REST API, by whom, and how it went; and of each worker, its build and when the
 * database last heard of it. A worker of the version before writes neither, so both columns may be NULL.
 *
 * Each statement can be repeated, so the migration can be run again after it was interrupted.
 */
export class OperatorActions1768000000020 implements MigrationInterface {
  readonly name = 'OperatorActions1768000000020';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE IF NOT EXISTS operator_actions (
        id CHAR(36) NOT NULL,
        kind VARCHAR(32) NOT NULL,
        user_id VARCHAR(255) NULL,
        user_name VARCHAR(255) NULL,
        project_id VARCHAR(255) NULL,
        request_id VARCHAR(255) NOT NULL,
        request JSON NOT NULL,
        status VARCHAR(16) NOT NULL,
        done INT UNSIGNED NOT NULL DEFAULT 0,
        total INT UNSIGNED NULL,
        report MEDIUMTEXT NULL,
        error TEXT NULL,
        started_at DATETIME(6) NOT NULL,
        seen_at DATETIME(6) NOT NULL,
        finished_at DATETIME(6) NULL,
        PRIMARY KEY (id),
        KEY operator_actions_started (started_at)
      ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin`);
    if (await queryRunner.hasColumn('workers', 'build')) return;
    await queryRunner.query(`
      ALTER TABLE workers ADD COLUMN build VARCHAR(255) NULL, ADD COLUMN seen_at DATETIME(6) NULL`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    if (await queryRunner.hasColumn('workers', 'build')) {
      await queryRunner.query('ALTER TABLE workers DROP COLUMN build, DROP COLUMN seen_at');
    }
    await queryRunner.query('DROP TABLE IF EXISTS operator_actions');
  }
}
