import { randomUUID } from 'node:crypto';

import { expect } from 'chai';

import { RESULT_METHOD } from '../../src/contract/result.js';
import {
  ConnectionLost,
  InvalidParameterValue,
  MessagingTimeout,
  MissingParameterValue,
  type OperationResult,
  type TaskInput,
  TopologyMismatch,
  Undeliverable,
} from '../../src/index.js';
import { jsonCodec, NO_CONTEXT } from '../../src/rpc/index.js';
import { OpenClients } from '../../testkit/fixtures/open-clients.js';
import { until } from '../../testkit/fixtures/poll.js';
import { rejection } from '../../testkit/fixtures/rejection.js';
import { sampleTask } from '../../testkit/fixtures/samples.js';
import { TestBroker } from '../../testkit/servers/broker.js';

const HOST = 'conductor-1';
const TOPIC = 'ironic.network_provider';
const RESULTS = `${TOPIC}_results.${HOST}`;
const METHOD = 'add_cleaning_network';

const sample = (): TaskInput => sampleTask() as TaskInput;

describe('the client library without a worker', () => {
  let broker: TestBroker;
  const clients = new OpenClients(() => broker);
  beforeEach(async () => {
    broker = await TestBroker.create();
  });
  afterEach(async () => {
    await clients.closeAll();
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
    const client = clients.open({ transportUrl: 'rabbit://127.0.0.1:1/' });
    const nothing = {} as { nodeId: string };
    expect(await rejection(client.call(METHOD, nothing))).to.be.instanceOf(MissingParameterValue);
    expect(await rejection(client.cast(METHOD, { nodeId: 'x' }))).to.be.instanceOf(InvalidParameterValue);
    const error = await rejection(client.cast(METHOD, { task: { node: { uuid: 'x' } } }));
    expect(error?.message).to.contain('task.node.uuid must be a UUID');
  });

  it('says that no worker has served the host yet', async () => {
    const client = clients.open();
    expect(await rejection(client.call(METHOD, { host: HOST, task: sample() }))).to.be.instanceOf(Undeliverable);
    expect(await rejection(client.cast(METHOD, { task: sample() }))).to.be.instanceOf(Undeliverable);
  });

  it('declares queues, in which casts wait and calls time out', async () => {
    const client = clients.open();
    const queues = [TOPIC, `${TOPIC}.${HOST}`, `${TOPIC}_fanout`, `${TOPIC}.dead`];
    expect(await client.declareTopology([HOST])).to.have.members(queues);
    await client.cast(METHOD, { host: HOST, task: sample() });
    expect((await broker.counts(`${TOPIC}.${HOST}`)).ready).to.equal(1);
    const late = await rejection(client.call(METHOD, { host: HOST, task: sample(), timeout: 0.2 }));
    expect(late).to.be.instanceOf(MessagingTimeout);
    const silent = await rejection(client.call(METHOD, { host: HOST, task: sample(), callMonitorTimeout: 1 }));
    expect(silent).to.be.instanceOf(MessagingTimeout);
  });

  it('refuses a host whose queue would be one of our own, and one that no queue can be named after', async () => {
    const client = clients.open();
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
        const error = await rejection(refused);
        expect(error).to.be.instanceOf(InvalidParameterValue);
        expect(error).to.have.property('message').that.matches(reason);
      }
    }
    expect(await broker.queues()).to.deep.equal([]);
  });

  it('refuses a queue of another type', async () => {
    await clients.open().declareTopology([HOST]);
    const error = await rejection(clients.open({ queueType: 'classic' }).declareTopology([HOST]));
    expect(error).to.be.instanceOf(TopologyMismatch);
  });

  it('says that RabbitMQ is not there, and why, without the password', async () => {
    const client = clients.open({ transportUrl: 'rabbit://guest:sesame@127.0.0.1:1/', connectionTimeout: 2 });
    const error = await rejection(client.cast(METHOD, { task: sample() }));
    expect(error).to.be.instanceOf(ConnectionLost);
    expect(error?.message).to.match(/within 2 s: .*127\.0\.0\.1:1/);
    expect(error?.message).to.not.contain('sesame');
  });

  it('delivers a result once more when its handler failed', async () => {
    const tried: string[] = [];
    await clients.open().onResult(HOST, ({ operation_id }) => {
      tried.push(operation_id);
      if (operation_id === 'bad') throw new Error('no');
    });
    await publish(resultMessage(resultOf('bad')));
    await until('two attempts', () => tried.length === 2);
    await publish(resultMessage(resultOf('good')));
    await until('the next result', () => tried.includes('good'));
    expect(tried).to.deep.equal(['bad', 'bad', 'good']);
    await clients.closeAll();
    expect((await broker.counts(RESULTS)).ready).to.equal(0);
  });

  it('drops messages that are not results', async () => {
    const seen: OperationResult[] = [];
    await clients.open().onResult(HOST, (result) => void seen.push(result));
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
