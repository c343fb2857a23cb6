import { randomUUID } from 'node:crypto';
import { once } from 'node:events';

import { expect } from 'chai';
import type { DataSource } from 'typeorm';

import { pause } from '../../src/async/pause.js';
import type { NetworkProvider, ProviderContext, ProviderOutcome } from '../../src/providers/provider.js';
import { openDatabase, OwnershipStore } from '../../src/state/index.js';
import { until } from '../../testkit/fixtures/poll.js';
import { sampleTask } from '../../testkit/fixtures/samples.js';
import { nothingDone, scriptedProvider, type TestWorker, TOPIC, WorkerFixture } from '../../testkit/fixtures/worker.js';
import { TcpProxy } from '../../testkit/proxies/tcp-proxy.js';

const HOST = 'conductor-1';
const QUEUE = `${TOPIC}.${HOST}`;
const TARGET = { topic: TOPIC, server: HOST };
/**
 * Milliseconds, for a worker whose lease is to lapse. On a slow machine it may lapse at other times too: the operation is then
 * aborted and begun once more, so these tests do not count calls.
 */
const LEASE = 500;

interface Call {
  worker: string;
  begun: number;
  /** Null while it runs. */
  ended: number | null;
  aborted: boolean;
}

describe('who acts for a conductor host', () => {
  let fixture: WorkerFixture;
  let proxies: TcpProxy[] = [];
  let calls: Call[] = [];
  before(async () => {
    fixture = await WorkerFixture.create();
  });
  after(() => fixture.drop());
  afterEach(async () => {
    for (const proxy of proxies) {
      proxy.resume();
      proxy.cut();
    }
    await fixture.reset();
    await Promise.all(proxies.map((proxy) => proxy.stop()));
    proxies = [];
    calls = [];
  });

  /** A provider that keeps to its signal as requests to Neutron do, until it is let go. */
  function provider(worker: string, until: () => Promise<unknown>): NetworkProvider {
    return scriptedProvider(async (_method, context: ProviderContext): Promise<ProviderOutcome> => {
      const { signal } = context;
      const call: Call = { worker, begun: performance.now(), ended: null, aborted: false };
      calls.push(call);
      try {
        signal.throwIfAborted();
        await Promise.race([until(), once(signal, 'abort')]);
        context.signal.throwIfAborted();
        return nothingDone;
      } finally {
        call.ended = performance.now();
        call.aborted = signal.aborted;
      }
    });
  }

  const callsOf = (worker: string): Call[] => calls.filter((call) => call.worker === worker);
  const hasBegun = (worker: string): Promise<true> => until(`${worker} has begun`, () => callsOf(worker).length > 0);
  const never = (): Promise<unknown> => new Promise(() => undefined);
  const cast = (node = randomUUID()): Promise<string> =>
    fixture.client.cast(TARGET, 'add_cleaning_network', {
      task: sampleTask({ uuid: node, network_provider: 'scripted' }),
    });
  const ended = (id: string): Promise<Record<string, unknown>> =>
    until('the operation has ended', async () => {
      const row = await fixture.operation(id);
      return row?.['finished_at'] != null && row;
    });
  const owner = async (): Promise<{ epoch: number; worker_id: string | null }> => {
    const [row] = await fixture.database.dataSource.query<{ epoch: string; worker_id: string | null }[]>(
      'SELECT epoch, worker_id FROM queue_owners WHERE queue = ?',
      [QUEUE],
    );
    if (!row) throw new Error('nobody owns the queue');
    return { ...row, epoch: Number(row.epoch) };
  };
  const said = ({ lines }: TestWorker, text: string): boolean => lines.some((line) => line.includes(text));

  /** A worker that reaches the broker by a proxy. */
  async function startBehindProxy(
    scripted: NetworkProvider,
    dataSource = fixture.database.dataSource,
  ): Promise<{ worker: TestWorker; proxy: TcpProxy }> {
    const proxy = await TcpProxy.start(fixture.broker.host);
    proxies.push(proxy);
    const worker = await fixture.start(
      { scripted },
      { lease: LEASE },
      { brokerPort: proxy.port, name: 'cut off', dataSource },
    );
    return { worker, proxy };
  }

  async function databaseBehindProxy(): Promise<{ dataSource: DataSource; proxy: TcpProxy }> {
    const url = new URL(fixture.database.connection);
    const proxy = await TcpProxy.start({ hostname: url.hostname, port: Number(url.port || 3306) });
    proxies.push(proxy);
    url.hostname = '127.0.0.1';
    url.port = String(proxy.port);
    const options = { connection: url.toString(), maxPoolSize: 5, connectTimeout: 10_000 };
    const dataSource = fixture.opened.add(await openDatabase(options), (one) => one.destroy());
    return { dataSource, proxy };
  }

  /** The broker closes the worker's connections, and the worker does not hear of it. */
  async function cutOff(proxy: TcpProxy): Promise<void> {
    proxy.hang();
    await fixture.broker.closeConnections('cut off consumer');
  }

  it('is recorded, with an epoch that increases with each owner', async () => {
    const first = await fixture.start({ scripted: provider('first', () => Promise.resolve()) });
    const row = await ended(await cast());
    const before = await owner();
    expect(Number(row['epoch'])).to.equal(before.epoch);
    await first.close();
    expect(await owner()).to.deep.equal({ epoch: before.epoch, worker_id: null });
    const second = await fixture.start({ scripted: provider('second', () => Promise.resolve()) });
    await ended(await cast());
    expect((await owner()).epoch).to.equal(before.epoch + 1);
    expect(said(second, 'waiting until its lease is over')).to.equal(false);
  });

  it('is only one worker, even when the other was cut off from the broker during a request', async () => {
    const { worker, proxy } = await startBehindProxy(provider('cut off', never));
    const id = await cast();
    await hasBegun('cut off');
    const successor = await fixture.start({ scripted: provider('successor', () => pause(50)) }, { lease: LEASE });
    await cutOff(proxy);
    const row = await ended(id);

    const [after] = callsOf('successor');
    for (const before of callsOf('cut off')) {
      expect(before.aborted).to.equal(true);
      expect(before.ended).to.be.lessThan(after?.begun ?? 0);
    }
    await until('the first knows', () => said(worker, 'another worker acts for the queue now'));
    expect(said(successor, 'waiting until its lease is over')).to.equal(true);
    expect([row['status'], Number(row['epoch'])]).to.deep.equal(['succeeded', (await owner()).epoch]);
  });

  it('cannot commit earlier work under an older epoch', async () => {
    let letGo = (): void => undefined;
    const gate = new Promise<void>((resolve) => (letGo = resolve));
    // It does not listen to its signal, as a plug-in might.
    const deaf = scriptedProvider(async () => {
      calls.push({ worker: 'deaf', begun: performance.now(), ended: null, aborted: false });
      await gate;
      return { ...nothingDone, warnings: [{ port_uuid: null, portgroup_uuid: null, reason: 'of the one before' }] };
    });
    const { worker, proxy } = await startBehindProxy(deaf);
    const id = await cast();
    await hasBegun('deaf');
    let letSuccessorGo = (): void => undefined;
    const successorsGate = new Promise<void>((resolve) => (letSuccessorGo = resolve));
    await fixture.start({ scripted: provider('successor', () => successorsGate) }, { lease: LEASE });
    await cutOff(proxy);
    await hasBegun('successor');
    letGo();
    await until('the first is through with it', () => worker.worker.status().messages === 0);
    expect(await fixture.operation(id)).to.include({ status: 'running', result: null });
    letSuccessorGo();
    const row = await ended(id);
    expect(row).to.include({ status: 'succeeded' });
    expect(JSON.stringify(row['result'])).not.to.contain('of the one before');
  });

  it('stops acting when the database does not confirm its lease, and goes on when it does', async () => {
    const { dataSource, proxy } = await databaseBehindProxy();
    let away = true;
    const scripted = provider('only', () => (away ? never() : Promise.resolve()));
    await fixture.start({ scripted }, { lease: LEASE }, { dataSource });
    const id = await cast();
    await hasBegun('only');
    proxy.hang();
    await until('what it has under way is aborted', () => calls.every(({ aborted }) => aborted));
    const before = calls.length;
    await pause(LEASE);
    expect(calls).to.have.length(before);
    away = false;
    proxy.resume();
    const row = await ended(id);
    expect([row['status'], row['begun']]).to.deep.equal(['succeeded', 1]);
    expect(calls.length).to.be.greaterThan(before);
  });

  it('takes back the begins of lost operations once the database is back, because no worker crashed', async () => {
    const { dataSource, proxy: database } = await databaseBehindProxy();
    const { proxy: broker } = await startBehindProxy(provider('cut off', never), dataSource);
    const id = await cast();
    const begun = async (): Promise<number> => Number((await fixture.operation(id))?.['begun']);
    await hasBegun('cut off');
    let letGo = (): void => undefined;
    const gate = new Promise<void>((resolve) => (letGo = resolve));
    await fixture.start({ scripted: provider('successor', () => gate) }, { lease: LEASE });
    await database.down();
    await cutOff(broker);
    broker.cut();
    await hasBegun('successor');
    await until('both have noted that they began', async () => (await begun()) === 2);
    await database.up();
    await until('the first has taken it back', async () => (await begun()) === 1);
    letGo();
    expect((await ended(id))['status']).to.equal('succeeded');
    broker.resume();
  });

  it("waits for the previous owner's lease, which may be longer than its own", async () => {
    const before = new OwnershipStore(fixture.database.dataSource, fixture.database.dataSource);
    const lease = 4 * LEASE;
    await fixture.start({ scripted: provider('first', () => Promise.resolve()) }).then((first) => first.close());
    await before.take(QUEUE, randomUUID(), lease);
    const taken = performance.now();
    await fixture.start({ scripted: provider('successor', () => Promise.resolve()) }, { lease: LEASE });
    await ended(await cast());
    expect(calls[0]?.begun).to.be.greaterThan(taken + lease);
  });

  it('confirms its lease however busy the database connections of its operations are', async () => {
    const options = { connection: fixture.database.connection, maxPoolSize: 1, connectTimeout: 10_000 };
    const open = async (): Promise<DataSource> =>
      fixture.opened.add(await openDatabase(options), (one) => one.destroy());
    const [dataSource, leases] = [await open(), await open()];
    let letGo = (): void => undefined;
    const gate = new Promise<void>((resolve) => (letGo = resolve));
    const { worker } = await fixture.start(
      { scripted: provider('busy', () => gate) },
      { lease: LEASE },
      { dataSource, leases },
    );
    const id = await cast();
    await hasBegun('busy');
    const runner = dataSource.createQueryRunner();
    await runner.connect();
    await pause(3 * LEASE);
    // It could not have been confirmed since, if that took the connection that is busy.
    await until('it holds its lease', () =>
      worker.status().queues.some(({ queue, owned }) => queue === QUEUE && owned),
    );
    await runner.release();
    letGo();
    expect(await ended(id)).to.include({ status: 'succeeded' });
  });

  it('keeps its new channel when a commit of the old one is refused late', async () => {
    const url = new URL(fixture.database.connection);
    const target = { hostname: url.hostname, port: Number(url.port || 3306) };
    const database = fixture.opened.add(await TcpProxy.start(target), (one) => one.stop());
    url.hostname = '127.0.0.1';
    url.port = String(database.port);
    const options = { connection: url.toString(), maxPoolSize: 5, connectTimeout: 10_000 };
    const dataSource = fixture.opened.add(await openDatabase(options), (one) => one.destroy());
    // Its leases go another way: it is the commit alone that is late.
    const leases = fixture.database.dataSource;
    const proxy = await TcpProxy.start(fixture.broker.host);
    proxies.push(proxy);
    let letGo = (): void => undefined;
    const gate = new Promise<void>((resolve) => (letGo = resolve));
    const place = { brokerPort: proxy.port, name: 'cut off', dataSource, leases };
    const worker = await fixture.start({ scripted: provider('only', () => gate) }, { lease: LEASE }, place);
    const sessions = async (): Promise<number | undefined> => {
      const [row] = await leases.query<{ queues: string }[]>(
        'SELECT queues FROM workers ORDER BY started_at DESC LIMIT 1',
      );
      return (JSON.parse(row?.queues ?? '{}') as Record<string, number>)[QUEUE];
    };
    await cast();
    await hasBegun('only');
    const first = await until('it is on record', sessions);
    database.hang();
    letGo();
    await until('the call has ended', () => calls.at(-1)?.ended != null);
    const before = calls.length;
    // Time for the commit to go out; if it goes later, it is not sent at all, and the test shows nothing.
    await pause(100);
    proxy.cut();
    const second = await until('the queue is consumed anew', async () => {
      const now = await sessions();
      return now !== undefined && now > first && now;
    });
    await new OwnershipStore(leases, leases).take(QUEUE, randomUUID(), LEASE);
    database.resume();
    await until('it acts again', () => calls.length > before);
    await until('the operation has ended', () => said(worker, 'add_cleaning_network succeeded'));
    await pause(1500);
    expect(await sessions()).to.equal(second);
  });
});
