import { MigrationExecutor, type DataSource } from 'typeorm';

import { SchemaBehind } from './errors.js';

export interface MigrationStatus {
  name: string;
  applied: boolean;
}

/** Every migration that this program knows, oldest first, and whether the database has it. */
export async function schemaStatus(dataSource: DataSource): Promise<MigrationStatus[]> {
  const pending = new Set((await new MigrationExecutor(dataSource).getPendingMigrations()).map(({ name }) => name));
  return dataSource.migrations.map(({ name = '' }) => ({ name, applied: !pending.has(name) }));
}

/** Applies what is missing; answers with the names, oldest first. */
export async function upgrade(dataSource: DataSource): Promise<string[]> {
  return (await dataSource.runMigrations()).map(({ name }) => name);
}

/**
 * Takes back the newest migrations, with what their tables hold.
 *
 * @param steps how many.
 * @returns the names, newest first; fewer than steps when there are no more.
 */
export async function downgrade(dataSource: DataSource, steps: number): Promise<string[]> {
  const undone: string[] = [];
  while (undone.length < steps) {
    const newest = (await schemaStatus(dataSource)).filter(({ applied }) => applied).at(-1);
    if (!newest) break;
    await dataSource.undoLastMigration();
    undone.push(newest.name);
  }
  return undone;
}

/** @throws SchemaBehind naming what is missing and the command that applies it. */
export async function assertSchemaCurrent(dataSource: DataSource): Promise<void> {
  const missing = (await schemaStatus(dataSource)).filter(({ applied }) => !applied).map(({ name }) => name);
  if (missing.length > 0) throw new SchemaBehind(missing);
}
