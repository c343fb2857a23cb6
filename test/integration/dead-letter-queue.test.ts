import { expect } from 'chai';

import { ConnectionLost, TopologyMismatch } from '../../src/amqp/index.js';
import { silentLogger } from '../../src/log/log.js';
import { DeadLetterQueue, type LetterSelectionOptions } from '../../src/recovery/dead-letter-queue.js';
import { jsonCodec } from '../../src/rpc/index.js';
import { DEAD, DeadLetterPlace, headersOf, HOST_QUEUE, TOPIC } from '../../testkit/fixtures/dead-letters.js';

describe('the queue of dead letters', () => {
  const place = new DeadLetterPlace();
  before(() => place.open());
  beforeEach(() => place.renew());
  afterEach(() => place.clear());
  after(() => place.close());

  const all: LetterSelectionOptions = { filter: () => true, bodies: true };
  const withQueue = async <T>(work: (queue: DeadLetterQueue) => Promise<T>): Promise<T> => {
    const queue = await DeadLetterQueue.open({
      topic: TOPIC,
      queueType: 'quorum',
      connection: {
        transportUrl: place.broker.url(),
        heartbeat: 10,
        reconnect: { initialDelay: 50, maxDelay: 500 },
        connectionName: 'letters',
        log: silentLogger(),
      },
      jsonCodec,
      maxMessageBytes: 1024,
    });
    try {
      return await work(queue);
    } finally {
      await queue.close();
    }
  };

  it('loses no letter when it is read, and keeps the order while others arrive', async () => {
    await place.write({ a: {}, b: {}, c: {}, d: {} });
    for (let look = 1; look <= 45; look++) {
      const limit = (look % 4) + 1;
      const seen = await withQueue(async (queue) => {
        const { letters, more } = await queue.choose({ ...all, limit });
        expect(more).to.equal(limit < (look > 10 ? 5 : 4));
        if (look === 10) await place.send(DEAD, 'body of e', { headers: headersOf({ 'netprov-operation-id': 'e' }) });
        return letters.map(({ letter }) => letter.id);
      });
      expect(seen, `look ${look}`).to.deep.equal(['a', 'b', 'c', 'd'].slice(0, limit));
      await place.ready(DEAD, look < 10 ? 4 : 5);
    }
    expect(await place.bodies(DEAD)).to.deep.equal(['a', 'b', 'c', 'd', 'e'].map((id) => `body of ${id}`));
  });

  it('lists the oldest letter first even after an interrupted look', async () => {
    await place.write({ a: {}, b: {}, c: {}, d: {} });
    await withQueue((queue) => queue.choose(all));
    for (let interrupted = 1; interrupted <= 5; interrupted++) {
      await place.ready(DEAD, 4);
      await place.broker.onChannel(async (channel) => {
        for (let read = 0; read < (interrupted % 3) + 1; read++) await channel.get(DEAD);
      });
      await place.ready(DEAD, 4);
      const { letters } = await withQueue((queue) => queue.choose(all));
      expect(letters.map(({ letter }) => letter.id)).to.deep.equal(['a', 'b', 'c', 'd']);
    }
  });

  it('is refused without a delivery limit of its own, because reading it would lose letters', async () => {
    await place.declare(DEAD);
    await place.send(DEAD, 'body');
    const refused = await withQueue(() => Promise.resolve(null)).catch((error: unknown) => error);
    expect(refused).to.be.instanceOf(TopologyMismatch);
    expect(String(refused)).to.contain('x-delivery-limit');
    await place.ready(DEAD, 1);
    expect((await place.run('dead-letter', 'list')).code).to.equal(2);
  });

  it('keeps its letters when the connection is lost before they are requeued', async () => {
    await place.declare(HOST_QUEUE);
    await place.write({ a: {}, b: {} });
    const failed = await withQueue(async (queue) => {
      const { letters } = await queue.choose(all);
      expect(letters.length).to.equal(2);
      await place.ready(DEAD, 0);
      await place.broker.closeConnections('letters');
      await place.ready(DEAD, 2);
      return queue.drop(letters).catch((error: unknown) => error);
    });
    expect(failed).to.be.instanceOf(ConnectionLost);
    await place.ready(DEAD, 2);
    expect(await place.bodies(DEAD)).to.deep.equal(['body of a', 'body of b']);
  });
});
