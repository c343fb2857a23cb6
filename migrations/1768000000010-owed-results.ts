import type { MigrationInterface, QueryRunner } from 'typeorm';

/** How many rows one statement reads. */
const PAGE = 100;

/**
 * The results that are owed: a row for each commit, in place of a mark on every operation that is set with the commit
 * and removed a moment later. A worker of the version before goes on with operations.owed_to, which workers of this
 * version still read.
 *
 * Each statement can be repeated, so the migration can be run again after it was interrupted.
 */
export class OwedResults1768000000010 implements MigrationInterface {
  readonly name = 'OwedResults1768000000010';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE IF NOT EXISTS owed_results (
        id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
        queue VARCHAR(255) NOT NULL,
        ends MEDIUMTEXT NOT NULL,
        committed_at DATETIME(6) NOT NULL,
        PRIMARY KEY (id),
        KEY owed_results_queue (queue)
      ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    if (!(await queryRunner.hasTable('owed_results'))) return;
    for (let rows = await owedResults(queryRunner); rows.length > 0; rows = await owedResults(queryRunner)) {
      for (const { id, queue, ends } of rows) {
        const owed = JSON.parse(ends) as [string, string][];
        await queryRunner.query(
          'UPDATE operations SET owed_to = ? WHERE id IN (?) AND COALESCE(end_id, id) IN (?) AND finished_at IS NOT NULL',
          [queue, owed.map(([operation]) => operation), owed.map(([, end]) => end)],
        );
        await queryRunner.query('DELETE FROM owed_results WHERE id = ?', [id]);
      }
    }
    await queryRunner.query('DROP TABLE owed_results');
  }
}

function owedResults(queryRunner: QueryRunner): Promise<{ id: string; queue: string; ends: string }[]> {
  return queryRunner.query('SELECT id, queue, ends FROM owed_results ORDER BY id LIMIT ?', [PAGE]);
}
