import { hash } from 'node:crypto';

import { expect } from 'chai';
import type { DataSource } from 'typeorm';

import { pause } from '../../src/async/pause.js';
import { parseDatabaseUrl } from '../../src/state/database-url.js';
import { isTransientDatabaseError, openDatabase, schemaStatus, upgrade } from '../../src/state/index.js';
import { recordingLogger } from '../../testkit/fixtures/log.js';
import { until } from '../../testkit/fixtures/poll.js';
import { rejection } from '../../testkit/fixtures/rejection.js';
import { TcpProxy } from '../../testkit/proxies/tcp-proxy.js';
import { createDatabase, type TestDatabase } from '../../testkit/servers/database.js';

/** Milliseconds, where a host hangs. Where none does, a statement may take its time: the machine may be slow. */
const TIMEOUT = 2000;
const LONG_TIMEOUT = 60_000;

describe('A database with several hosts', () => {
  let database: TestDatabase;
  /** Two ways to the one server, which are the hosts. */
  let first: TcpProxy;
  let second: TcpProxy;
  let open: DataSource[] = [];
  let lines: string[] = [];

  before(async () => {
    database = await createDatabase({ migrated: false });
  });

  beforeEach(async () => {
    const [target] = parseDatabaseUrl(database.connection)?.hosts ?? [];
    if (!target) throw new Error('NETPROV_DATABASE_URL names no host');
    first = await TcpProxy.start(target);
    second = await TcpProxy.start(target);
  });

  afterEach(async () => {
    // What hangs would hold up the end of its pool.
    first.resume();
    second.resume();
    await Promise.all(open.map((dataSource) => dataSource.destroy()));
    open = [];
    await Promise.all([first.stop(), second.stop()]);
  });

  after(() => database.drop());

  async function connect(
    statementTimeout = LONG_TIMEOUT,
    connection = urlOf(first.port, second.port),
  ): Promise<DataSource> {
    const recording = recordingLogger();
    lines = recording.lines;
    const dataSource = await openDatabase({
      connection,
      maxPoolSize: 5,
      connectTimeout: Math.min(statementTimeout, 10_000),
      statementTimeout,
      log: recording.log,
    });
    open.push(dataSource);
    return dataSource;
  }

  /** The test's database by way of these ports of 127.0.0.1. */
  function urlOf(...ports: number[]): string {
    const hosts = ports.map((port) => `127.0.0.1:${port}`).join(',');
    return database.connection.replace(/@[^/]*\//, `@${hosts}/`);
  }

  /** Five statements at once, which need five connections. */
  function busy(dataSource: DataSource): Promise<unknown> {
    return Promise.all([1, 2, 3, 4, 5].map(() => dataSource.query('SELECT SLEEP(0.1)')));
  }

  /** Loses statements until connections are at a host that answers. */
  function busyAgain(dataSource: DataSource): Promise<unknown> {
    return until('statements are answered again', () =>
      busy(dataSource).catch((error: unknown) => {
        if (!isTransientDatabaseError(error)) throw error;
        return null;
      }),
    );
  }

  it('has all connections at one of them', async () => {
    const dataSource = await connect();
    await busy(dataSource);
    expect([first.connections, second.connections]).to.deep.equal([5, 0]);
  });

  it('connects to the second host when the first is away', async () => {
    await first.down();
    const dataSource = await connect();
    await busy(dataSource);
    expect(second.connections).to.equal(5);
    expect(lines.join('\n')).to.match(
      new RegExp(`switched to another database host .*127.0.0.1:${first.port}.*ECONNREFUSED`),
    );
  });

  it('connects to the second host when the first does not answer', async () => {
    first.hang();
    const dataSource = await connect(TIMEOUT);
    await busyAgain(dataSource);
    expect(second.connections).to.equal(5);
  });

  it('switches to the next host when one dies, and stays there', async () => {
    const dataSource = await connect();
    await busy(dataSource);
    await first.down();
    await busyAgain(dataSource);
    await first.up();
    await busy(dataSource);
    expect([first.connections, second.connections]).to.deep.equal([0, 5]);
  });

  it('switches to the next host when one hangs during statements', async () => {
    const dataSource = await connect(TIMEOUT);
    await busyAgain(dataSource);
    first.hang();
    const error = await rejection(busy(dataSource));
    expect(isTransientDatabaseError(error)).to.equal(true);
    expect(String(error)).to.contain(`127.0.0.1:${first.port}`);
    await busyAgain(dataSource);
    expect(second.connections).to.equal(5);
  });

  it('comes back to the first when the second dies', async () => {
    const dataSource = await connect();
    await first.down();
    await busyAgain(dataSource);
    await first.up();
    await second.down();
    await busyAgain(dataSource);
    expect(first.connections).to.equal(5);
  });

  it('keeps connections that are merely idle', async () => {
    const dataSource = await connect(TIMEOUT);
    await busy(dataSource);
    await pause(TIMEOUT * 1.5);
    await busy(dataSource);
    expect([first.connections, second.connections, ...lines]).to.deep.equal([5, 0]);
  });

  it('reconnects after a hang when it has only one host', async () => {
    const dataSource = await connect(TIMEOUT, urlOf(first.port));
    first.hang();
    expect(isTransientDatabaseError(await rejection(busy(dataSource)))).to.equal(true);
    first.resume();
    await busyAgain(dataSource);
    expect(lines).to.deep.equal([]);
  });

  it('fails to connect when all hosts are away, and names the last', async () => {
    await Promise.all([first.down(), second.down()]);
    const error = await rejection(connect());
    expect(String(error)).to.contain(`127.0.0.1:${second.port}`);
    expect(isTransientDatabaseError(error)).to.equal(true);
  });

  describe('whose schema is changed', () => {
    /** As netprov db upgrade opens it: a migration may take its time. */
    async function connectPatiently(): Promise<DataSource> {
      const opened = await openDatabase({
        connection: database.connection,
        maxPoolSize: 5,
        connectTimeout: 10_000,
      });
      open.push(opened);
      return opened;
    }

    it('is upgraded only once by two commands that run at the same time', async () => {
      const [one, two] = [await connectPatiently(), await connectPatiently()];
      const applied = await Promise.all([upgrade(one), upgrade(two)]);
      const names = (await schemaStatus(one)).map(({ name }) => name);
      expect(applied.flat()).to.deep.equal(names);
    });

    it('is waited for while another command changes it, even longer than the statement timeout', async () => {
      const holder = await connectPatiently();
      await upgrade(holder);
      const runner = holder.createQueryRunner();
      const name = new URL(database.connection).pathname.slice(1);
      // The name that earlier versions lock, too.
      const lock = `netprov schema ${hash('sha1', name)}`;
      await runner.query('DO GET_LOCK(?, 0)', [lock]);
      const waiting = connect(TIMEOUT).then(upgrade);
      // At work, as a migration is: MySQL ends a session that is idle for so long.
      await runner.query('DO SLEEP(?)', [(TIMEOUT * 2.5) / 1000]);
      await runner.query('DO RELEASE_LOCK(?)', [lock]);
      await runner.release();
      expect(await waiting).to.deep.equal([]);
      expect(lines).to.deep.equal([]);
    });
  });
});
