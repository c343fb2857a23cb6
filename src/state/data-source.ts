import 'reflect-metadata';

import { DataSource } from 'typeorm';

import { CreateTables1763800000000 } from '../../migrations/1763800000000-create-tables.js';
import { AddNodeNetworkProvider1763800000001 } from '../../migrations/1763800000001-add-node-network-provider.js';
import { ExtendForFurtherMethods1764000000000 } from '../../migrations/1764000000000-extend-for-further-methods.js';
import { OwnQueues1765000000000 } from '../../migrations/1765000000000-own-queues.js';
import { NodeRow } from './entities/node.js';
import { OperationRow } from './entities/operation.js';
import { PortBindingRow } from './entities/port-binding.js';
import { PortRow } from './entities/port.js';
import { PortgroupRow } from './entities/portgroup.js';
import { QueueOwnerRow } from './entities/queue-owner.js';
import { WorkerRow } from './entities/worker.js';

export interface DatabaseOptions {
  /** mysql://user:password@host:port/database; oslo.db's mysql+pymysql:// is taken too. */
  connection: string;
  /** Most connections that are open at once. */
  maxPoolSize: number;
  /** How long one connection attempt may take, in milliseconds. */
  connectTimeout: number;
}

/**
 * Connects to MySQL or MariaDB.
 *
 * @throws Error when the URL is none, or the server cannot be reached or refuses; no message holds the password.
 */
export async function openDatabase(options: DatabaseOptions): Promise<DataSource> {
  const dataSource = new DataSource({
    type: 'mysql',
    ...connectionParts(options.connection),
    charset: 'utf8mb4',
    timezone: 'Z',
    poolSize: options.maxPoolSize,
    connectTimeout: options.connectTimeout,
    synchronize: false,
    migrationsTableName: 'migrations',
    migrationsTransactionMode: 'each',
    entities: [NodeRow, PortRow, PortgroupRow, PortBindingRow, OperationRow, QueueOwnerRow, WorkerRow],
    migrations: [
      CreateTables1763800000000,
      AddNodeNetworkProvider1763800000001,
      ExtendForFurtherMethods1764000000000,
      OwnQueues1765000000000,
    ],
    // Idle connections notice a server that is gone.
    extra: { enableKeepAlive: true },
  });
  return dataSource.initialize();
}

function connectionParts(connection: string): {
  host: string;
  port: number;
  username: string;
  password: string;
  database: string;
} {
  const url = URL.canParse(connection) ? new URL(connection) : undefined;
  if (!url || !/^(mysql|mariadb)(\+\w+)?:$/.test(url.protocol) || url.pathname.length < 2) {
    throw new Error('database.connection must be a URL such as mysql://user:password@127.0.0.1:3306/netprov');
  }
  return {
    host: url.hostname,
    port: Number(url.port || 3306),
    username: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
    database: decodeURIComponent(url.pathname.slice(1)),
  };
}
