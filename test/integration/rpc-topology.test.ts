import { expect } from 'chai';

import { TopologyMismatch } from '../../src/amqp/index.js';
import { declareTopology, type TopologyOptions } from '../../src/rpc/index.js';
import { Cleanup } from '../../testkit/fixtures/cleanup.js';
import { recordingLogger } from '../../testkit/fixtures/log.js';
import { openConnection, SERVER } from '../../testkit/fixtures/rpc.js';
import { TestBroker } from '../../testkit/servers/broker.js';

describe('topology on RabbitMQ', () => {
  const cleanup = new Cleanup();
  const { log, lines } = recordingLogger();
  const warnings = (): string[] => lines.filter((line) => line.startsWith('warn'));
  let broker: TestBroker;

  beforeEach(async () => {
    lines.length = 0;
    broker = cleanup.add(await TestBroker.create(), (one) => one.drop());
  });
  afterEach(() => cleanup.run());

  async function declare(options: Partial<TopologyOptions> = {}): Promise<string[]> {
    const connection = await openConnection(cleanup, { transportUrl: broker.url(), log });
    const { model } = connection;
    if (!model) throw new Error('not connected');
    return declareTopology(model, { ...SERVER, ...options }, log);
  }

  /** Where the queue gets a message with the routing key from. */
  async function routes(exchange: string, routingKey: string, queue: string): Promise<boolean> {
    await broker.onChannel(async (channel) => {
      await channel.purgeQueue(queue);
      channel.publish(exchange, routingKey, Buffer.from('x'));
      await channel.checkExchange(exchange);
    });
    return (await broker.counts(queue)).ready === 1;
  }

  it('makes durable quorum queues with one active consumer, bound by their names', async () => {
    const names = await declare({ servers: ['host-1', 'host-2'], deadLetterQueue: 'topic.dead' });
    expect(names).to.deep.equal(['topic', 'topic.host-1', 'topic.host-2', 'topic_fanout']);
    expect(await broker.queues()).to.have.members(names);
    for (const name of names) {
      const queue = await broker.queue(name);
      expect(queue).to.include({ durable: true, auto_delete: false });
      expect(queue.arguments).to.deep.equal({
        'x-queue-type': 'quorum',
        'x-single-active-consumer': true,
        'x-delivery-limit': 1_000_000_000,
        'x-dead-letter-exchange': '',
        'x-dead-letter-routing-key': 'topic.dead',
        'x-dead-letter-strategy': 'at-least-once',
        'x-overflow': 'reject-publish',
      });
    }
    expect(await routes('ironic', 'topic', 'topic')).to.equal(true);
    expect(await routes('ironic', 'topic.host-2', 'topic.host-2')).to.equal(true);
    expect(await routes('topic_fanout', '', 'topic_fanout')).to.equal(true);
  });

  it('makes classic queues when asked to', async () => {
    await declare({ queueType: 'classic', deadLetterQueue: 'topic.dead' });
    const { arguments: args } = await broker.queue('topic');
    expect(args).to.deep.equal({ 'x-queue-type': 'classic', 'x-single-active-consumer': true });
  });

  it("inspects a queue whose long name hides the difference in the broker's error", async () => {
    const host = 'h'.repeat(160);
    const name = `topic.${host}`;
    const earlier = { 'x-queue-type': 'quorum', 'x-single-active-consumer': true };
    const route = { 'x-dead-letter-exchange': '', 'x-dead-letter-routing-key': 'k'.repeat(200) };
    const own = { ...earlier, ...route };
    for (const [there, property, current] of [
      [earlier, 'x-delivery-limit', 'none'],
      [own, 'x-dead-letter-routing-key', 'unknown'],
    ] as const) {
      await broker.onChannel(async (channel) => {
        await channel.assertQueue(name, { durable: true, arguments: there });
      });
      await declare({ fanout: false, anyServer: false, servers: [host], deadLetterQueue: 'd'.repeat(100) });
      expect((await broker.queue(name)).arguments).to.deep.equal(there);
      expect(warnings()[0]).to.contain(`"${property}":"${current}"`);
      lines.length = 0;
      await broker.onChannel((channel) => channel.deleteQueue(name));
    }
  });

  it('uses a queue of an earlier version without limits as it is, and warns', async () => {
    const earlier = { 'x-queue-type': 'quorum', 'x-single-active-consumer': true };
    const own = { ...earlier, 'x-delivery-limit': 50, 'x-overflow': 'reject-publish' };
    await broker.onChannel(async (channel) => {
      await channel.assertQueue('topic', { durable: true, arguments: earlier });
      await channel.assertQueue('topic.host-1', { durable: true, arguments: own });
    });
    await declare({ fanout: false, deadLetterQueue: 'topic.dead' });
    expect((await broker.queue('topic')).arguments).to.deep.equal(earlier);
    expect((await broker.queue('topic.host-1')).arguments).to.deep.equal(own);
    expect(await routes('ironic', 'topic', 'topic')).to.equal(true);
    expect(await routes('ironic', 'topic.host-1', 'topic.host-1')).to.equal(true);
    const [any, host] = warnings();
    expect(any).to.match(/^warn: queue "topic" has other limits.*netprov topology upgrade/);
    expect(any).to.contain('"x-delivery-limit":"none"').and.to.contain('"x-dead-letter-exchange":"none"');
    expect(host).to.contain('"x-delivery-limit":"50"').and.not.contain('x-overflow');
  });

  it('declares only the requested queues', async () => {
    await declare({ fanout: false, anyServer: false });
    expect(await broker.queues()).to.deep.equal(['topic.host-1']);
  });

  it('makes exchanges as a Python client would', async () => {
    await declare({ exchangeDurable: true });
    expect(await broker.exchange('ironic')).to.include({ type: 'topic', durable: true, auto_delete: false });
    expect(await broker.exchange('topic_fanout')).to.include({ type: 'fanout', durable: false, auto_delete: true });
    expect(warnings()).to.deep.equal([]);
  });

  it('makes exchanges as a Python client with rabbit_transient_quorum_queue and amqp_auto_delete would', async () => {
    await declare({ fanoutExchangeDurable: true, exchangeAutoDelete: true });
    expect(await broker.exchange('ironic')).to.include({ type: 'topic', durable: false, auto_delete: true });
    expect(await broker.exchange('topic_fanout')).to.include({ type: 'fanout', durable: true, auto_delete: true });
    expect(warnings()).to.deep.equal([]);
  });

  it('declares a second time without a warning', async () => {
    await declare();
    await declare();
    expect(warnings()).to.deep.equal([]);
  });

  for (const [there, ours] of [
    [true, false],
    [false, true],
  ] as const) {
    it(`uses an exchange that is ${there ? 'durable' : 'not durable'} when it would make the other`, async () => {
      await broker.onChannel((channel) => channel.assertExchange('ironic', 'topic', { durable: there }));
      await declare({ exchangeDurable: ours });
      expect(await broker.exchange('ironic')).to.include({ durable: there });
      expect(await routes('ironic', 'topic.host-1', 'topic.host-1')).to.equal(true);
      expect(warnings()).to.deep.equal([
        'warn: exchange "ironic" exists with other properties; using it as it is ' +
          `{"property":"durable","received":"${ours}","current":"${there}"}`,
      ]);
    });
  }

  it('uses a durable fanout exchange, as rabbit_transient_quorum_queue makes it', async () => {
    await broker.onChannel((channel) =>
      channel.assertExchange('topic_fanout', 'fanout', { durable: true, autoDelete: true }),
    );
    await declare();
    expect(await routes('topic_fanout', '', 'topic_fanout')).to.equal(true);
    expect(warnings()).to.have.length(1);
  });

  it('refuses an exchange of another type', async () => {
    await broker.onChannel((channel) => channel.assertExchange('ironic', 'headers', { durable: false }));
    const error: unknown = await declare().catch((reason: unknown) => reason);
    expect(error).to.be.instanceOf(TopologyMismatch).and.include({ resource: 'ironic', property: 'type' });
    expect(error).to.have.property('message').that.contains('is of type headers, but must be topic');
  });

  it('says what is wrong with a queue that was switched from classic to quorum, and changes nothing', async () => {
    await declare({ queueType: 'classic' });
    const error: unknown = await declare().catch((reason: unknown) => reason);
    expect(error).to.be.instanceOf(TopologyMismatch).and.include({ resource: 'topic', property: 'x-queue-type' });
    expect(error)
      .to.have.property('message')
      .that.equals(
        'Queue "topic" exists with x-queue-type = classic, but x-queue-type = quorum is needed. Let ' +
          'its consumers drain it, delete the queue and start again, or set the queue type to "classic".',
      );
    expect((await broker.queue('topic')).arguments).to.include({ 'x-queue-type': 'classic' });
  });

  it('says what is wrong with a queue that a Python server with amqp_auto_delete made', async () => {
    await broker.onChannel((channel) => channel.assertQueue('topic.host-1', { durable: true, autoDelete: true }));
    const error: unknown = await declare().catch((reason: unknown) => reason);
    expect(error).to.be.instanceOf(TopologyMismatch).and.include({ resource: 'topic.host-1', property: 'auto_delete' });
    expect(error)
      .to.have.property('message')
      .that.contains('Queue "topic.host-1" exists with auto_delete = true, but auto_delete = false is needed');
  });
});
