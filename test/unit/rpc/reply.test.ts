import { expect } from 'chai';
import sinon from 'sinon';

import { ConnectionLost, Undeliverable } from '../../../src/amqp/errors.js';
import { silentLogger } from '../../../src/log/log.js';
import { jsonCodec } from '../../../src/rpc/envelope.js';
import { ReplySender } from '../../../src/rpc/reply.js';

const ADDRESS = { replyQ: 'reply_1', msgId: 'm1' };

describe('ReplySender', () => {
  let clock: sinon.SinonFakeTimers;
  const publish = sinon.stub<[string, string, Buffer, unknown], Promise<void>>();
  const ready = sinon.stub<[AbortSignal?], Promise<void>>();
  let sender: ReplySender;

  beforeEach(() => {
    clock = sinon.useFakeTimers();
    publish.reset();
    ready.reset();
    ready.resolves();
    sender = new ReplySender({ publisher: { publish, ready }, log: silentLogger() });
  });

  afterEach(() => {
    clock.restore();
  });

  it('sends to the default exchange, mandatory', async () => {
    publish.resolves();
    expect(await sender.reply(jsonCodec, ADDRESS, { result: 5 })).to.equal('sent');
    const [exchange, routingKey, body, options] = publish.firstCall.args;
    expect([exchange, routingKey]).to.deep.equal(['', 'reply_1']);
    expect(options).to.include({ mandatory: true, contentType: 'application/json' });
    expect(jsonCodec.decodeReply(body)).to.include({ result: 5, failure: null, ending: true, msgId: 'm1' });
  });

  it('retries a missing queue every quarter of a second, then treats the caller as gone', async () => {
    publish.callsFake(() => Promise.reject(new Undeliverable('no queue')));
    const answer = sender.reply(jsonCodec, ADDRESS, { result: 5 });
    await clock.tickAsync(59_900);
    expect(publish.callCount).to.equal(240);
    await clock.tickAsync(200);
    expect(await answer).to.equal('gone');
    expect(publish.callCount).to.equal(241);

    expect(await sender.reply(jsonCodec, ADDRESS, { result: 5 })).to.equal('gone');
    expect(publish.callCount).to.equal(241);
    await clock.tickAsync(60_001);
    publish.resetBehavior();
    publish.resolves();
    expect(await sender.reply(jsonCodec, ADDRESS, { result: 5 })).to.equal('sent');
  });

  it('sends the same message each time, so that a caller can tell a duplicate', async () => {
    publish.onFirstCall().rejects(new Undeliverable('no queue'));
    publish.onSecondCall().rejects(new ConnectionLost('cut'));
    publish.onThirdCall().resolves();
    const answer = sender.reply(jsonCodec, ADDRESS, { result: 5 });
    await clock.tickAsync(500);
    expect(await answer).to.equal('sent');
    expect(publish.thirdCall.args[2].equals(publish.firstCall.args[2])).to.equal(true);
  });

  it('remembers no more than 200 gone callers', async () => {
    const quick = new ReplySender({ publisher: { publish, ready }, log: silentLogger(), retryFor: 0 });
    publish.callsFake(() => Promise.reject(new Undeliverable('no queue')));
    for (let i = 0; i <= 200; i++) await quick.reply(jsonCodec, { replyQ: `reply_${i}`, msgId: 'm' }, { result: 1 });
    publish.resetHistory();
    expect(await quick.reply(jsonCodec, { replyQ: 'reply_1', msgId: 'm' }, { result: 1 })).to.equal('gone');
    expect(publish.callCount).to.equal(0);
    await quick.reply(jsonCodec, { replyQ: 'reply_0', msgId: 'm' }, { result: 1 });
    expect(publish.callCount).to.equal(1);
  });

  it('gives up when the signal aborts', async () => {
    publish.callsFake(() => Promise.reject(new Undeliverable('no queue')));
    const aborter = new AbortController();
    const answer = sender.reply(jsonCodec, ADDRESS, { result: 5 }, aborter.signal);
    await clock.tickAsync(1_000);
    aborter.abort();
    const error: unknown = await answer.catch((reason: unknown) => reason);
    expect(error).to.be.instanceOf(ConnectionLost);
  });

  it('sends heartbeats at every half of the timeout until it is stopped', async () => {
    publish.resolves();
    const stop = sender.startHeartbeats(jsonCodec, { ...ADDRESS, timeout: 5 });
    await clock.tickAsync(7_600);
    expect(publish.callCount).to.equal(3);
    const reply = jsonCodec.decodeReply(publish.firstCall.args[2]);
    expect(reply).to.include({ result: null, failure: null, ending: false, msgId: 'm1' });
    stop();
    await clock.tickAsync(60_000);
    expect(publish.callCount).to.equal(3);
  });

  for (const timeout of [null, 0, 1, 1.9, -3]) {
    it(`does not beat for a timeout of ${timeout}`, async () => {
      sender.startHeartbeats(jsonCodec, { ...ADDRESS, timeout });
      await clock.tickAsync(60_000);
      expect(publish.callCount).to.equal(0);
    });
  }

  it('does not send heartbeats without pause when the timeout exceeds the maximum of a timer', async () => {
    publish.resolves();
    const stop = sender.startHeartbeats(jsonCodec, { ...ADDRESS, timeout: 1e10 });
    await clock.tickAsync(60_000);
    expect(publish.callCount).to.equal(0);
    stop();
  });

  it('stops the heartbeats when one cannot be delivered', async () => {
    publish.callsFake(() => Promise.reject(new Undeliverable('no queue')));
    sender.startHeartbeats(jsonCodec, { ...ADDRESS, timeout: 2 });
    await clock.tickAsync(10_000);
    expect(publish.callCount).to.equal(1);
  });
});
