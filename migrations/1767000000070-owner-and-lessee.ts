import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The projects that own and lease a node: who may see and change it through the REST API. */
export class OwnerAndLessee1767000000070 implements MigrationInterface {
  readonly name = 'OwnerAndLessee1767000000070';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      ALTER TABLE nodes
        ADD COLUMN owner VARCHAR(255) NULL,
        ADD COLUMN lessee VARCHAR(255) NULL,
        ADD KEY nodes_owner (owner),
        ADD KEY nodes_lessee (lessee)`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      ALTER TABLE nodes
        DROP KEY nodes_owner,
        DROP KEY nodes_lessee,
        DROP COLUMN owner,
        DROP COLUMN lessee`);
  }
}
