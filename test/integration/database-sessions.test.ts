import { randomUUID } from 'node:crypto';

import { expect } from 'chai';
import mysql from 'mysql2/promise';
import type { DataSource } from 'typeorm';

import { pause } from '../../src/async/pause.js';
import { readTask } from '../../src/contract/task.js';
import { parseDatabaseUrl } from '../../src/state/database-url.js';
import {
  isTransientDatabaseError,
  loadRecords,
  openDatabase,
  OwnershipStore,
  State,
  upgrade,
} from '../../src/state/index.js';
import { insertOrUpdate } from '../../src/state/rows.js';
import { patchOf, TestApi } from '../../testkit/fixtures/api-client.js';
import { Cleanup } from '../../testkit/fixtures/cleanup.js';
import { recordingLogger } from '../../testkit/fixtures/log.js';
import { performed } from '../../testkit/fixtures/recorded-operations.js';
import { rejection } from '../../testkit/fixtures/rejection.js';
import { samplePort, sampleTask } from '../../testkit/fixtures/samples.js';
import { TcpProxy } from '../../testkit/proxies/tcp-proxy.js';
import { createDatabase, type TestDatabase } from '../../testkit/servers/database.js';
import { OwnMariadb } from '../../testkit/servers/own-mariadb.js';

/** Opens a database as a service does. */
async function connect(opened: Cleanup, connection: string, statementTimeout = 30_000): Promise<DataSource> {
  const options = { connection, maxPoolSize: 5, connectTimeout: 10_000, statementTimeout };
  return opened.add(await openDatabase(options), (one) => one.destroy());
}

describe('A session of the database', () => {
  const opened = new Cleanup();
  let database: TestDatabase;
  before(async () => {
    database = await createDatabase();
  });
  afterEach(() => opened.run());
  after(() => database.drop());

  const storeOf = (dataSource: DataSource): OwnershipStore => new OwnershipStore(dataSource, dataSource);

  it('that falls silent during a transaction blocks its successor only for a short time', async () => {
    const [target] = parseDatabaseUrl(database.connection)?.hosts ?? [];
    if (!target) throw new Error('NETPROV_DATABASE_URL names no host');
    const proxy = opened.add(await TcpProxy.start(target), (one) => one.stop());
    const cutOff = await connect(opened, database.connection.replace(/@[^/]*\//, `@127.0.0.1:${proxy.port}/`));
    const queue = `queue-${randomUUID()}`;
    await storeOf(cutOff).take(queue, randomUUID(), 500);
    const runner = cutOff.createQueryRunner();
    await runner.startTransaction();
    await runner.query('UPDATE queue_owners SET commits = commits + 1 WHERE queue = ?', [queue]);
    proxy.hang();
    const successor = storeOf(await connect(opened, database.connection));
    // It waits for the lock less long than the server waits for the orphan, and tries again, as a worker does.
    let taken: { epoch: number } | null = null;
    for (let attempt = 1; taken === null; attempt++) {
      taken = await successor.take(queue, randomUUID(), 500).catch((error: unknown) => {
        if (!isTransientDatabaseError(error) || attempt === 3) throw error;
        return null;
      });
    }
    expect(taken.epoch).to.equal(2);
    proxy.resume();
    // The transaction is gone, and with it the connection.
    expect(isTransientDatabaseError(await rejection(runner.commitTransaction()))).to.equal(true);
    await runner.release();
  });

  it('waits for a lock up to its limit, and its server does not count as hung', async () => {
    const holder = opened.add(await mysql.createConnection(database.connection), (one) => one.end());
    const queue = `queue-${randomUUID()}`;
    const { log, lines } = recordingLogger();
    const statementTimeout = 4000;
    // A second host, so that it could be seen if the first were left.
    const [host] = /@[^/]*/.exec(database.connection) ?? [];
    const dataSource = opened.add(
      await openDatabase({
        connection: database.connection.replace(/@[^/]*/, `${host},127.0.0.1:9`),
        maxPoolSize: 5,
        connectTimeout: 10_000,
        statementTimeout,
        log,
      }),
      (one) => one.destroy(),
    );
    const store = storeOf(dataSource);
    await store.take(queue, randomUUID(), 500);
    await holder.query('SET autocommit = 0');
    await holder.query('UPDATE queue_owners SET commits = commits + 1 WHERE queue = ?', [queue]);
    const error = await rejection(store.take(queue, randomUUID(), 500));
    expect(error).to.have.property('code', 'ER_LOCK_WAIT_TIMEOUT');
    expect(isTransientDatabaseError(error)).to.equal(true);
    await holder.rollback();
    expect((await store.take(queue, randomUUID(), 500)).epoch).to.equal(2);
    expect(lines).to.deep.equal([]);
  });

  it('stays open while it is idle, even if the server closes silent sessions quickly', async () => {
    const dataSource = await connect(opened, database.connection);
    const id = async (): Promise<unknown> =>
      (await dataSource.query<{ id: unknown }[]>('SELECT CONNECTION_ID() AS id'))[0]?.id;
    const before = await id();
    await pause(4500);
    expect(await id()).to.equal(before);
  });
});

describe('A database with settings of its own', () => {
  const opened = new Cleanup();
  let server: OwnMariadb;
  let dataSource: DataSource;

  before(async () => {
    server = await OwnMariadb.start([
      '--sql-mode=ANSI_QUOTES,NO_BACKSLASH_ESCAPES,PIPES_AS_CONCAT',
      '--transaction-isolation=READ-UNCOMMITTED',
      '--autocommit=0',
      '--default-time-zone=+05:00',
      '--max-allowed-packet=64K',
    ]);
    dataSource = await connect(opened, server.url);
    await upgrade(dataSource);
  });
  after(async () => {
    await opened.run();
    await server.stop();
  });

  it('has these settings overridden in every session', async () => {
    const [row] = await dataSource.query<Record<string, unknown>[]>(
      'SELECT @@sql_mode AS mode, @@tx_isolation AS isolation, @@autocommit AS autocommit, @@time_zone AS zone',
    );
    expect(row).to.include({ isolation: 'REPEATABLE-READ', zone: '+00:00' });
    expect(Number(row?.['autocommit'])).to.equal(1);
    expect(String(row?.['mode']).split(',')).to.include('TRADITIONAL').and.not.include('NO_BACKSLASH_ESCAPES');
  });

  it('stores quotes and backslashes unchanged', async () => {
    const state = new State(dataSource, 200);
    const { epoch } = await new OwnershipStore(dataSource, dataSource).take('queue', randomUUID(), 1000);
    const odd = `\\'; DROP TABLE nodes; -- "\\" \\\\' ''`;
    const task = readTask(sampleTask({ name: odd }));
    await performed(state, { queue: 'queue', epoch }, 'add_cleaning_network', task, []);
    const record = (await loadRecords(dataSource.manager, [task.node.uuid])).get(task.node.uuid);
    expect(record?.task.node.name).to.equal(odd);
  });

  it('commits a group that is longer than max_allowed_packet', async () => {
    const state = new State(dataSource, 200);
    const { epoch } = await new OwnershipStore(dataSource, dataSource).take('queue', randomUUID(), 1000);
    const properties = { miimon: 'x'.repeat(1000) };
    const group = (): object => ({ uuid: randomUUID(), name: null, mode: '802.3ad', properties, extra: {} });
    const tasks = Array.from({ length: 100 }, () =>
      readTask({ ...sampleTask(), ports: [samplePort()], portgroups: [group()] }),
    );
    await Promise.all(
      tasks.map((task) => performed(state, { queue: 'queue', epoch }, 'add_cleaning_network', task, [])),
    );
    const records = await loadRecords(
      dataSource.manager,
      tasks.map(({ node }) => node.uuid),
    );
    expect(records.size).to.equal(tasks.length);
  });

  it('refuses a row that is longer than max_allowed_packet for good, and continues', async () => {
    const row = { id: randomUUID(), name: 'x', queues: { long: 'x'.repeat(70_000) }, started_at: '2026-01-01' };
    const columns = { id: 'new', name: 'new', queues: 'new', started_at: 'new' } as const;
    const error = await rejection(insertOrUpdate(dataSource.manager, 'workers', columns, [row]));
    expect(String(error)).to.contain('a row of table workers has 70').and.to.contain('max_allowed_packet');
    expect(String(error)).to.contain('most of them in queues');
    expect(isTransientDatabaseError(error)).to.equal(false);
    expect(await dataSource.query('SELECT 1 AS one')).to.deep.equal([{ one: 1 }]);
  });

  it("refuses an operator's change that is too long for the server, and names the field", async () => {
    const api = opened.add(await TestApi.start(dataSource), (one) => one.close());
    // Half of it: a quote is escaped in JSON, and that in the statement.
    const long = '"'.repeat(20_000);
    const refused = async (method: 'POST' | 'PATCH', url: string, body: unknown, field: string): Promise<void> => {
      const { status, fault } = await api.ask(method, url, body);
      expect([status, fault], url).to.satisfy(() => status === 413 && fault.includes(`most of them in ${field},`));
    };
    const node = String((await api.create('nodes', { extra: { a: 'x'.repeat(50_000) } }))['uuid']);
    const mac = { node_uuid: node, address: '52:54:00:00:00:01' };
    const port = String((await api.create('ports', mac))['uuid']);
    const group = String((await api.create('portgroups', { node_uuid: node }))['uuid']);
    await refused('POST', '/v1/nodes', { properties: { a: 'x' }, network_data: { long } }, 'network_data');
    await refused('POST', '/v1/ports', { ...mac, address: '52:54:00:00:00:02', extra: { long } }, 'extra');
    await refused('POST', '/v1/portgroups', { node_uuid: node, properties: { long } }, 'properties');
    await refused('PATCH', `/v1/nodes/${node}`, patchOf({ extra: { long } }), 'extra');
    await refused('PATCH', `/v1/ports/${port}`, patchOf({ extra: { long } }), 'extra');
    await refused('PATCH', `/v1/portgroups/${group}`, patchOf({ extra: { long } }), 'extra');
    // Each of them alone is short enough.
    expect(
      (await api.ask('PATCH', `/v1/nodes/${node}`, patchOf({ extra: { a: 'x'.repeat(50_000) } }))).status,
    ).to.equal(200);
    expect((await api.get(`/v1/ports/${port}`)).body['extra']).to.deep.equal({});
  });
});
