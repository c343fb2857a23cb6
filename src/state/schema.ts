import { hash } from 'node:crypto';

import { type DataSource, MigrationExecutor, type QueryRunner } from 'typeorm';

import { pause } from '../async/pause.js';
import { isTransientDatabaseError, meansDoneAlready, SchemaBehind, SchemaBusy } from './errors.js';
import { readBoolean, type Row } from './rows.js';

export interface MigrationStatus {
  name: string;
  applied: boolean;
}

/** Seconds that an upgrade or downgrade waits for another one to end. */
const BUSY_TIMEOUT = 60;
/** Milliseconds between two attempts to take the lock. */
const ATTEMPT_INTERVAL = 200;

/** Every migration that this program knows, oldest first, and whether it is applied to the database. */
export async function schemaStatus(dataSource: DataSource, runner?: QueryRunner): Promise<MigrationStatus[]> {
  const executor = new MigrationExecutor(dataSource, runner);
  const pending = new Set((await executor.getPendingMigrations()).map(({ name }) => name));
  return dataSource.migrations.map(({ name = '' }) => ({ name, applied: !pending.has(name) }));
}

/**
 * Applies the missing migrations. Returns their names, oldest first.
 * @throws SchemaBusy when another upgrade or downgrade does not end in time
 */
export async function upgrade(dataSource: DataSource): Promise<string[]> {
  try {
    return await alone(dataSource, async (runner) => {
      const applied = await executorOn(dataSource, runner).executePendingMigrations();
      return applied.map(({ name }) => name);
    });
  } catch (error) {
    // On Galera the lock holds on one node only. Another program, on another node, was faster and is still applying.
    if (meansDoneAlready(error) && (await becomesCurrent(dataSource))) return [];
    throw error;
  }
}

/**
 * Undoes the newest migrations. The data in their tables is lost.
 *
 * @param steps how many migrations to undo
 * @returns their names, newest first; fewer than `steps` when there are no more
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

/**
 * Checks that no migration is missing.
 * @throws SchemaBehind that names the missing ones and the command to apply them
 */
export async function assertSchemaCurrent(dataSource: DataSource): Promise<void> {
  const missing = (await schemaStatus(dataSource)).filter(({ applied }) => !applied).map(({ name }) => name);
  if (missing.length > 0) throw new SchemaBehind(missing);
}

/**
 * Does the work while holding a lock. Two programs that changed the schema at the same time would disturb each other,
 * and such statements cannot be rolled back.
 */
async function alone<T>(dataSource: DataSource, work: (runner: QueryRunner) => Promise<T>): Promise<T> {
  const runner = dataSource.createQueryRunner();
  try {
    const lock = await lockOf(runner);
    await takeLock(runner, lock);
    try {
      return await work(runner);
    } finally {
      // If the connection is lost, the server has already released the lock.
      await runner.query('DO RELEASE_LOCK(?)', [lock]).catch((error: unknown) => {
        if (!isTransientDatabaseError(error)) throw error;
      });
    }
  } finally {
    await runner.release();
  }
}

/**
 * Name of the lock for this database. It has the hash of the database's name, because locks are shared by the whole
 * server and their names have at most 64 characters. We compute the SHA-1 ourselves, because MySQL 9 has no such
 * function.
 */
async function lockOf(runner: QueryRunner): Promise<string> {
  const [row] = await runner.manager.query<Row[]>('SELECT DATABASE() AS name');
  return `netprov schema ${hash('sha1', String(row?.['name']))}`;
}

/**
 * Takes the lock, and waits for it in this process. If it waited in the server, the waiting statement would look as if
 * the server hung.
 */
async function takeLock(runner: QueryRunner, lock: string): Promise<void> {
  const deadline = performance.now() + BUSY_TIMEOUT * 1000;
  for (;;) {
    const [row] = await runner.manager.query<Row[]>('SELECT GET_LOCK(?, 0) AS taken', [lock]);
    if (readBoolean(row?.['taken'] ?? null) === true) return;
    if (performance.now() >= deadline) throw new SchemaBusy(BUSY_TIMEOUT);
    await pause(ATTEMPT_INTERVAL);
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
    await pause(500);
  }
  return false;
}
