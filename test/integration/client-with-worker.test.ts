import { randomUUID } from 'node:crypto';

import { expect } from 'chai';

import { type OperationResult, RemoteError, type TaskInput } from '../../src/index.js';
import { OpenClients } from '../../testkit/fixtures/open-clients.js';
import { until } from '../../testkit/fixtures/poll.js';
import { rejection } from '../../testkit/fixtures/rejection.js';
import { sampleTask } from '../../testkit/fixtures/samples.js';
import { TestBroker } from '../../testkit/servers/broker.js';
import { createDatabase, type TestDatabase } from '../../testkit/servers/database.js';
import { Netprov } from '../../testkit/servers/netprov.js';

const HOST = 'conductor-1';
const RESULTS = `ironic.network_provider_results.${HOST}`;
const METHOD = 'add_cleaning_network';

const sample = (network_provider: string | null = null): TaskInput => sampleTask({ network_provider }) as TaskInput;

describe('the client library with a worker', () => {
  let broker: TestBroker;
  const clients = new OpenClients(() => broker);
  let database: TestDatabase;
  let worker: Netprov;

  before(async () => {
    broker = await TestBroker.create();
    database = await createDatabase();
    worker = new Netprov(['worker', '--host', HOST], {
      NETPROV_TRANSPORT_URL: broker.url(),
      NETPROV_DATABASE_URL: database.connection,
      NETPROV_RPC_PING_ENABLED: 'true',
      NETPROV_HEALTH_PORT: '0',
    });
    await worker.says('the worker is ready');
  });
  after(async () => {
    await worker.stop();
    await database.drop();
    await broker.drop();
  });
  afterEach(() => clients.closeAll());

  for (const encoding of ['json', 'protobuf'] as const) {
    describe(`in ${encoding}`, () => {
      it('calls, and gets a result that is complete', async () => {
        const task = sample();
        const result = await clients.open({ encoding }).call(METHOD, {
          host: HOST,
          task,
          timeout: 120,
          callMonitorTimeout: 60,
        });
        const { operation_id, ...rest } = result;
        expect(operation_id).to.match(/^[0-9a-f]{32}$/);
        expect(rest).to.deep.equal({
          node_uuid: task.node.uuid,
          method: METHOD,
          network_provider: 'none',
          network_type: 'cleaning',
          status: 'succeeded',
          bindings: [],
          failures: [],
          warnings: [],
          error: null,
        });
      });

      it('calls for a node that is on record, by its UUID', async () => {
        const client = clients.open({ encoding });
        const task = sample();
        await client.call(METHOD, { task });
        const { node_uuid } = await client.call('remove_cleaning_network', { host: HOST, nodeId: task.node.uuid });
        expect(node_uuid).to.equal(task.node.uuid);
      });

      it("raises the worker's failures with Ironic's class names", async () => {
        const client = clients.open({ encoding });
        const error = await rejection(client.call(METHOD, { host: HOST, task: sample('acme') }));
        expect(error).to.be.instanceOf(RemoteError);
        expect(error).to.deep.include({
          className: 'InvalidParameterValue',
          module: 'ironic.common.exception',
        });
        const unknown = await rejection(client.call(METHOD, { host: HOST, nodeId: randomUUID() }));
        expect(unknown).to.deep.include({ className: 'NodeNotFound' });
      });

      it('casts, and receives the results of a host, including failed ones', async () => {
        const client = clients.open({ encoding });
        // Results of casts of earlier tests may still be in the queue.
        const results = new Map<string, OperationResult>();
        const stop = await client.onResult(HOST, (result) => void results.set(result.operation_id, result));
        const good = await client.cast(METHOD, { host: HOST, task: sample() });
        const bad = await client.cast(METHOD, { host: HOST, task: sample('acme') });
        await until('both results', () => results.has(good) && results.has(bad));
        expect(results.get(good)).to.deep.include({ status: 'succeeded', error: null });
        expect(results.get(bad)?.error).to.deep.include({ class: 'InvalidParameterValue' });
        await stop();
        await until('nobody listens', async () => (await broker.counts(RESULTS)).consumers === 0);
        expect((await broker.counts(RESULTS)).ready).to.equal(0);
      });

      it('pings', async () => {
        await clients.open({ encoding }).ping(HOST, 60);
      });
    });
  }

  it('keeps results in the queue of the host while nobody listens', async () => {
    const client = clients.open();
    await (
      await client.onResult(HOST, () => undefined)
    )();
    const id = await client.cast(METHOD, { host: HOST, task: sample() });
    await until('the result waits', async () => (await broker.counts(RESULTS)).ready > 0);
    // Beside it, there may be a repeat of one that came before.
    const late: string[] = [];
    await client.onResult(HOST, ({ operation_id }) => void late.push(operation_id));
    await until('it comes', () => late.includes(id));
  });

  it('copies results without taking them from anybody', async () => {
    const seen = { copy: new Set<string>(), conductor: new Set<string>() };
    const note = (who: keyof typeof seen) => (result: OperationResult) => void seen[who].add(result.operation_id);
    await clients.open().onResult(HOST, note('copy'), { copy: true });
    await clients.open().onResult(HOST, note('conductor'));
    const client = clients.open();
    const ids: string[] = [];
    for (let count = 0; count < 5; count++) ids.push(await client.cast(METHOD, { host: HOST, task: sample() }));
    for (const who of ['copy', 'conductor'] as const) {
      await until(`all results for ${who}`, () => ids.every((id) => seen[who].has(id)));
    }
  });

  it('continues after its connections were closed from outside', async () => {
    const client = clients.open();
    const results: string[] = [];
    await client.onResult(HOST, ({ operation_id }) => void results.push(operation_id), { copy: true });
    await broker.closeConnections('test client');
    // Sent when the connection is back; the copy starts anew with it, so the result may come before.
    await client.call(METHOD, { host: HOST, task: sample() });
    await until('a result of a cast made afterwards', async () => {
      const id = await client.cast(METHOD, { host: HOST, task: sample() });
      return until('its result', () => results.includes(id), 500).catch(() => false);
    });
  });

  it('leaves only the queues of the host on the broker', async () => {
    const client = clients.open();
    await client.onResult(HOST, () => undefined, { copy: true });
    await client.call(METHOD, { host: HOST, task: sample() });
    await clients.closeAll();
    const left = async (): Promise<string[]> => (await broker.queues()).filter((name) => /copy|reply/.test(name));
    await until('no queue of a client', async () => (await left()).length === 0);
    await until('no connection', async () => (await broker.connections('test client')).length === 0);
  });
});
