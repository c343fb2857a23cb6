import { randomUUID } from 'node:crypto';

import mysql from 'mysql2/promise';
import type { DataSource } from 'typeorm';

import { downgrade, openDatabase, schemaStatus, upgrade } from '../../src/state/index.js';
import { required } from './environment.js';

/** A database of a test file on the real server. */
export interface TestDatabase {
  /** Value for the option database.connection. */
  connection: string;
  dataSource: DataSource;
  /** database.connection for a new user with this password. */
  connectionWith(password: string): Promise<string>;
  /** Takes back all migrations after the one of this name. */
  backTo(migration: string): Promise<void>;
  /** Closes the connections and drops the database. */
  drop(): Promise<void>;
}

/** Makes a database on the server of NETPROV_DATABASE_URL, with the current schema unless `migrated` is false. */
export async function createDatabase({ migrated = true } = {}): Promise<TestDatabase> {
  const server = required('NETPROV_DATABASE_URL');
  const name = `netprov_test_${randomUUID().replaceAll('-', '')}`;
  await onServer(server, `CREATE DATABASE ${name}`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  const connection = url.toString();
  const dataSource = await openDatabase({ connection, maxPoolSize: 5, connectTimeout: 60_000 });
  if (migrated) await upgrade(dataSource);
  const users: string[] = [];
  return {
    connection,
    dataSource,
    connectionWith: async (password) => {
      const own = new URL(connection);
      own.username = `test_${randomUUID().slice(0, 8)}`;
      own.password = encodeURIComponent(password);
      users.push(own.username);
      await onServer(server, mysql.format('CREATE USER ? IDENTIFIED BY ?', [own.username, password]));
      await onServer(server, mysql.format(`GRANT ALL ON ${name}.* TO ?`, [own.username]));
      return own.toString();
    },
    backTo: async (migration) => {
      const names = (await schemaStatus(dataSource)).map(({ name }) => name);
      await downgrade(dataSource, names.length - 1 - names.indexOf(migration));
    },
    drop: async () => {
      await dataSource.destroy();
      for (const user of users) await onServer(server, mysql.format('DROP USER ?', [user]));
      await onServer(server, `DROP DATABASE ${name}`);
    },
  };
}

async function onServer(server: string, statement: string): Promise<void> {
  const connection = await mysql.createConnection(server);
  try {
    await connection.query(statement);
  } finally {
    await connection.end();
  }
}
