import type { DataSource } from 'typeorm';

import { retry } from '../async/retry.js';
import type { Logger } from '../log/log.js';
import { assertSchemaCurrent } from '../state/index.js';
import { reaching } from './database-access.js';
import { DatabaseUnreachable } from './errors.js';

/** Milliseconds between two attempts to connect. */
const DELAYS = { initialDelay: 500, maxDelay: 10_000 };

/**
 * Connects a service to its database, and checks that the schema is current. It waits for a database that is away, as
 * it does for RabbitMQ: after a power failure of the whole site, the services may come up in any order.
 *
 * @param connect makes the connections
 * @param onFault gets the reason of each failed attempt
 * @throws SchemaBehind, the database's refusal, or the error of the last attempt when the signal is aborted
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
