import type { DataSource } from 'typeorm';

import { retry } from '../async/retry.js';
import type { Logger } from '../log/log.js';
import { assertSchemaCurrent } from '../state/index.js';
import { reaching } from './database.js';
import { DatabaseUnreachable } from './errors.js';

/** Milliseconds between two attempts to reach it. */
const DELAYS = { initialDelay: 500, maxDelay: 10_000 };

/**
 * Connects a service to its database, and sees to it that the schema is current. A database that is away is waited for, as
 * RabbitMQ is: after the whole site lost its power, who knows what comes first.
 *
 * @param connect makes the connections
 * @param onFault is told, each time, why it cannot be reached
 * @throws SchemaBehind, the database's refusal, or what the last attempt met when the signal is aborted
 */
export async function awaitDatabase(
  connect: () => Promise<DataSource>,
  log: Logger,
  signal: AbortSignal,
  onFault: (reason: string) => void,
): Promise<DataSource> {
  const dataSource = await retry(() => openCurrent(connect), {
    ...DELAYS,
    isTransient: (error) => error instanceof DatabaseUnreachable,
    signal: () => signal,
    onFault: ({ message }) => {
      log.warn('cannot connect to the database; trying again', { error: message });
      onFault(message);
    },
  });
  if (!signal.aborted) return dataSource;
  await dataSource.destroy();
  throw signal.reason;
}

async function openCurrent(connect: () => Promise<DataSource>): Promise<DataSource> {
  const dataSource = await connect();
  try {
    await reaching(() => assertSchemaCurrent(dataSource));
    return dataSource;
  } catch (error) {
    await dataSource.destroy();
    throw error;
  }
}
