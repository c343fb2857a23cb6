import type { Config } from '../config/load.js';
import type { DoctorContext } from '../doctor/finding.js';
import { silentLogger } from '../log/log.js';
import { openDatabase } from '../state/index.js';
import { connectionOptions, exchangeOptions } from './connect.js';
import { databaseOptions } from './database-access.js';

interface DoctorLimits {
  /** Time limit for the checks of each server, in seconds. */
  timeout: number;
  /** URL of RabbitMQ's management API, with user and password. */
  managementUrl?: URL;
}

/** What the checks need, from the configuration. */
export function doctorContextOf(config: Config, options: DoctorLimits): DoctorContext {
  const limit = options.timeout * 1000;
  // Messages of the servers' clients come back as findings, so they are not logged.
  const connection = connectionOptions(config, 'netprov doctor', silentLogger());
  // Half of the time limit, so that there is time left to report that the database hangs.
  const database = {
    ...databaseOptions(config.database),
    connectTimeout: limit / 2,
    statementTimeout: limit / 2,
    maxPoolSize: 2,
  };
  return {
    config,
    exchanges: exchangeOptions(config),
    connection,
    openDatabase: () => openDatabase(database),
    managementUrl: options.managementUrl ?? null,
    limit,
  };
}
