import { expect } from 'chai';

import { type Delivery, Publisher, type RpcConnection, TopologyMismatch } from '../../src/amqp/index.js';
import { pause } from '../../src/async/pause.js';
import type { RpcServer, RpcServerOptions } from '../../src/rpc/index.js';
import { Cleanup } from '../../testkit/fixtures/cleanup.js';
import { recordingLogger } from '../../testkit/fixtures/log.js';
import { until } from '../../testkit/fixtures/poll.js';
import { openConnection, startServer } from '../../testkit/fixtures/rpc.js';
import { TcpProxy } from '../../testkit/proxies/tcp-proxy.js';
import { TestBroker } from '../../testkit/servers/broker.js';

const HOST_QUEUE = 'topic.host-1';
const QUEUES = ['topic', HOST_QUEUE, 'topic_fanout'];

interface Worker {
  server: RpcServer;
  connection: RpcConnection;
  proxy: TcpProxy;
  deliveries: Delivery[];
  texts: () => string[];
}

describe('RpcServer on RabbitMQ', () => {
  const cleanup = new Cleanup();
  const { log, lines } = recordingLogger();
  let broker: TestBroker;
  let publisher: Publisher;

  beforeEach(async () => {
    lines.length = 0;
    broker = cleanup.add(await TestBroker.create(), (one) => one.drop());
    const connection = await openConnection(cleanup, { transportUrl: broker.url(), log, connectionName: 'sender' });
    publisher = cleanup.add(new Publisher(connection, log), (one) => one.close());
    await publisher.ready();
  });
  afterEach(() => cleanup.run());

  async function worker(options: Partial<RpcServerOptions> = {}, name = 'worker'): Promise<Worker> {
    const proxy = cleanup.add(await TcpProxy.start(broker.host), (one) => one.stop());
    const transportUrl = broker.url(proxy.port);
    const connection = await openConnection(cleanup, { transportUrl, log, connectionName: name });
    const deliveries: Delivery[] = [];
    const onDelivery = (delivery: Delivery): void => {
      deliveries.push(delivery);
    };
    const server = await startServer(cleanup, { connection, log, onDelivery, ...options });
    return { server, connection, proxy, deliveries, texts: () => deliveries.map(({ body }) => body.toString()) };
  }

  const send = (queue: string, ...bodies: string[]): Promise<unknown> =>
    Promise.all(
      bodies.map((body) =>
        publisher.publish('', queue, Buffer.from(body), { contentType: 'text/plain', mandatory: true }),
      ),
    );
  const consumes = (server: RpcServer): boolean => server.status().every(({ consuming }) => consuming);
  const ready = async (queue: string): Promise<number> => (await broker.counts(queue)).ready;

  it('takes messages from every queue, and names the queue of each', async () => {
    const { deliveries, server } = await worker({ servers: ['host-1', 'host-2'] });
    await send('topic', 'a');
    await send(HOST_QUEUE, 'b');
    await send('topic.host-2', 'c');
    await publisher.publish('topic_fanout', '', Buffer.from('d'), { contentType: 'application/json', mandatory: true });
    await until('four messages', () => deliveries.length === 4);
    expect(deliveries.map(({ queue, server: host, body }) => [body.toString(), queue, host])).to.have.deep.members([
      ['a', 'topic', null],
      ['b', HOST_QUEUE, 'host-1'],
      ['c', 'topic.host-2', 'host-2'],
      ['d', 'topic_fanout', null],
    ]);
    for (const delivery of deliveries) {
      expect(delivery).to.include({ redelivered: false, deliveryCount: 0 });
      expect(delivery.signal.aborted).to.equal(false);
      delivery.ack();
    }
    expect(deliveries.map(({ contentType }) => contentType)).to.include('application/json');
    expect(server.status()).to.have.length(4);
    await server.close();
    for (const queue of QUEUES) expect(await ready(queue)).to.equal(0);
  });

  it('runs a fanout cast once, however many workers there are', async () => {
    const workers = [await worker(), await worker({}, 'standby')];
    await publisher.publish('topic_fanout', '', Buffer.from('x'), { contentType: 'text/plain', mandatory: true });
    await until('the message', () => workers.some(({ deliveries }) => deliveries.length > 0));
    for (const { server, deliveries } of workers) {
      for (const delivery of deliveries) delivery.ack();
      await server.close();
    }
    expect(workers.flatMap(({ texts }) => texts())).to.deep.equal(['x']);
    expect(await ready('topic_fanout')).to.equal(0);
  });

  it('delivers a requeued message again, and counts the deliveries', async () => {
    const { deliveries } = await worker();
    await send(HOST_QUEUE, 'x');
    (await until('the message', () => deliveries[0])).requeue();
    const again = await until('it once more', () => deliveries[1]);
    expect(again).to.include({ redelivered: true, deliveryCount: 1 });
    again.ack();
    again.ack();
    again.requeue();
    await send(HOST_QUEUE, 'y');
    await until('the next message', () => deliveries[2]);
  });

  it('keeps within its prefetch', async () => {
    const { deliveries } = await worker({ prefetch: 3 });
    await send(HOST_QUEUE, ...['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']);
    await until('three messages', () => deliveries.length === 3);
    deliveries[0]?.ack();
    await until('a fourth', () => deliveries.length === 4);
    expect(await ready(HOST_QUEUE)).to.equal(4);
  });

  it('limits the bytes that it holds from all queues, and gets all messages in order', async () => {
    const { deliveries, texts } = await worker({ maxHeldBytes: 1000 });
    const body = (n: number): string => `${n}`.padEnd(400, '.');
    await send(HOST_QUEUE, ...Array.from({ length: 9 }, (_, n) => body(n)));
    await until('two messages', () => deliveries.length === 2);
    // A queue of which nothing is held has room for a message, whatever its size.
    await send('topic', 'x'.repeat(2000));
    await until('one of another queue', () => deliveries.length === 3);
    deliveries[2]?.ack();
    let settled = 0;
    const held = deliveries.filter(({ queue }) => queue === HOST_QUEUE);
    while (settled < 9) {
      const current = await until('the next ones', () => {
        const now = deliveries.filter(({ queue }) => queue === HOST_QUEUE).slice(settled);
        return now.length > 0 && now;
      });
      expect(current.length).to.be.at.most(2);
      for (const delivery of current) delivery.ack();
      settled += current.length;
    }
    expect(held.length).to.equal(2);
    expect(texts().filter((text) => !text.startsWith('x'))).to.deep.equal(Array.from({ length: 9 }, (_, n) => body(n)));
    await until('nothing is left', async () => (await ready(HOST_QUEUE)) === 0);
  });

  it('consumes every queue again when the broker closed the connection', async () => {
    const { server, deliveries, connection } = await worker();
    await send(HOST_QUEUE, 'x');
    const first = await until('the message', () => deliveries[0]);
    const { signal } = first;
    const connected = new Promise((resolve) =>
      connection.once('connected', () => {
        resolve(null);
      }),
    );
    await broker.closeConnections('worker');
    await until('the loss', () => signal.aborted);
    await connected;
    await until('all consumers', () => consumes(server));
    first.ack();
    first.requeue();
    const second = await until('the message again', () => deliveries[1]);
    expect(second).to.include({ redelivered: true });
    second.ack();
    for (const queue of QUEUES) await send(queue, 'after');
    await until('three more', () => deliveries.length === 5);
    expect(deliveries.slice(2).map(({ queue }) => queue)).to.have.members(QUEUES);
  });

  for (const fault of ['cut', 'hang'] as const) {
    it(`consumes every queue again after the network ${fault === 'cut' ? 'was cut' : 'was silent'}`, async () => {
      const proxy = cleanup.add(await TcpProxy.start(broker.host), (one) => one.stop());
      const transportUrl = broker.url(proxy.port);
      const connection = await openConnection(cleanup, { transportUrl, log, heartbeat: 1, connectTimeout: 1_000 });
      const deliveries: Delivery[] = [];
      const onDelivery = (delivery: Delivery): void => {
        deliveries.push(delivery);
      };
      const server = await startServer(cleanup, { connection, log, onDelivery });
      await send(HOST_QUEUE, 'x');
      const { signal } = await until('the message', () => deliveries[0]);
      proxy[fault]();
      await until('the loss', () => signal.aborted);
      proxy.resume();
      await until('the message again', () => deliveries[1]);
      await until('all consumers', () => consumes(server));
    });
  }

  it('makes a deleted queue again, with a warning', async () => {
    const { server, deliveries } = await worker();
    const { signal } = await send(HOST_QUEUE, 'x').then(() => until('the message', () => deliveries[0]));
    await broker.onChannel((channel) => channel.deleteQueue(HOST_QUEUE));
    await until('the loss', () => signal.aborted);
    await until('the queue and its consumer', () => consumes(server));
    await send(HOST_QUEUE, 'y');
    await until('the next message', () => deliveries[1]);
    expect(lines.filter((line) => line.startsWith('warn'))).to.have.length(1);
    expect(lines.join('\n')).to.contain(`RabbitMQ cancelled the consumer of "${HOST_QUEUE}"`);
  });

  it('resumes a queue whose channel the broker closed, without touching the other queues', async () => {
    const { server, deliveries } = await worker();
    await send('topic', 'other');
    const other = await until('the message', () => deliveries[0]);
    await send(HOST_QUEUE, 'x', 'y');
    const [, held, settled] = await until('both messages', () => deliveries.length === 3 && deliveries);
    const signal = held?.signal;
    // The broker closes a channel that settles what it never sent (406).
    Object.assign(settled ?? {}, { message: { fields: { deliveryTag: 999 } } });
    settled?.ack();
    await until('the loss', () => signal?.aborted);
    expect(other.signal.aborted).to.equal(false);
    await until('both messages again', () => deliveries.length === 5);
    await until('all consumers', () => consumes(server));
  });

  it('stops consuming, and still settles the messages that it has', async () => {
    const { server, deliveries } = await worker();
    await send(HOST_QUEUE, 'x');
    const delivery = await until('the message', () => deliveries[0]);
    server.stopConsuming();
    expect(server.status().some(({ consuming }) => consuming)).to.equal(false);
    await send(HOST_QUEUE, 'y');
    expect(delivery.signal.aborted).to.equal(false);
    delivery.ack();
    await server.close();
    expect(deliveries).to.have.length(1);
    expect(await ready(HOST_QUEUE)).to.equal(1);
  });

  it('returns unsettled messages when it closes', async () => {
    const { server, deliveries } = await worker();
    await send(HOST_QUEUE, 'x', 'y');
    await until('the messages', () => deliveries.length === 2);
    deliveries[0]?.ack();
    await server.close();
    expect(deliveries[1]?.signal.aborted).to.equal(true);
    await until('the message back', async () => (await ready(HOST_QUEUE)) === 1);
  });

  for (const queueType of ['quorum', 'classic'] as const) {
    it(`hands a ${queueType} queue to the standby in its order when the active worker goes`, async () => {
      const active = await worker({ queueType, prefetch: 5 });
      const standby = await worker({ queueType, prefetch: 5 }, 'standby');
      const bodies = Array.from({ length: 20 }, (_, index) => `m${index}`);
      await send(HOST_QUEUE, ...bodies);
      await until('the prefetch', () => active.deliveries.length === 5);
      active.deliveries[0]?.ack();
      active.deliveries[1]?.ack();
      await until('two more', () => active.deliveries.length === 7);
      expect(standby.deliveries).to.have.length(0);

      await active.proxy.down();
      let settled = 0;
      await until('the rest', () => {
        for (const delivery of standby.deliveries.slice(settled)) delivery.ack();
        settled = standby.deliveries.length;
        return settled >= 18;
      });
      expect(standby.texts()).to.deep.equal(bodies.slice(2));
      expect(standby.deliveries[0]).to.include({ redelivered: true });
      expect(standby.deliveries[17]).to.include({ redelivered: false });
    });
  }

  for (const queueType of ['quorum', 'classic'] as const) {
    it(`keeps a ${queueType} queue in order when the active worker stops in peace`, async () => {
      const active = await worker({ queueType, prefetch: 4 });
      const standby = await worker({ queueType, prefetch: 10 }, 'standby');
      await send(HOST_QUEUE, 'a', 'b', 'c', 'd', 'e', 'f');
      await until('the prefetch', () => active.deliveries.length === 4);
      active.server.stopConsuming();
      active.deliveries[0]?.ack();
      active.deliveries[2]?.ack();
      await pause(300);
      expect(active.texts()).to.deep.equal(['a', 'b', 'c', 'd']);
      expect(standby.texts()).to.deep.equal([]);
      await active.server.close();
      await until('the rest', () => standby.deliveries.length === 4);
      expect(standby.texts()).to.deep.equal(['b', 'd', 'e', 'f']);
    });
  }

  it('does not start on a queue of the wrong type', async () => {
    const first = await worker({ queueType: 'classic' });
    await first.server.close();
    const error: unknown = await worker({ queueType: 'quorum' }).catch((reason: unknown) => reason);
    expect(error).to.be.instanceOf(TopologyMismatch).with.property('property', 'x-queue-type');
    expect(await broker.counts('topic')).to.include({ consumers: 0 });
  });

  it('continues after a handler throws', async () => {
    let calls = 0;
    const { server } = await worker({
      onDelivery: (delivery) => {
        calls += 1;
        if (calls === 1) throw new Error('a bug');
        delivery.ack();
      },
    });
    await send(HOST_QUEUE, 'x', 'y');
    await until('both', () => calls === 2);
    expect(consumes(server)).to.equal(true);
    expect(lines.join('\n')).to.contain('a bug');
  });
});
