import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * What comparisons with Neutron found about nodes, and when. A worker of the version before neither reads nor writes it.
 */
export class NodeComparisons1768000000030 implements MigrationInterface {
  readonly name = 'NodeComparisons1768000000030';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE IF NOT EXISTS node_comparisons (
        node_uuid CHAR(36) NOT NULL,
        differs BOOLEAN NOT NULL,
        compared_at DATETIME(6) NOT NULL,
        PRIMARY KEY (node_uuid),
        CONSTRAINT node_comparisons_node_fk FOREIGN KEY (node_uuid) REFERENCES nodes (uuid) ON DELETE CASCADE
      ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE IF EXISTS node_comparisons');
  }
}
