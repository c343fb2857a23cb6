import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Who has a VIF: found by the VIF, and claimed by one operation at a time while it attaches it. */
export class VifClaims1767000000050 implements MigrationInterface {
  readonly name = 'VifClaims1767000000050';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE vif_claims (
        vif_id VARCHAR(255) NOT NULL PRIMARY KEY,
        node_uuid CHAR(36) NOT NULL,
        operation_id VARCHAR(64) NOT NULL,
        claimed_at DATETIME(6) NOT NULL,
        KEY vif_claims_operation (operation_id)
      ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin`);
    await queryRunner.query('ALTER TABLE port_bindings ADD KEY port_bindings_vif (neutron_port_id)');
    // Stored, not virtual: while a Galera node that was away catches up, MariaDB takes memory without end for an index on a virtual one.
    for (const table of ['ports', 'portgroups']) {
      await queryRunner.query(`
        ALTER TABLE ${table}
          ADD COLUMN tenant_vif VARCHAR(255)
            GENERATED ALWAYS AS (LEFT(JSON_VALUE(internal_info, '$.tenant_vif_port_id'), 255)) STORED,
          ADD KEY ${table}_tenant_vif (tenant_vif)`);
    }
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    for (const table of ['ports', 'portgroups']) {
      await queryRunner.query(`ALTER TABLE ${table} DROP KEY ${table}_tenant_vif, DROP COLUMN tenant_vif`);
    }
    await queryRunner.query('ALTER TABLE port_bindings DROP KEY port_bindings_vif');
    await queryRunner.query('DROP TABLE vif_claims');
  }
}
