import { randomUUID } from 'node:crypto';

import { expect } from 'chai';

import { METHOD_NAMES } from '../../src/contract/methods.js';
import type { NetworkProvider } from '../../src/providers/provider.js';
import { jsonCodec } from '../../src/rpc/index.js';
import { until } from '../../testkit/fixtures/poll.js';
import { sampleTask } from '../../testkit/fixtures/samples.js';
import { nothingDone, scriptedProvider, TOPIC, WorkerFixture } from '../../testkit/fixtures/worker.js';
import { TcpProxy } from '../../testkit/proxies/tcp-proxy.js';

const HOST = 'conductor-1';
const TARGET = { topic: TOPIC, server: HOST };
const RESULTS = `${TOPIC}_results.${HOST}`;

type Rows = Record<string, unknown>[];

/** A provider that changes nothing outside, so its operations are done in batches. */
function harmless(script: Parameters<typeof scriptedProvider>[0]): NetworkProvider {
  return { ...scriptedProvider(script), changesNothing: METHOD_NAMES };
}

describe('worker: operations in batches', () => {
  let fixture: WorkerFixture;
  beforeEach(async () => {
    fixture = await WorkerFixture.create();
    // A worker declares the exchange and the queue.
    await (await fixture.start({})).close();
    await fixture.listen(RESULTS);
  });
  afterEach(async () => {
    await fixture.reset();
    await fixture.drop();
  });

  /** Casts to many nodes while no worker runs, so that the worker finds all of them in its queue. */
  async function fill(nodes: number, method = 'add_cleaning_network'): Promise<string[]> {
    const ids: string[] = [];
    for (let node = 0; node < nodes; node++) {
      ids.push(await fixture.client.cast(TARGET, method, { task: sampleTask() }));
    }
    return ids;
  }

  /** Takes as many results as there are operations, each once. Returns their bodies, without what differs by chance. */
  async function results(operations: number): Promise<Map<string, unknown>> {
    const found = new Map<string, unknown>();
    await until('every operation has a result', async () => {
      const message = await fixture.take(RESULTS);
      if (message) {
        const { uniqueId, ...request } = jsonCodec.decodeRequest(message.content);
        found.set(uniqueId, { ...request, properties: { ...message.properties, messageId: null } });
      }
      return found.size === operations;
    });
    return found;
  }

  const operations = (): Promise<Rows> =>
    fixture.database.dataSource.query<Rows>('SELECT * FROM operations ORDER BY id');
  const commits = async (): Promise<number> => {
    const [row] = await fixture.database.dataSource.query<Rows>('SELECT SUM(commits) AS commits FROM queue_owners');
    return Number(row?.['commits']);
  };

  it('commits and answers each operation once, many in one transaction', async () => {
    const ids = await fill(120);
    const before = await commits();
    const { worker, lines } = await fixture.start({ none: harmless(() => Promise.resolve(nothingDone)) });
    expect([...(await results(120)).keys()].sort()).to.deep.equal([...ids].sort());
    expect((await operations()).map(({ id, status, attempts }) => ({ id, status, attempts }))).to.deep.equal(
      [...ids].sort().map((id) => ({ id, status: 'succeeded', attempts: 1 })),
    );
    expect((await commits()) - before).to.be.lessThan(60);
    expect(lines.filter((line) => line.startsWith('info: add_cleaning_network succeeded'))).to.have.length(120);
    await until('every message is settled', () => worker.status().messages === 0);
    expect(worker.status().lanes).to.equal(0);
  });

  it('leaves the same records and sends the same results as step by step', async () => {
    const known = Array.from({ length: 6 }, () => sampleTask());
    const changed = known.map((task) => ({ ...task, node: { ...task.node, name: 'renamed' } }));
    const casts: [string, object][] = [
      ...known.map((task): [string, object] => ['add_provisioning_network', { task }]),
      ...known.map(({ node }): [string, object] => ['remove_provisioning_network', { node_id: node.uuid }]),
      ...changed.map((task): [string, object] => ['configure_tenant_networks', { task }]),
      ['add_cleaning_network', { node_id: randomUUID() }],
      ['add_cleaning_network', { task: 'none' }],
    ];
    const ids = casts.map(() => randomUUID());
    const outcomes: unknown[] = [];
    for (const stepByStep of [false, true]) {
      const worker = await fixture.start({ none: harmless(() => Promise.resolve(nothingDone)) }, { stepByStep });
      for (const [index, [method, args]] of casts.entries()) {
        const uniqueId = ids[index] ?? '';
        await fixture.client.cast(TARGET, method, args as Record<string, unknown>, { uniqueId });
      }
      const sent = await results(casts.length);
      await until('no result is owed', async () => (await worker.worker.owed(1)) === 0);
      await worker.close();
      const records = (await operations()).map((row) => ({ ...row, seq: 0, started_at: 0, finished_at: 0, epoch: 0 }));
      const nodes = await fixture.database.dataSource.query<Rows>('SELECT * FROM nodes ORDER BY uuid');
      const parts = nodes.map((row) => ({ ...row, created_at: 0, updated_at: 0 }));
      outcomes.push({ sent: [...sent].sort(([a], [b]) => (a < b ? -1 : 1)), records, parts });
      await fixture.database.dataSource.query('DELETE FROM operations');
      await fixture.database.dataSource.query('DELETE FROM nodes');
    }
    expect(outcomes[0]).to.deep.equal(outcomes[1]);
  });

  it('keeps the order of one node', async () => {
    const task = sampleTask();
    const done: string[] = [];
    await fixture.start({
      none: harmless((method) => {
        done.push(method);
        return Promise.resolve(nothingDone);
      }),
    });
    const methods = ['add_cleaning_network', 'remove_cleaning_network', 'add_provisioning_network'];
    for (let round = 0; round < 5; round++) {
      for (const method of methods) await fixture.client.cast(TARGET, method, { task });
    }
    await results(15);
    expect(done).to.deep.equal(Array.from({ length: 5 }, () => methods).flat());
  });

  it('does alone what fails, and the others with their batch', async () => {
    await fill(20);
    const broken = await fixture.client.cast(TARGET, 'remove_cleaning_network', { task: sampleTask() });
    await fixture.start({
      none: harmless((method) =>
        method === 'remove_cleaning_network' ? Promise.reject(new Error('broken')) : Promise.resolve(nothingDone),
      ),
    });
    await results(21);
    const failed = (await operations()).filter(({ status }) => status === 'failed');
    expect(failed.map(({ id }) => id)).to.deep.equal([broken]);
    await until('the message is a dead letter', async () => (await fixture.broker.counts(`${TOPIC}.dead`)).ready === 1);
  });

  it('loses nothing when the database and the broker are cut off again and again', async () => {
    const { host } = fixture.broker;
    const proxy = await TcpProxy.start(host);
    fixture.opened.add(proxy, (one) => one.stop());
    const ids = await fill(300);
    await fixture.start(
      { none: harmless(() => Promise.resolve(nothingDone)) },
      { groupSize: 10, lease: 3000 },
      { brokerPort: proxy.port },
    );
    let done = 0;
    for (let cut = 0; cut < 5; cut++) {
      await until('more operations are done', async () => (await operations()).length > done);
      proxy.cut();
      const threads = await fixture.database.dataSource.query<Rows>(
        `SELECT id FROM information_schema.processlist WHERE db = DATABASE() AND id != CONNECTION_ID()`,
      );
      for (const { id } of threads)
        await fixture.database.dataSource.query(`KILL ${String(id)}`).catch(() => undefined);
      done = (await operations().catch((): Rows => [])).length;
      // Perhaps the worker has done all that there was.
      ids.push(...(await fill(20)));
    }
    expect([...(await results(ids.length)).keys()].sort()).to.deep.equal([...ids].sort());
    expect((await operations()).map(({ id, status }) => [id, status])).to.deep.equal(
      [...ids].sort().map((id) => [id, 'succeeded']),
    );
  });
});
