import { expect } from 'chai';

import type { Delivery } from '../../src/amqp/index.js';
import { jsonCodec, RpcClient, type RpcRequest } from '../../src/rpc/index.js';
import { Cleanup } from '../../testkit/fixtures/cleanup.js';
import { recordingLogger } from '../../testkit/fixtures/log.js';
import { until } from '../../testkit/fixtures/poll.js';
import { openConnection, startServer } from '../../testkit/fixtures/rpc.js';
import { TcpProxy } from '../../testkit/proxies/tcp-proxy.js';
import { TestBroker } from '../../testkit/servers/broker.js';

const HOST = { topic: 'topic', server: 'host-1' };

describe('RpcClient on RabbitMQ', () => {
  const cleanup = new Cleanup();
  const { log } = recordingLogger();
  let broker: TestBroker;
  let proxy: TcpProxy;
  let client: RpcClient;
  let requests: RpcRequest[];

  beforeEach(async () => {
    requests = [];
    broker = cleanup.add(await TestBroker.create(), (one) => one.drop());
    proxy = cleanup.add(await TcpProxy.start(broker.host), (one) => one.stop());
    const serving = await openConnection(cleanup, { transportUrl: broker.url(), log, connectionName: 'server' });
    const onDelivery = (delivery: Delivery): void => {
      requests.push(jsonCodec.decodeRequest(delivery.body));
      delivery.ack();
    };
    await startServer(cleanup, { connection: serving, log, onDelivery });
    const connection = await openConnection(cleanup, { transportUrl: broker.url(proxy.port), log });
    const options = { connection, exchange: 'ironic', exchangeDurable: false, log };
    client = cleanup.add(new RpcClient(options), (one) => one.close());
  });
  afterEach(() => cleanup.run());

  /** Answers the oldest request, as a server would that does nothing but that. */
  async function answer(result: unknown, times = 1): Promise<void> {
    const { msgId, replyQ } = await until('a call', () => requests[0]);
    const body = jsonCodec.encodeReply({ result, failure: null, ending: true, msgId: msgId ?? '', uniqueId: 'u' });
    await broker.onChannel(async (channel) => {
      for (let time = 0; time < times; time++) channel.sendToQueue(replyQ ?? '', body);
      await channel.checkQueue(replyQ ?? '');
    });
  }

  it('casts in the order of the calls', async () => {
    const numbers = Array.from({ length: 300 }, (_, n) => n);
    await Promise.all(numbers.map((n) => client.cast(HOST, 'm', { n })));
    await until('all', () => requests.length === 300);
    expect(requests.map(({ args }) => args['n'])).to.deep.equal(numbers);
  });

  it('casts with the unique id it is given', async () => {
    expect(await client.cast(HOST, 'm', {}, { uniqueId: 'operation-1' })).to.equal('operation-1');
    await until('it', () => requests.length === 1);
    expect(requests[0]?.uniqueId).to.equal('operation-1');
  });

  it('receives a reply that was sent while its connection was lost', async () => {
    const calling = client.call(HOST, 'm', {});
    await until('the call', () => requests.length === 1);
    await proxy.down();
    await answer({ ok: true });
    await proxy.up();
    expect(await calling).to.deep.equal({ ok: true });
  });

  it('takes the first of several replies', async () => {
    const calling = client.call(HOST, 'm', {});
    await answer(1, 3);
    expect(await calling).to.equal(1);
    requests.length = 0;
    const next = client.call(HOST, 'm', {});
    await answer(2);
    expect(await next).to.equal(2);
  });

  it('sets an expiration, so that the broker drops a request whose caller gave up', async () => {
    await broker.onChannel((channel) => channel.assertQueue('topic.host-2', { durable: true }));
    await broker.onChannel((channel) => channel.bindQueue('topic.host-2', 'ironic', 'topic.host-2'));
    const calling = client.call({ topic: 'topic', server: 'host-2' }, 'm', {}, { timeout: 3 });
    await until('the request', async () => (await broker.counts('topic.host-2')).ready === 1);
    const error: unknown = await calling.catch((reason: unknown) => reason);
    expect(error).to.have.property('code', 'timeout');
    await until('it to be gone', async () => (await broker.counts('topic.host-2')).ready === 0);
  });

  it('waits for its connection before it casts', async () => {
    await proxy.down();
    const casting = client.cast(HOST, 'm', {});
    await proxy.up();
    await casting;
    await until('it', () => requests.length === 1);
  });

  it('deletes its reply queue at the end', async () => {
    const calling = client.call(HOST, 'm', {});
    await answer(1);
    await calling;
    const { replyQ } = requests[0] ?? {};
    expect(await broker.queues()).to.include(replyQ);
    expect(await broker.queue(replyQ ?? '')).to.include({ durable: true, auto_delete: false });
    expect((await broker.queue(replyQ ?? '')).arguments).to.include({ 'x-expires': 1_800_000 });
    await client.close();
    expect(await broker.queues()).not.to.include(replyQ);
  });
});
