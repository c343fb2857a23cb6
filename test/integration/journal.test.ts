import { expect } from 'chai';

import {
  ConnectionLost,
  Publisher,
  type RpcConnection,
  type StreamEntry,
  type StreamOptions,
  type StreamPosition,
  StreamReader,
  TopologyMismatch,
  Undeliverable,
} from '../../src/amqp/index.js';
import { declareTopology } from '../../src/rpc/index.js';
import { Cleanup } from '../../testkit/fixtures/cleanup.js';
import { recordingLogger } from '../../testkit/fixtures/log.js';
import { until } from '../../testkit/fixtures/poll.js';
import { openConnection, SERVER } from '../../testkit/fixtures/rpc.js';
import { TestBroker } from '../../testkit/servers/broker.js';

const JOURNAL: StreamOptions = { name: 'topic.journal', maxAge: 3600, maxBytes: 200_000_000 };
const ARGUMENTS = {
  'x-queue-type': 'stream',
  'x-max-age': '3600s',
  'x-max-length-bytes': 200_000_000,
  'x-stream-max-segment-size-bytes': 2_000_000,
};

describe('the journal on RabbitMQ', () => {
  const cleanup = new Cleanup();
  const { log, lines } = recordingLogger();
  const warnings = (): string[] => lines.filter((line) => line.startsWith('warn'));
  let broker: TestBroker;
  let connection: RpcConnection;

  beforeEach(async () => {
    lines.length = 0;
    broker = cleanup.add(await TestBroker.create(), (one) => one.drop());
    connection = await openConnection(cleanup, { transportUrl: broker.url(), log });
  });
  afterEach(() => cleanup.run());

  async function declare(
    journal: StreamOptions | null = JOURNAL,
    servers = ['host-1', 'host.example.org'],
  ): Promise<void> {
    const { model } = connection;
    if (!model) throw new Error('not connected');
    await declareTopology(model, { ...SERVER, servers, journal }, log);
  }

  async function reader(from: StreamPosition): Promise<StreamReader> {
    const opened = await StreamReader.open(connection, JOURNAL.name, { from });
    if (!opened) throw new Error('no journal');
    return cleanup.add(opened, (one) => one.close());
  }

  async function read(from: StreamPosition, count: number): Promise<StreamEntry[]> {
    const stream = await reader(from);
    const entries: StreamEntry[] = [];
    while (entries.length < count) entries.push(await stream.next());
    return entries;
  }

  const bodies = (entries: StreamEntry[]): string[] => entries.map(({ message }) => String(message.content));

  async function publisher(): Promise<Publisher> {
    const opened = cleanup.add(new Publisher(connection, log), (one) => one.close());
    await opened.ready();
    return opened;
  }

  const send = (one: Publisher, exchange: string, key: string, body: string): Promise<void> =>
    one.publish(exchange, key, Buffer.from(body), { contentType: null, mandatory: true });

  it('receives a copy of each request in the queues, and of nothing else', async () => {
    await declare();
    expect((await broker.queue(JOURNAL.name)).arguments).to.deep.equal(ARGUMENTS);
    const sender = await publisher();
    await broker.onChannel(async (channel) => {
      await channel.assertQueue('topic_results.host-1');
      await channel.bindQueue('topic_results.host-1', 'ironic', 'topic_results.host-1');
    });
    await send(sender, 'ironic', 'topic.host-1', 'one');
    await send(sender, 'ironic', 'topic.host.example.org', 'two');
    await send(sender, 'ironic', 'topic_results.host-1', 'a result');
    await send(sender, 'ironic', 'topic', 'three');
    await send(sender, '', 'topic.host-1', 'requeued');
    await send(sender, 'topic_fanout', '', 'four');
    const entries = await read('first', 4);
    expect(bodies(entries)).to.deep.equal(['one', 'two', 'three', 'four']);
    expect(entries.map(({ offset }) => offset)).to.deep.equal([0, 1, 2, 3]);
    const routing = entries.map(({ message: { fields } }) => [fields.exchange, fields.routingKey]);
    expect(routing.slice(1)).to.deep.equal([
      ['ironic', 'topic.host.example.org'],
      ['ironic', 'topic'],
      ['topic_fanout', ''],
    ]);
    expect((await broker.counts('topic.host-1')).ready).to.equal(2);
  });

  it('does not receive requests that no queue receives, so the sender learns that nobody serves the host', async () => {
    await declare();
    const refused: unknown = await send(await publisher(), 'ironic', 'topic.host-2', 'x').catch(
      (error: unknown) => error,
    );
    expect(refused).to.be.instanceOf(Undeliverable);
  });

  it('is declared again without a warning, and is used as it is when it has other limits', async () => {
    await declare();
    await declare();
    expect(warnings()).to.deep.equal([]);
    await declare({ ...JOURNAL, maxAge: 60, maxBytes: 100_000_000 });
    expect((await broker.queue(JOURNAL.name)).arguments).to.deep.equal(ARGUMENTS);
    expect(warnings()).to.have.length(1);
    expect(warnings()[0]).to.contain('stream "topic.journal" exists with other limits; using it as it is');
    expect(warnings()[0]).to.contain('"x-max-length-bytes":"200000000"').and.to.contain('"x-max-age":"3600s"');
    await send(await publisher(), 'ironic', 'topic.host-1', 'one');
    expect(bodies(await read('first', 1))).to.deep.equal(['one']);
  });

  it('is used when somebody made it without limits', async () => {
    await broker.onChannel((channel) =>
      channel.assertQueue(JOURNAL.name, { durable: true, arguments: { 'x-queue-type': 'stream' } }),
    );
    await declare();
    expect(warnings()).to.have.length(1);
    expect((await broker.queue(JOURNAL.name)).arguments).to.deep.equal({ 'x-queue-type': 'stream' });
  });

  for (const type of ['classic', 'quorum']) {
    it(`is refused where a ${type} queue has its name, and takes nothing out of that`, async () => {
      await broker.onChannel(async (channel) => {
        await channel.assertQueue(JOURNAL.name, { durable: true, arguments: { 'x-queue-type': type } });
        channel.sendToQueue(JOURNAL.name, Buffer.from("somebody else's"));
      });
      const error: unknown = await declare().catch((reason: unknown) => reason);
      expect(error)
        .to.be.instanceOf(TopologyMismatch)
        .and.include({ resource: JOURNAL.name, property: 'x-queue-type' });
      const failure: unknown = await read('first', 1).catch((reason: unknown) => reason);
      expect(failure).to.be.instanceOf(Error);
      await connection.close();
      await until('the message is there still', async () => (await broker.counts(JOURNAL.name)).ready === 1);
    });
  }

  it('is not made when journal.enabled is false', async () => {
    await declare(null);
    expect(await broker.queues()).to.not.include(JOURNAL.name);
    expect(await StreamReader.open(connection, JOURNAL.name, { from: 'first' })).to.equal(null);
  });

  describe('is read', () => {
    it('from an offset, and from a time: what was written then or later', async () => {
      await declare();
      const sender = await publisher();
      await send(sender, 'ironic', 'topic.host-1', 'early');
      const between = await nextSecond();
      await nextSecond();
      await send(sender, 'ironic', 'topic.host-1', 'late');
      await send(sender, 'ironic', 'topic.host-1', 'last');
      expect(bodies(await read(1, 2))).to.deep.equal(['late', 'last']);
      expect(bodies(await read(between, 2))).to.deep.equal(['late', 'last']);
      expect(bodies(await read(new Date(0), 3))).to.deep.equal(['early', 'late', 'last']);
    });

    it('continuously, also from a place past the end', async () => {
      await declare();
      const sender = await publisher();
      await send(sender, 'ironic', 'topic.host-1', 'one');
      const far = await reader(new Date(Date.now() + 60_000));
      expect(far.ready).to.equal(false);
      await send(sender, 'ironic', 'topic.host-1', 'two');
      expect(bodies([await far.next()])).to.deep.equal(['two']);
    });

    it('in chunks that are larger than the credit', async () => {
      await declare();
      const sender = await publisher();
      await Promise.all([...Array(1500).keys()].map((n) => send(sender, 'ironic', 'topic.host-1', String(n))));
      const offsets = (await read('first', 1500)).map(({ offset }) => offset);
      expect(offsets).to.deep.equal([...Array(1500).keys()]);
    });

    it('until it is deleted or the connection is lost, which the reader learns', async () => {
      await declare();
      const waits = (await reader('first')).next().catch((error: unknown) => error);
      await broker.onChannel((channel) => channel.deleteQueue(JOURNAL.name));
      expect(await waits).to.be.instanceOf(ConnectionLost);
      await declare();
      const other = (await reader('first')).next().catch((error: unknown) => error);
      await broker.closeConnections('test');
      expect(await other).to.be.instanceOf(ConnectionLost);
    });
  });
});

/** Waits until another second has begun. */
async function nextSecond(): Promise<Date> {
  const now = Math.floor(Date.now() / 1000);
  await until('another second', () => Math.floor(Date.now() / 1000) > now);
  return new Date();
}
