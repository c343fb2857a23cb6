import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Adds nodes.network_provider. NULL means: use the option default_network_provider.
 *
 * Source: the specification "Pluggable network providers", Data model impact.
 */
export class AddNodeNetworkProvider1763800000001 implements MigrationInterface {
  readonly name = 'AddNodeNetworkProvider1763800000001';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('ALTER TABLE nodes ADD COLUMN network_provider VARCHAR(255) NULL AFTER name');
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('ALTER TABLE nodes DROP COLUMN network_provider');
  }
}
