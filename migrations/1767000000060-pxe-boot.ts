import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Whether a node's boot interface has the capability pxe_boot, where the conductor says so. */
export class PxeBoot1767000000060 implements MigrationInterface {
  readonly name = 'PxeBoot1767000000060';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('ALTER TABLE nodes ADD COLUMN pxe_boot BOOLEAN NULL');
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('ALTER TABLE nodes DROP COLUMN pxe_boot');
  }
}
