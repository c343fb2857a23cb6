import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What operators say of a port or a portgroup in newer versions of Ironic's API, and no task speaks of. */
export class PortAndPortgroupFields1767000000080 implements MigrationInterface {
  readonly name = 'PortAndPortgroupFields1767000000080';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      ALTER TABLE ports
        ADD COLUMN name VARCHAR(255) NULL,
        ADD COLUMN description VARCHAR(255) NULL,
        ADD COLUMN vendor VARCHAR(32) NULL,
        ADD COLUMN category VARCHAR(80) NULL,
        ADD COLUMN available_for_dynamic_portgroup BOOLEAN NULL,
        ADD KEY ports_name (name)`);
    await queryRunner.query(`
      ALTER TABLE portgroups
        ADD COLUMN category VARCHAR(80) NULL`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      ALTER TABLE portgroups
        DROP COLUMN category`);
    await queryRunner.query(`
      ALTER TABLE ports
        DROP KEY ports_name,
        DROP COLUMN name,
        DROP COLUMN description,
        DROP COLUMN vendor,
        DROP COLUMN category,
        DROP COLUMN available_for_dynamic_portgroup`);
  }
}
