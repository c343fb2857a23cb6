import 'reflect-metadata';

import type { Connection } from 'mysql2';
import { DataSource, type Logger as TypeormLogger } from 'typeorm';

import { CreateTables1763800000000 } from '../../migrations/1763800000000-create-tables.js';
import { AddNodeNetworkProvider1763800000001 } from '../../migrations/1763800000001-add-node-network-provider.js';
import { ExtendForFurtherMethods1764000000000 } from '../../migrations/1764000000000-extend-for-further-methods.js';
import { OwnQueues1765000000000 } from '../../migrations/1765000000000-own-queues.js';
import { Inventory1766000000000 } from '../../migrations/1766000000000-inventory.js';
import { ListOperations1766000000001 } from '../../migrations/1766000000001-list-operations.js';
import { EndsAndOwedLetters1767000000020 } from '../../migrations/1767000000020-ends-and-owed-letters.js';
import { Leases1767000000030 } from '../../migrations/1767000000030-leases.js';
import { OpenBegins1767000000031 } from '../../migrations/1767000000031-open-begins.js';
import { VifClaims1767000000050 } from '../../migrations/1767000000050-vif-claims.js';
import { PxeBoot1767000000060 } from '../../migrations/1767000000060-pxe-boot.js';
import { OwnerAndLessee1767000000070 } from '../../migrations/1767000000070-owner-and-lessee.js';
import { PortAndPortgroupFields1767000000080 } from '../../migrations/1767000000080-port-and-portgroup-fields.js';
import { OperationsLog1768000000000 } from '../../migrations/1768000000000-operations-log.js';
import { OwedResults1768000000010 } from '../../migrations/1768000000010-owed-results.js';
import { OperatorActions1768000000020 } from '../../migrations/1768000000020-operator-actions.js';
import { NodeComparisons1768000000030 } from '../../migrations/1768000000030-node-comparisons.js';
import { knowSecret, type Logger } from '../log/log.js';
import { DatabaseHosts } from './database-hosts.js';
import { type DatabaseTls, problemsOf, type Secure, secureOf, withParameters } from './database-tls.js';
import { DATABASE_URL_EXAMPLE, type DatabaseUrl, parseDatabaseUrl } from './database-url.js';
import { NodeRow } from './entities/node.js';
import { NodeComparisonRow } from './entities/node-comparison.js';
import { OperationRow } from './entities/operation.js';
import { OperatorActionRow } from './entities/operator-action.js';
import { OwedResultsRow } from './entities/owed-results.js';
import { PortRow } from './entities/port.js';
import { PortBindingRow } from './entities/port-binding.js';
import { PortgroupRow } from './entities/portgroup.js';
import { QueueOwnerRow } from './entities/queue-owner.js';
import { VifClaimRow } from './entities/vif-claim.js';
import { WorkerRow } from './entities/worker.js';
import { isTransientDatabaseError } from './errors.js';

export interface DatabaseOptions {
  /** mysql://user:password@host:port,host2:port/database. oslo.db's mysql+pymysql:// is accepted too. */
  connection: string;
  /** The most connections that are open at once. */
  maxPoolSize: number;
  /** Milliseconds for one attempt to connect to one host. */
  connectTimeout: number;
  /** Milliseconds without an answer after which a host counts as hung. Default: no limit. */
  statementTimeout?: number;
  /** TLS options. The URL's parameters override them. Default: no TLS. */
  tls?: DatabaseTls;
  /** Logs when another host is used, or when a host refuses our session settings. */
  log?: Logger;
}

const NO_TLS: DatabaseTls = {
  ssl: false,
  ssl_ca: null,
  ssl_cert: null,
  ssl_key: null,
  ssl_verify_cert: true,
  ssl_verify_identity: true,
};

/**
 * Connects to MySQL or MariaDB: to the first host that can be reached. If that host is lost later, it connects to
 * another.
 *
 * @throws Error when the URL is invalid or has unknown parameters, when a TLS file cannot be read, when no server can
 * be reached, or when a server refuses. No message contains the password.
 */
export async function openDatabase(options: DatabaseOptions): Promise<DataSource> {
  const url = parseDatabaseUrl(options.connection);
  if (!url) throw new Error(`database.connection must be ${DATABASE_URL_EXAMPLE}`);
  const [problem] = problemsOf(url.parameters);
  if (problem !== undefined) throw new Error(`database.connection: ${problem}`);
  knowSecret(url.password);
  const ssl = secureOf(withParameters(options.tls ?? NO_TLS, url.parameters));
  const hosts = new DatabaseHosts({
    hosts: url.hosts,
    statementTimeout: options.statementTimeout ?? null,
    onChange: (left, taken, reason) => {
      options.log?.warn('switched to another database host', { left, taken, reason });
    },
    onRefused: (host, reason) => {
      options.log?.error('the database refused the session settings that netprov needs', { host, error: reason });
    },
  });
  for (let attempt = 1; ; attempt++) {
    try {
      return await dataSourceOf(options, url, hosts, ssl).initialize();
    } catch (error) {
      await hosts.close();
      // The failed attempt has already switched to the next host.
      if (attempt >= url.hosts.length || !isTransientDatabaseError(error)) throw error;
    }
  }
}

function dataSourceOf(
  options: DatabaseOptions,
  url: DatabaseUrl,
  hosts: DatabaseHosts,
  ssl: Secure | undefined,
): DataSource {
  const { username, password, database } = url;
  return new DataSource({
    type: 'mysql',
    driver: hosts,
    username,
    password,
    database,
    charset: 'utf8mb4',
    timezone: 'Z',
    ssl,
    poolSize: options.maxPoolSize,
    connectTimeout: options.connectTimeout,
    synchronize: false,
    migrationsTableName: 'migrations',
    migrationsTransactionMode: 'each',
    entities: [
      NodeRow,
      NodeComparisonRow,
      PortRow,
      PortgroupRow,
      PortBindingRow,
      OperationRow,
      OperatorActionRow,
      OwedResultsRow,
      QueueOwnerRow,
      WorkerRow,
      VifClaimRow,
    ],
    migrations: [
      CreateTables1763800000000,
      AddNodeNetworkProvider1763800000001,
      ExtendForFurtherMethods1764000000000,
      OwnQueues1765000000000,
      Inventory1766000000000,
      ListOperations1766000000001,
      EndsAndOwedLetters1767000000020,
      Leases1767000000030,
      OpenBegins1767000000031,
      VifClaims1767000000050,
      PxeBoot1767000000060,
      OwnerAndLessee1767000000070,
      PortAndPortgroupFields1767000000080,
      OperationsLog1768000000000,
      OwedResults1768000000010,
      OperatorActions1768000000020,
      NodeComparisons1768000000030,
    ],
    logger: failedStatements(hosts),
  });
}

/** A logger for TypeORM that ignores everything but failed statements. These may show that a host is unfit. */
function failedStatements(hosts: DatabaseHosts): TypeormLogger {
  const ignore = (): void => undefined;
  return {
    logQueryError: (error, _query, _parameters, queryRunner) => {
      // Usually the runner already has the connection on which it sent the statement. Without one, there is no host to
      // examine.
      queryRunner?.connect().then(
        (connection: Connection) => {
          hosts.examine(error, connection);
        },
        () => undefined,
      );
    },
    logQuery: ignore,
    logQuerySlow: ignore,
    logSchemaBuild: ignore,
    logMigration: ignore,
    log: ignore,
  };
}
