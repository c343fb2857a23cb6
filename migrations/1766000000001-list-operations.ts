import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Lists of operations, newest first. The first index has all that they can be filtered by, but for the node and the request,
 * which have their own: a filter that hardly any operation meets is told without reading the rows, which are large.
 */
export class ListOperations1766000000001 implements MigrationInterface {
  readonly name = 'ListOperations1766000000001';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      ALTER TABLE operations
        ADD KEY operations_started (started_at, id, method, conductor_host, network_provider, network_type, status),
        ADD KEY operations_request (request_id)`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      ALTER TABLE operations
        DROP KEY operations_started,
        DROP KEY operations_request`);
  }
}
