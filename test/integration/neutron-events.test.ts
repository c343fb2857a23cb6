import { randomUUID } from 'node:crypto';

import { expect } from 'chai';

import { Undeliverable } from '../../src/amqp/index.js';
import { EventsPublisher, subscribeToEvents } from '../../src/messages/neutron-events.js';
import type { PortEvent } from '../../src/neutron/events.js';
import { Cleanup } from '../../testkit/fixtures/cleanup.js';
import { recordingLogger } from '../../testkit/fixtures/log.js';
import { BOUND, DELETED, eventsIn } from '../../testkit/fixtures/neutron-event-samples.js';
import { until } from '../../testkit/fixtures/poll.js';
import { rejection } from '../../testkit/fixtures/rejection.js';
import { openConnection } from '../../testkit/fixtures/rpc.js';
import { TcpProxy } from '../../testkit/proxies/tcp-proxy.js';
import { TestBroker } from '../../testkit/servers/broker.js';

const EXCHANGE = 'topic_events';
const bound = eventsIn(BOUND) as PortEvent[];
const deleted = eventsIn(DELETED) as PortEvent[];

describe("Neutron's events, by way of RabbitMQ", () => {
  const cleanup = new Cleanup();
  const { log, lines } = recordingLogger();
  let broker: TestBroker;

  beforeEach(async () => {
    lines.length = 0;
    broker = cleanup.add(await TestBroker.create(), (one) => one.drop());
  });
  afterEach(() => cleanup.run());

  /** A worker's ears: what it hears. */
  async function subscribe(transportUrl = broker.url()): Promise<{ heard: PortEvent[]; close: () => Promise<void> }> {
    const heard: PortEvent[] = [];
    const connection = await openConnection(cleanup, { transportUrl, log });
    const subscriber = subscribeToEvents({ connection, topic: 'topic', log }, (event) => heard.push(event));
    cleanup.add(subscriber, (one) => one.close());
    await subscriber.ready;
    return { heard, close: () => subscriber.close() };
  }

  async function openPublisher(): Promise<EventsPublisher> {
    const connection = await openConnection(cleanup, { transportUrl: broker.url(), log });
    const publisher = cleanup.add(new EventsPublisher({ connection, topic: 'topic', log }), (one) => one.close());
    await publisher.ready();
    return publisher;
  }

  const queues = async (): Promise<string[]> => (await broker.queues()).filter((name) => name.startsWith(EXCHANGE));

  /** Publishes what no publisher of ours would. */
  const publishRaw = (body: string | Buffer): Promise<boolean> =>
    broker.onChannel((channel) => Promise.resolve(channel.publish(EXCHANGE, '', Buffer.from(body))));

  it('reach every worker in order', async () => {
    const workers = [await subscribe(), await subscribe()];
    const publisher = await openPublisher();
    await publisher.publish(bound);
    await publisher.publish(deleted);
    for (const { heard } of workers) {
      await until('all events', () => heard.length === 3);
      expect(heard).to.deep.equal([...bound, ...deleted]);
    }
  });

  it('use queues that are deleted with their workers and do not grow', async () => {
    const worker = await subscribe();
    const [name = ''] = await queues();
    expect(await broker.queue(name)).to.deep.include({ durable: false, auto_delete: true });
    expect((await broker.queue(name)).arguments).to.include({ 'x-message-ttl': 60_000, 'x-max-length': 1000 });
    expect(await broker.exchange(EXCHANGE)).to.include({ type: 'fanout', durable: true, auto_delete: false });
    await worker.close();
    await until('the queue to be gone', async () => (await queues()).length === 0);
  });

  it('can be published when no worker listens', async () => {
    const publisher = await openPublisher();
    await publisher.publish(bound);
    await publisher.publish([]);
  });

  it('go in several messages when they are many', async () => {
    const { heard } = await subscribe();
    const publisher = await openPublisher();
    const many = Array.from({ length: 1201 }, () => bound.map((event) => ({ ...event, port_id: randomUUID() }))).flat();
    await publisher.publish(many);
    await until('all events', () => heard.length === many.length);
    expect(heard.map((event) => event.port_id)).to.deep.equal(many.map((event) => event.port_id));
  });

  it('are received again after the connection was lost', async () => {
    const proxy = cleanup.add(await TcpProxy.start(broker.host), (one) => one.stop());
    const publisher = await openPublisher();
    const { heard } = await subscribe(broker.url(proxy.port));
    await publisher.publish(bound);
    await until('the first', () => heard.length === 1);
    proxy.cut();
    // What is published before the worker is back is lost, so it is published until it is heard.
    await until('one more', async () => {
      await publisher.publish(deleted);
      return heard.some((event) => event.event === 'network.delete_port');
    });
  });

  it('are published again after somebody deleted the exchange, and reach workers that connect then', async () => {
    const publisher = await openPublisher();
    await broker.onChannel((channel) => channel.deleteExchange(EXCHANGE));
    expect(await rejection(publisher.publish(bound))).to.be.instanceOf(Undeliverable);
    await until('the exchange to be there again', () =>
      publisher.publish(bound).then(
        () => true,
        () => false,
      ),
    );
    const { heard } = await subscribe();
    await publisher.publish(deleted);
    await until('all events', () => heard.length === 2);
  });

  for (const [what, body] of Object.entries({
    'no JSON': 'garbage \u0000',
    'no object': 'null',
    'another version': JSON.stringify({ version: 2, events: bound }),
    'no version': JSON.stringify({ events: bound }),
    'no list of events': JSON.stringify({ version: 1, events: { 0: bound } }),
    'more than any number of events takes': JSON.stringify({ version: 1, events: bound, more: 'x'.repeat(1_048_576) }),
  })) {
    it(`tolerate a message that is ${what}`, async () => {
      const { heard } = await subscribe();
      await publishRaw(body);
      await (await openPublisher()).publish(bound);
      await until('the one that follows', () => heard.length > 0);
      expect(heard).to.deep.equal(bound);
      expect(lines.filter((line) => line.includes('unreadable message'))).to.have.length(1);
      expect(lines.join('\n')).not.to.include('garbage');
    });
  }

  it('are read one by one, so that a wrong event does not lose the others', async () => {
    const { heard } = await subscribe();
    await (await openPublisher()).publish([]);
    await publishRaw(JSON.stringify({ version: 1, events: [null, { event: 'other' }, ...bound, 7] }));
    await until('the good one', () => heard.length > 0);
    expect(heard).to.deep.equal(bound);
    expect(lines.filter((line) => line.includes('"dropped":3'))).to.have.length(1);
  });
});
