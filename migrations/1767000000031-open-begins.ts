import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Which begins of an operation are counted in begun: one that is noted again, since the answer to it was lost, is counted
 * once. A worker of the version before leaves it as it is, and counts without it.
 */
export class OpenBegins1767000000031 implements MigrationInterface {
  readonly name = 'OpenBegins1767000000031';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('ALTER TABLE operations ADD COLUMN open_begins VARCHAR(255) NULL');
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('ALTER TABLE operations DROP COLUMN open_begins');
  }
}
