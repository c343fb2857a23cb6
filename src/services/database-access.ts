import type { DataSource, EntityManager } from 'typeorm';

import type { Config } from '../config/load.js';
import type { Logger } from '../log/log.js';
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
 *
 * @param log logs when another database host is used
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

/** Shortest timeout, in milliseconds, after which a worker's lease tries another connection. */
const SHORTEST_TIMEOUT = 1000;

/**
 * Connects a worker's leases to the database. They use one connection, which is given up if it brings no answer within
 * the duration of a lease.
 *
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

/** Options of the connection to the database. */
export function databaseOptions(database: Config['database']): DatabaseOptions {
  return {
    connection: database.connection,
    tls: database,
    maxPoolSize: database.max_pool_size,
    connectTimeout: database.connect_timeout * 1000,
  };
}

/** Every migration, oldest first, and whether it was applied to the database. */
export function statusOf(config: Config): Promise<MigrationStatus[]> {
  return withDatabase(config, schemaStatus);
}

/** Applies the missing migrations. Resolves with their names, oldest first. */
export function upgradeSchema(config: Config): Promise<string[]> {
  return withDatabase(config, upgrade);
}

/**
 * Reverts a number of migrations, or those newer than a version: a migration's name, the number in it, or 0. Resolves
 * with their names, newest first.
 *
 * @throws UsageError when no applied migration has that name or number
 */
export function downgradeSchema(config: Config, how: { steps: number } | { to: string }): Promise<string[]> {
  return withDatabase(config, async (dataSource) =>
    downgrade(dataSource, 'steps' in how ? how.steps : stepsTo(how.to, await schemaStatus(dataSource))),
  );
}

/**
 * Opens the database for a command that reads or changes records, and always closes it afterwards.
 *
 * @throws SchemaBehind, DatabaseUnreachable
 */
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

/** Opens the database for migrations. Statements have no timeout here, because migrations of large tables take long. */
async function withDatabase<T>({ database }: Config, work: (dataSource: DataSource) => Promise<T>): Promise<T> {
  const dataSource = await reaching(() => openDatabase(databaseOptions(database)));
  try {
    return await reaching(() => work(dataSource));
  } finally {
    await dataSource.destroy();
  }
}

/**
 * Works on the database.
 *
 * @throws DatabaseUnreachable when the connection is lost meanwhile
 */
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
  throw new UsageError(
    `no applied migration has the name ${version}; applied migrations: ${applied.join(', ') || 'none'}`,
  );
}
