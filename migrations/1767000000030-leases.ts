import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * For how long the owner of a queue may act without asking, so that its successor waits as long, whatever its own lease is.
 * A worker of the version before leaves it NULL, and waits its own lease.
 */
export class Leases1767000000030 implements MigrationInterface {
  readonly name = 'Leases1767000000030';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('ALTER TABLE queue_owners ADD COLUMN lease INT UNSIGNED NULL');
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('ALTER TABLE queue_owners DROP COLUMN lease');
  }
}
