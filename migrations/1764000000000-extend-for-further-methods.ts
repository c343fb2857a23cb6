import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What version 1.1 of the interface needs of a node; and operations that are about no type of network. */
export class ExtendForFurtherMethods1764000000000 implements MigrationInterface {
  readonly name = 'ExtendForFurtherMethods1764000000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      ALTER TABLE nodes
        ADD COLUMN provision_state VARCHAR(255) NULL AFTER instance_info,
        ADD COLUMN boot_interface VARCHAR(255) NULL AFTER provision_state,
        ADD COLUMN network_data JSON NULL AFTER boot_interface,
        ADD COLUMN attached_vifs JSON NULL AFTER network_data`);
    await queryRunner.query('ALTER TABLE operations MODIFY network_type VARCHAR(32) NULL');
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    // The older schema has no place for them, and the older worker no use: they only asked.
    await queryRunner.query('DELETE FROM operations WHERE network_type IS NULL');
    await queryRunner.query('ALTER TABLE operations MODIFY network_type VARCHAR(32) NOT NULL');
    await queryRunner.query(`
      ALTER TABLE nodes
        DROP COLUMN provision_state,
        DROP COLUMN boot_interface,
        DROP COLUMN network_data,
        DROP COLUMN attached_vifs`);
  }
}
