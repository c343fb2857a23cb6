import { randomUUID } from 'node:crypto';

import { expect } from 'chai';

import { RESULT_METHOD } from '../../src/contract/result.js';
import {
  ConnectionLost,
  InvalidParameterValue,
  MessagingTimeout,
  MissingParameterValue,
  NetworkProviderClient,
  type NetworkProviderClientOptions,
  type OperationResult,
  RemoteError,
  type TaskInput,
  TopologyMismatch,
  Undeliverable,
} from '../../src/index.js';
import { jsonCodec, NO_CONTEXT } from '../../src/rpc/index.js';
import { until } from '../../testkit/fixtures/poll.js';
import { sampleTask } from '../../testkit/fixtures/samples.js';
import { TestBroker } from '../../testkit/servers/broker.js';
import { createDatabase, type TestDatabase } from '../../testkit/servers/database.js';
import { Netprov } from '../../testkit/servers/netprov.js';

const HOST = 'conductor-1';
const TOPIC = 'ironic.network_provider';
const RESULTS = `${TOPIC}_results.${HOST}`;
const METHOD = 'add_cleaning_network';

const sample = (network_provider: string | null = null): TaskInput => sampleTask({ network_provider }) as TaskInput;

async function rejected(promise: Promise<unknown>): Promise<Error> {
  const error = await promise.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (error instanceof Error) return error;
  throw new Error('it was not rejected');
}

describe('the client library', () => {
  let broker: TestBroker;
  let clients: NetworkProviderClient[];
  const open = (options: Partial<NetworkProviderClientOptions> = {}): NetworkProviderClient => {
    const client = new NetworkProviderClient({
      transportUrl: broker.url(),
      connectionName: 'test client',
      reconnect: { initialDelay: 20, maxDelay: 200 },
      ...options,
    });
    clients.push(client);
    return client;
  };
  const closeAll = async (): Promise<void> => {
    await Promise.all(clients.map((client) => client.close()));
    clients = [];
  };

  describe('with a worker', () => {
    let database: TestDatabase;
    let worker: Netprov;

    before(async () => {
      clients = [];
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
    afterEach(closeAll);

    for (const encoding of ['json', 'protobuf'] as const) {
      describe(`in ${encoding}`, () => {
        it('calls, and gets a result that is complete', async () => {
          const task = sample();
          const result = await open({ encoding }).call(METHOD, {
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
          const client = open({ encoding });
          const task = sample();
          await client.call(METHOD, { task });
          const { node_uuid } = await client.call('remove_cleaning_network', { host: HOST, nodeId: task.node.uuid });
          expect(node_uuid).to.equal(task.node.uuid);
        });

        it("raises the worker's failures with Ironic's class names", async () => {
          const client = open({ encoding });
          const error = await rejected(client.call(METHOD, { host: HOST, task: sample('acme') }));
          expect(error).to.be.instanceOf(RemoteError);
          expect(error).to.deep.include({
            className: 'InvalidParameterValue',
            module: 'ironic.common.exception',
          });
          const unknown = await rejected(client.call(METHOD, { host: HOST, nodeId: randomUUID() }));
          expect(unknown).to.deep.include({ className: 'NodeNotFound' });
        });

        it('casts, and receives the results of a host, including failed ones', async () => {
          const client = open({ encoding });
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
          await open({ encoding }).ping(HOST, 60);
        });
      });
    }

    it('keeps results in the queue of the host while nobody listens', async () => {
      const client = open();
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
      await open().onResult(HOST, note('copy'), { copy: true });
      await open().onResult(HOST, note('conductor'));
      const client = open();
      const ids: string[] = [];
      for (let count = 0; count < 5; count++) ids.push(await client.cast(METHOD, { host: HOST, task: sample() }));
      for (const who of ['copy', 'conductor'] as const) {
        await until(`all results for ${who}`, () => ids.every((id) => seen[who].has(id)));
      }
    });

    it('continues after its connections were closed from outside', async () => {
      const client = open();
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
      const client = open();
      await client.onResult(HOST, () => undefined, { copy: true });
      await client.call(METHOD, { host: HOST, task: sample() });
      await closeAll();
      const left = (await broker.queues()).filter((name) => /copy|reply/.test(name));
      expect(left).to.deep.equal([]);
      await until('no connection', async () => (await broker.connections('test client')).length === 0);
    });
  });

  describe('without a worker', () => {
    beforeEach(async () => {
      clients = [];
      broker = await TestBroker.create();
    });
    afterEach(async () => {
      await closeAll();
      await broker.drop();
    });

    const publish = async (body: Buffer): Promise<void> => {
      await broker.onChannel((channel) => {
        channel.publish('ironic', RESULTS, body, { contentType: 'application/json' });
        return Promise.resolve();
      });
    };
    const resultMessage = (args: Record<string, unknown>, method = RESULT_METHOD): Buffer =>
      jsonCodec.encodeRequest({
        method,
        args,
        version: '1.0',
        namespace: null,
        uniqueId: randomUUID(),
        msgId: null,
        replyQ: null,
        timeout: null,
        context: NO_CONTEXT,
      });
    const resultOf = (operation_id: string): Record<string, unknown> => ({
      result: { operation_id, bindings: [], failures: [] },
    });

    it('refuses a task that cannot be used before it connects', async () => {
      const client = open({ transportUrl: 'rabbit://127.0.0.1:1/' });
      const nothing = {} as { nodeId: string };
      expect(await rejected(client.call(METHOD, nothing))).to.be.instanceOf(MissingParameterValue);
      expect(await rejected(client.cast(METHOD, { nodeId: 'x' }))).to.be.instanceOf(InvalidParameterValue);
      const error = await rejected(client.cast(METHOD, { task: { node: { uuid: 'x' } } }));
      expect(error.message).to.contain('task.node.uuid must be a UUID');
    });

    it('says that no worker has served the host yet', async () => {
      const client = open();
      expect(await rejected(client.call(METHOD, { host: HOST, task: sample() }))).to.be.instanceOf(Undeliverable);
      expect(await rejected(client.cast(METHOD, { task: sample() }))).to.be.instanceOf(Undeliverable);
    });

    it('declares queues, in which casts wait and calls time out', async () => {
      const client = open();
      const queues = [TOPIC, `${TOPIC}.${HOST}`, `${TOPIC}_fanout`, `${TOPIC}.dead`];
      expect(await client.declareTopology([HOST])).to.have.members(queues);
      await client.cast(METHOD, { host: HOST, task: sample() });
      expect((await broker.counts(`${TOPIC}.${HOST}`)).ready).to.equal(1);
      const late = await rejected(client.call(METHOD, { host: HOST, task: sample(), timeout: 0.2 }));
      expect(late).to.be.instanceOf(MessagingTimeout);
      const silent = await rejected(client.call(METHOD, { host: HOST, task: sample(), callMonitorTimeout: 1 }));
      expect(silent).to.be.instanceOf(MessagingTimeout);
    });

    it('refuses a host whose queue would be one of our own, and one that no queue can be named after', async () => {
      const client = open();
      for (const [host, reason] of [
        ['dead', /host is "dead": expected .*none of dead, journal.*another name/],
        ['journal', /host is "journal"/],
        ['a.#', /host is "a\.#": expected .*without \* #/],
      ] as const) {
        for (const refused of [
          client.declareTopology([HOST, host]),
          client.cast(METHOD, { host, task: sample() }),
          client.call(METHOD, { host, task: sample() }),
          client.onResult(host, () => undefined),
        ]) {
          const error = await rejected(refused);
          expect(error).to.be.instanceOf(InvalidParameterValue);
          expect(error).to.have.property('message').that.matches(reason);
        }
      }
      expect(await broker.queues()).to.deep.equal([]);
    });

    it('refuses a queue of another type', async () => {
      await open().declareTopology([HOST]);
      const error = await rejected(open({ queueType: 'classic' }).declareTopology([HOST]));
      expect(error).to.be.instanceOf(TopologyMismatch);
    });

    it('says that RabbitMQ is not there, and why, without the password', async () => {
      const client = open({ transportUrl: 'rabbit://guest:sesame@127.0.0.1:1/', connectionTimeout: 2 });
      const error = await rejected(client.cast(METHOD, { task: sample() }));
      expect(error).to.be.instanceOf(ConnectionLost);
      expect(error.message).to.match(/within 2 s: .*127\.0\.0\.1:1/);
      expect(error.message).to.not.contain('sesame');
    });

    it('delivers a result once more when its handler failed', async () => {
      const tried: string[] = [];
      await open().onResult(HOST, ({ operation_id }) => {
        tried.push(operation_id);
        if (operation_id === 'bad') throw new Error('no');
      });
      await publish(resultMessage(resultOf('bad')));
      await until('two attempts', () => tried.length === 2);
      await publish(resultMessage(resultOf('good')));
      await until('the next result', () => tried.includes('good'));
      expect(tried).to.deep.equal(['bad', 'bad', 'good']);
      await closeAll();
      expect((await broker.counts(RESULTS)).ready).to.equal(0);
    });

    it('drops messages that are not results', async () => {
      const seen: OperationResult[] = [];
      await open().onResult(HOST, (result) => void seen.push(result));
      const wrong = [
        Buffer.from('no'),
        resultMessage({}),
        resultMessage({ result: 'x' }),
        resultMessage(resultOf('x'), 'y'),
      ];
      for (const body of wrong) await publish(body);
      await publish(resultMessage(resultOf('good')));
      await until('the good one', () => seen.length > 0);
      expect(seen.map(({ operation_id }) => operation_id)).to.deep.equal(['good']);
    });
  });
});
