import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * What tells the ends of an operation apart that is done again, and the dead letter that one still owes. A worker of the
 * version before goes on beside one of this version: it writes neither.
 */
export class EndsAndOwedLetters1767000000020 implements MigrationInterface {
  readonly name = 'EndsAndOwedLetters1767000000020';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      ALTER TABLE operations
        ADD COLUMN end_id VARCHAR(64) NULL,
        ADD COLUMN owed_letter VARCHAR(64) NULL`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      ALTER TABLE operations
        DROP COLUMN end_id,
        DROP COLUMN owed_letter`);
  }
}
