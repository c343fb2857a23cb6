import { once } from 'node:events';

import { expect } from 'chai';

import {
  ConnectionLost,
  NoExchange,
  NotConfirmed,
  Publisher,
  type RpcConnection,
  Undeliverable,
} from '../../src/amqp/index.js';
import { pause } from '../../src/async/pause.js';
import { jsonCodec, ReplySender } from '../../src/rpc/index.js';
import { Cleanup } from '../../testkit/fixtures/cleanup.js';
import { recordingLogger } from '../../testkit/fixtures/log.js';
import { until } from '../../testkit/fixtures/poll.js';
import { openConnection } from '../../testkit/fixtures/rpc.js';
import { amqpFrame, blocked, FrameProxy, isPublish, unblocked } from '../../testkit/proxies/frame-proxy.js';
import { TcpProxy } from '../../testkit/proxies/tcp-proxy.js';
import { TestBroker } from '../../testkit/servers/broker.js';

const PLAIN = { contentType: 'text/plain' };
const MANDATORY = { ...PLAIN, mandatory: true };

describe('Publisher and ReplySender on RabbitMQ', () => {
  const cleanup = new Cleanup();
  const { log } = recordingLogger();
  let broker: TestBroker;
  let proxy: TcpProxy;
  let connection: RpcConnection;
  let publisher: Publisher;

  beforeEach(async () => {
    broker = cleanup.add(await TestBroker.create(), (one) => one.drop());
    proxy = cleanup.add(await TcpProxy.start(broker.host), (one) => one.stop());
    connection = await openConnection(cleanup, { transportUrl: broker.url(proxy.port), log });
    publisher = cleanup.add(new Publisher(connection, log), (one) => one.close());
    await publisher.ready();
  });
  afterEach(() => cleanup.run());

  const makeQueue = (name: string): Promise<unknown> =>
    broker.onChannel((channel) => channel.assertQueue(name, { durable: true }));
  const failure = (promise: Promise<unknown>): Promise<unknown> => promise.catch((reason: unknown) => reason);
  const texts = (queue: string, count: number): Promise<string[]> =>
    broker.onChannel(async (channel) => {
      const found: string[] = [];
      while (found.length < count) {
        const message = await channel.get(queue, { noAck: true });
        if (!message) break;
        found.push(message.content.toString());
      }
      return found;
    });

  it('resolves when the broker has stored the message with its properties', async () => {
    await makeQueue('q');
    await publisher.publish('', 'q', Buffer.from('{}'), {
      contentType: 'application/json',
      headers: { reason: 'test' },
      expiration: 60_000,
    });
    const message = await broker.onChannel((channel) => channel.get('q', { noAck: true }));
    expect(message && message.properties).to.include({
      contentType: 'application/json',
      contentEncoding: 'utf-8',
      deliveryMode: 2,
      expiration: '60000',
    });
    expect(message && message.properties.headers).to.deep.equal({ reason: 'test' });
  });

  it('keeps the order of the calls, many at once', async () => {
    await makeQueue('q');
    const numbers = Array.from({ length: 5_000 }, (_, index) => String(index));
    await Promise.all(numbers.map((number) => publisher.publish('', 'q', Buffer.from(number), MANDATORY)));
    expect(await texts('q', 6_000)).to.deep.equal(numbers);
  });

  it('reports exactly the message that was returned', async () => {
    await makeQueue('q');
    const outcomes = await Promise.allSettled(
      ['q', 'nowhere', 'q', 'nowhere-2', 'q'].map((key) => publisher.publish('', key, Buffer.from(key), MANDATORY)),
    );
    expect(outcomes.map(({ status }) => status)).to.deep.equal([
      'fulfilled',
      'rejected',
      'fulfilled',
      'rejected',
      'fulfilled',
    ]);
    const refused = outcomes[1];
    const reason: unknown = refused?.status === 'rejected' ? refused.reason : null;
    expect(reason).to.be.instanceOf(Undeliverable).with.property('message').that.contains('queue "nowhere"');
  });

  it('lets the broker drop a message that is not mandatory', async () => {
    await publisher.publish('', 'nowhere', Buffer.from('x'), PLAIN);
  });

  it('says which exchange is missing, and goes on', async () => {
    await makeQueue('q');
    const error = await failure(publisher.publish('no-exchange', 'k', Buffer.from('x'), MANDATORY));
    expect(error).to.be.instanceOf(NoExchange).and.instanceOf(Undeliverable);
    expect(error).to.have.property('message').that.contains('exchange "no-exchange"');
    await publisher.ready();
    await publisher.publish('', 'q', Buffer.from('x'), MANDATORY);
  });

  it('loses no other message when an exchange is missing: unconfirmed messages are sent again', async () => {
    await makeQueue('q');
    const send = async (text: string): Promise<void> => {
      for (;;) {
        await publisher.ready();
        const error = await failure(publisher.publish('', 'q', Buffer.from(text), MANDATORY));
        if (error === undefined) return;
        expect(error).to.be.instanceOf(ConnectionLost);
      }
    };
    const missing = failure(publisher.publish('no-exchange', 'k', Buffer.from('x'), PLAIN));
    await Promise.all(Array.from({ length: 20 }, (_, n) => send(`${n}`)));
    expect(await missing).to.be.instanceOf(NoExchange);
    expect(new Set(await texts('q', 100)).size).to.equal(20);
  });

  it('waits for a confirm until its timeout, or until its signal aborts', async () => {
    const patient = cleanup.add(new Publisher(connection, log, 50), (one) => one.close());
    await patient.ready();
    proxy.hang();
    const late = await failure(patient.publish('', 'q', Buffer.from('x'), PLAIN));
    expect(late).to.be.instanceOf(NotConfirmed).with.property('message').that.contains('within 50 ms');
    const giving = new AbortController();
    const { signal } = giving;
    const given = failure(publisher.publish('', 'q', Buffer.from('x'), { ...PLAIN, signal }));
    giving.abort();
    expect(await given).to.be.instanceOf(NotConfirmed);
    expect(await failure(publisher.publish('', 'q', Buffer.from('x'), { ...PLAIN, signal }))).to.be.instanceOf(
      NotConfirmed,
    );
    proxy.cut();
  });

  it('sends nothing while the broker has an alarm, and continues when the alarm ends', async () => {
    await makeQueue('q');
    const frames = cleanup.add(await FrameProxy.start(broker.host, amqpFrame), (one) => one.stop());
    const alarmed = await openConnection(cleanup, { transportUrl: broker.url(frames.port), log });
    const careful = cleanup.add(new Publisher(alarmed, log), (one) => one.close());
    await careful.ready();
    let told = false;
    frames.fate = (frame) => {
      if (isPublish(frame) && !told) frames.say(blocked('low on memory'));
      told ||= isPublish(frame);
      return 'pass';
    };
    const telling = once(alarmed, 'blocked');
    await careful.publish('', 'q', Buffer.from('first'), PLAIN);
    await telling;
    expect(await failure(careful.publish('', 'q', Buffer.from('second'), PLAIN))).to.be.instanceOf(NotConfirmed);
    let ready = false;
    const waiting = careful.ready().then(() => (ready = true));
    await broker.counts('q');
    expect(ready).to.equal(false);
    frames.say(unblocked());
    await waiting;
    await careful.publish('', 'q', Buffer.from('third'), PLAIN);
    expect(await texts('q', 3)).to.deep.equal(['first', 'third']);
  });

  it('rejects unconfirmed messages when the connection is lost, and continues afterwards', async () => {
    await makeQueue('q');
    proxy.hang();
    const publishing = failure(publisher.publish('', 'q', Buffer.from('x'), MANDATORY));
    proxy.cut();
    expect(await publishing).to.be.instanceOf(ConnectionLost);
    expect(await failure(publisher.publish('', 'q', Buffer.from('x'), MANDATORY))).to.be.instanceOf(ConnectionLost);
    proxy.resume();
    await publisher.ready();
    await publisher.publish('', 'q', Buffer.from('y'), MANDATORY);
    expect(await texts('q', 2)).to.deep.equal(['y']);
  });

  it('lets many callers wait for the connection without a warning of Node.js', async () => {
    const warnings: Error[] = [];
    const note = (warning: Error): void => {
      warnings.push(warning);
    };
    process.on('warning', note);
    await makeQueue('reply_1');
    const lost = once(connection, 'lost');
    proxy.cut();
    await lost;
    const sender = new ReplySender({ publisher, log, retryEvery: 10 });
    const { signal } = new AbortController();
    const answers = await Promise.all(
      Array.from({ length: 9 }, (_, n) =>
        sender.reply(jsonCodec, { replyQ: 'reply_1', msgId: `m${n}` }, { result: n }, signal),
      ),
    );
    await Promise.all(Array.from({ length: 100 }, () => publisher.ready()));
    process.off('warning', note);
    expect(answers).to.deep.equal(Array.from({ length: 9 }, () => 'sent'));
    expect(warnings).to.deep.equal([]);
  });

  it('rejects waiting messages when it is closed', async () => {
    await proxy.down();
    await until('the loss', () => connection.state !== 'connected');
    const waiting = failure(publisher.ready());
    const reply = failure(
      new ReplySender({ publisher, log }).reply(jsonCodec, { replyQ: 'q', msgId: 'm' }, { result: 1 }),
    );
    await connection.close();
    expect(await waiting).to.be.instanceOf(ConnectionLost);
    expect(await reply).to.be.instanceOf(ConnectionLost);
    expect(await failure(new Publisher(connection, log).ready())).to.be.instanceOf(ConnectionLost);
  });

  it('closes even if the broker does not answer', async () => {
    proxy.hang();
    const publishing = failure(publisher.publish('', 'q', Buffer.from('x'), PLAIN));
    await Promise.all([publisher.close(), connection.close()]);
    expect(await publishing).to.be.instanceOf(ConnectionLost);
  });

  describe('ReplySender', () => {
    const address = { replyQ: 'reply_1', msgId: 'm1' };

    it('retries while the caller is reconnecting', async () => {
      const sender = new ReplySender({ publisher, log });
      const answer = sender.reply(jsonCodec, address, { result: { ok: true } });
      await pause(600);
      await makeQueue('reply_1');
      expect(await answer).to.equal('sent');
      const [text = ''] = await texts('reply_1', 1);
      expect(jsonCodec.decodeReply(Buffer.from(text))).to.include({ msgId: 'm1', ending: true });
    });

    it('stops retrying for a caller that stays away', async () => {
      const sender = new ReplySender({ publisher, log, retryEvery: 20, retryFor: 100 });
      expect(await sender.reply(jsonCodec, address, { result: 1 })).to.equal('gone');
      await makeQueue('reply_1');
      expect(await sender.reply(jsonCodec, address, { result: 1 })).to.equal('gone');
      expect((await broker.counts('reply_1')).ready).to.equal(0);
    });

    it('sends pending replies after a reconnection', async () => {
      await makeQueue('reply_1');
      const sender = new ReplySender({ publisher, log, retryEvery: 20 });
      proxy.hang();
      const answer = sender.reply(jsonCodec, address, { failure: '{}' });
      proxy.cut();
      proxy.resume();
      expect(await answer).to.equal('sent');
      await until('the reply', async () => (await broker.counts('reply_1')).ready === 1);
    });

    it('sends heartbeats', async () => {
      await makeQueue('reply_1');
      const stop = new ReplySender({ publisher, log }).startHeartbeats(jsonCodec, { ...address, timeout: 2 });
      await until('a heartbeat', async () => (await broker.counts('reply_1')).ready >= 2);
      stop();
      const [text = ''] = await texts('reply_1', 1);
      expect(jsonCodec.decodeReply(Buffer.from(text))).to.include({ result: null, failure: null, ending: false });
    });
  });
});
