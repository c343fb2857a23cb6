import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What operators enroll through the REST API, beside what tasks say; and what it is looked up by. */
export class Inventory1766000000000 implements MigrationInterface {
  readonly name = 'Inventory1766000000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      ALTER TABLE nodes
        ADD COLUMN driver VARCHAR(255) NULL,
        ADD COLUMN properties JSON NULL,
        ADD COLUMN extra JSON NULL,
        ADD COLUMN resource_class VARCHAR(80) NULL,
        ADD COLUMN description TEXT NULL,
        ADD KEY nodes_name (name),
        ADD KEY nodes_driver (driver),
        ADD KEY nodes_resource_class (resource_class),
        ADD KEY nodes_provision_state (provision_state),
        ADD KEY nodes_instance (instance_uuid)`);
    for (const table of ['ports', 'portgroups']) {
      await queryRunner.query(`
        ALTER TABLE ${table}
          ADD COLUMN created_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
          ADD COLUMN updated_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6),
          ADD KEY ${table}_address (address)`);
    }
    await queryRunner.query('ALTER TABLE ports ADD KEY ports_portgroup (portgroup_uuid)');
    await queryRunner.query('ALTER TABLE portgroups ADD KEY portgroups_name (name)');
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('ALTER TABLE portgroups DROP KEY portgroups_name');
    await queryRunner.query('ALTER TABLE ports DROP KEY ports_portgroup');
    for (const table of ['portgroups', 'ports']) {
      await queryRunner.query(`
        ALTER TABLE ${table} DROP KEY ${table}_address, DROP COLUMN created_at, DROP COLUMN updated_at`);
    }
    await queryRunner.query(`
      ALTER TABLE nodes
        DROP KEY nodes_name,
        DROP KEY nodes_driver,
        DROP KEY nodes_resource_class,
        DROP KEY nodes_provision_state,
        DROP KEY nodes_instance,
        DROP COLUMN driver,
        DROP COLUMN properties,
        DROP COLUMN extra,
        DROP COLUMN resource_class,
        DROP COLUMN description`);
  }
}
