import type { DataSource, EntityManager } from 'typeorm';

import type { Config } from '../config/load.js';
import type { Logger } from '../log/log.js';
import type { JournalEntry } from '../recovery/replay-plan.js';
import { noteEnds } from '../recovery/replay.js';
import {
  assertSchemaCurrent,
  type DatabaseOptions,
  downgrade,
  isTransientDatabaseError,
  type MigrationStatus,
  openDatabase,
  schemaStatus,
  upgrade,
} from '../state/index.js';
import { DatabaseUnreachable, UsageError } from './errors.js';

/**
 * Connects to the database of the configuration.
 * @param log is told when another of its hosts is used
 * @throws DatabaseUnreachable, or the database's refusal
 */
export function databaseOf({ database }: Config, log?: Logger): Promise<DataSource> {
  return reaching(() =>
    openDatabase({
      ...databaseOptions(database),
      statementTimeout: database.statement_timeout * 1000,
      ...(log && { log }),
    }),
  );
}

/** Milliseconds that a worker's lease at least waits for an answer before it tries another connection. */
const SHORTEST_TIMEOUT = 1000;

/**
 * Connects a worker's leases to the database: with one connection, which is given up when it brings no answer within a lease.
 * @throws DatabaseUnreachable, or the database's refusal
 */
export function leasesOf({ database, worker }: Config, log: Logger): Promise<DataSource> {
  const timeout = Math.max(SHORTEST_TIMEOUT, worker.lease * 1000);
  const options = databaseOptions(database);
  return reaching(() =>
    openDatabase({
      ...options,
      maxPoolSize: 1,
      connectTimeout: Math.min(options.connectTimeout, timeout),
      statementTimeout: timeout,
      log,
    }),
  );
}

/** How to connect to the database. */
export function databaseOptions(database: Config['database']): DatabaseOptions {
  return {
    connection: database.connection,
    tls: database,
    maxPoolSize: database.max_pool_size,
    connectTimeout: database.connect_timeout * 1000,
  };
}

/** Every migration, oldest first, and whether the database has it. */
export function statusOf(config: Config): Promise<MigrationStatus[]> {
  return withDatabase(config, schemaStatus);
}

/** Applies what is missing. Resolves with the names, oldest first. */
export function upgradeSchema(config: Config): Promise<string[]> {
  return withDatabase(config, upgrade);
}

/**
 * Takes back so many migrations, or those newer than a version: a migration's name, the number in it, or 0.
 * Resolves with the names, newest first.
 * @throws UsageError when no applied migration is called so
 */
export function downgradeSchema(config: Config, how: { steps: number } | { to: string }): Promise<string[]> {
  return withDatabase(config, async (dataSource) =>
    downgrade(dataSource, 'steps' in how ? how.steps : stepsTo(how.to, await schemaStatus(dataSource))),
  );
}

/** The ends of a journal's operations, noted on its entries. @throws SchemaBehind, DatabaseUnreachable */
export function noteRecordedEnds(
  config: Config,
  entries: readonly JournalEntry[],
  onProgress: (done: number, all: number) => void,
): Promise<void> {
  return withDatabase(config, async (dataSource) => {
    await assertSchemaCurrent(dataSource);
    await noteEnds(entries, dataSource.manager, onProgress);
  });
}

/** Opens the database for a command that reads or changes records, and closes it whatever happens. @throws SchemaBehind, DatabaseUnreachable */
export async function withRecords<T>(
  config: Config,
  work: (manager: EntityManager, dataSource: DataSource) => Promise<T>,
): Promise<T> {
  const dataSource = await databaseOf(config);
  try {
    return await reaching(async () => {
      await assertSchemaCurrent(dataSource);
      return work(dataSource.manager, dataSource);
    });
  } finally {
    await dataSource.destroy();
  }
}

/** A migration of large tables takes its time: here a statement may take any. */
async function withDatabase<T>({ database }: Config, work: (dataSource: DataSource) => Promise<T>): Promise<T> {
  const dataSource = await reaching(() => openDatabase(databaseOptions(database)));
  try {
    return await reaching(() => work(dataSource));
  } finally {
    await dataSource.destroy();
  }
}

/** Works on the database. @throws DatabaseUnreachable when it is lost meanwhile */
export async function reaching<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw isTransientDatabaseError(error) ? new DatabaseUnreachable(error) : error;
  }
}

function stepsTo(version: string, migrations: readonly MigrationStatus[]): number {
  const applied = migrations.filter((migration) => migration.applied).map(({ name }) => name);
  if (version === '0') return applied.length;
  const index = applied.findIndex((name) => name === version || /\d+$/.exec(name)?.[0] === version);
  if (index >= 0) return applied.length - 1 - index;
  throw new UsageError(`no applied migration is called ${version}; applied are: ${applied.join(', ') || 'none'}`);
}
