import { hash } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';

import { MigrationExecutor, type DataSource, type QueryRunner } from 'typeorm';

import { isTransientDatabaseError, meansDoneAlready, SchemaBehind, SchemaBusy } from './errors.js';
import { readBoolean, type Row } from './rows.js';

export interface MigrationStatus {
  name: string;
  applied: boolean;
}

/** Seconds for which one upgrade waits for another to end. */
const BUSY_TIMEOUT = 60;
/** Milliseconds between two attempts at the lock. */
const ATTEMPT_INTERVAL = 200;

/** Every migration that this program knows, oldest first, and whether the database has it. */
export async function schemaStatus(dataSource: DataSource, runner?: QueryRunner): Promise<MigrationStatus[]> {
  const executor = new MigrationExecutor(dataSource, runner);
  const pending = new Set((await executor.getPendingMigrations()).map(({ name }) => name));
  return dataSource.migrations.map(({ name = '' }) => ({ name, applied: !pending.has(name) }));
}

/**
 * Applies what is missing; answers with the names, oldest first.
 * @throws SchemaBusy when another upgrade or downgrade does not end in time
 */
export async function upgrade(dataSource: DataSource): Promise<string[]> {
  try {
    return await alone(dataSource, async (runner) => {
      const applied = await executorOn(dataSource, runner).executePendingMigrations();
      return applied.map(({ name }) => name);
    });
  } catch (error) {
    // On Galera the lock is one node's. Whoever works through another node has been faster, and goes on.
    if (meansDoneAlready(error) && (await becomesCurrent(dataSource))) return [];
    throw error;
  }
}

/**
 * Takes back the newest migrations, with what their tables hold.
 *
 * @param steps how many.
 * @returns the names, newest first; fewer than steps when there are no more.
 * @throws SchemaBusy when another upgrade or downgrade does not end in time
 */
export function downgrade(dataSource: DataSource, steps: number): Promise<string[]> {
  return alone(dataSource, async (runner) => {
    const undone: string[] = [];
    while (undone.length < steps) {
      const newest = (await schemaStatus(dataSource, runner)).filter(({ applied }) => applied).at(-1);
      if (!newest) break;
      await executorOn(dataSource, runner).undoLastMigration();
      undone.push(newest.name);
    }
    return undone;
  });
}

/** @throws SchemaBehind naming what is missing and the command that applies it. */
export async function assertSchemaCurrent(dataSource: DataSource): Promise<void> {
  const missing = (await schemaStatus(dataSource)).filter(({ applied }) => !applied).map(({ name }) => name);
  if (missing.length > 0) throw new SchemaBehind(missing);
}

/** Two that change the schema at the same time would trip over each other: statements that do so cannot be undone. */
async function alone<T>(dataSource: DataSource, work: (runner: QueryRunner) => Promise<T>): Promise<T> {
  const runner = dataSource.createQueryRunner();
  try {
    const lock = await lockOf(runner);
    await takeLock(runner, lock);
    try {
      return await work(runner);
    } finally {
      // A lost connection has given it back already.
      await runner.query('DO RELEASE_LOCK(?)', [lock]).catch((error: unknown) => {
        if (!isTransientDatabaseError(error)) throw error;
      });
    }
  } finally {
    await runner.release();
  }
}

/** The lock is the whole server's, and its name has at most 64 characters. No server need have SHA-1: MySQL 9 has not. */
async function lockOf(runner: QueryRunner): Promise<string> {
  const [row] = await runner.manager.query<Row[]>('SELECT DATABASE() AS name');
  return `netprov schema ${hash('sha1', String(row?.['name']))}`;
}

/** Waits here and not in the server: a statement that waits for a lock looks like one of a server that hangs. */
async function takeLock(runner: QueryRunner, lock: string): Promise<void> {
  const deadline = performance.now() + BUSY_TIMEOUT * 1000;
  for (;;) {
    const [row] = await runner.manager.query<Row[]>('SELECT GET_LOCK(?, 0) AS taken', [lock]);
    if (readBoolean(row?.['taken'] ?? null) === true) return;
    if (performance.now() >= deadline) throw new SchemaBusy(BUSY_TIMEOUT);
    await delay(ATTEMPT_INTERVAL);
  }
}

function executorOn(dataSource: DataSource, runner: QueryRunner): MigrationExecutor {
  const executor = new MigrationExecutor(dataSource, runner);
  executor.transaction = 'each';
  return executor;
}

async function becomesCurrent(dataSource: DataSource): Promise<boolean> {
  const deadline = performance.now() + BUSY_TIMEOUT * 1000;
  while (performance.now() < deadline) {
    if ((await schemaStatus(dataSource)).every(({ applied }) => applied)) return true;
    await delay(500);
  }
  return false;
}
