import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Lists of operations, newest first: of all, of those with a status, and those of one request. */
export class ListOperations1766000000001 implements MigrationInterface {
  readonly name = 'ListOperations1766000000001';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      ALTER TABLE operations
        ADD KEY operations_started (started_at),
        ADD KEY operations_status (status, started_at),
        ADD KEY operations_request (request_id)`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      ALTER TABLE operations
        DROP KEY operations_started,
        DROP KEY operations_status,
        DROP KEY operations_request`);
  }
}
