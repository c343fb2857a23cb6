import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Operations in the order in which they were first recorded. The table is a log: rows are added at its end and deleted
 * at its beginning. Ordered by the ids of messages, which are random, each new row went to another page of the table.
 *
 * Both statements are atomic: if one is interrupted, the table is as before, and the migration can be run again.
 * While one runs, workers cannot write operations. They wait, and go on afterwards.
 */
export class OperationsLog1768000000000 implements MigrationInterface {
  readonly name = 'OperationsLog1768000000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    if (await queryRunner.hasColumn('operations', 'seq')) return;
    await queryRunner.query(`
      ALTER TABLE operations
        ADD COLUMN seq BIGINT UNSIGNED NOT NULL AUTO_INCREMENT FIRST,
        DROP PRIMARY KEY,
        ADD PRIMARY KEY (seq),
        ADD UNIQUE KEY operations_id (id),
        DROP KEY operations_started,
        ADD KEY operations_started (started_at, seq, method, conductor_host, network_provider, network_type, status)`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    if (!(await queryRunner.hasColumn('operations', 'seq'))) return;
    await queryRunner.query(`
      ALTER TABLE operations
        DROP KEY operations_started,
        ADD KEY operations_started (started_at, id, method, conductor_host, network_provider, network_type, status),
        DROP KEY operations_id,
        DROP COLUMN seq,
        DROP PRIMARY KEY,
        ADD PRIMARY KEY (id)`);
  }
}
