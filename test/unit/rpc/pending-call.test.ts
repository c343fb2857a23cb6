import { expect } from 'chai';
import sinon from 'sinon';

import { MessagingTimeout } from '../../../src/rpc/errors.js';
import { RemoteError, serializeFailure } from '../../../src/rpc/failure.js';
import type { RpcReply } from '../../../src/rpc/message.js';
import { PendingCall } from '../../../src/rpc/reply-queue.js';

const REPLY: RpcReply = { result: null, failure: null, ending: true, msgId: 'm', uniqueId: 'u' };

describe('PendingCall', () => {
  let clock: sinon.SinonFakeTimers;
  beforeEach(() => {
    clock = sinon.useFakeTimers();
  });
  afterEach(() => {
    clock.restore();
  });

  const call = (options: Partial<ConstructorParameters<typeof PendingCall>[0]> = {}): PendingCall =>
    new PendingCall({ method: 'm', timeout: 60, callMonitorTimeout: null, ...options });
  const failure = async (pending: PendingCall): Promise<unknown> => {
    try {
      return await pending.outcome.then((result) => expect.fail(`it returned ${String(result)}`));
    } catch (error) {
      return error;
    } finally {
      pending.dispose();
    }
  };

  it('returns the result', async () => {
    const pending = call();
    pending.receive({ ...REPLY, result: 5 });
    pending.receive({ ...REPLY, result: 6 });
    expect(await pending.outcome).to.equal(5);
    pending.dispose();
    expect(clock.countTimers()).to.equal(0);
  });

  it('accepts the result and its end in two messages', async () => {
    const pending = call();
    pending.receive({ ...REPLY, result: 5, ending: false });
    pending.receive(REPLY);
    expect(await pending.outcome).to.equal(5);
    pending.dispose();
  });

  it('throws what the server raised', async () => {
    const pending = call();
    pending.receive({
      ...REPLY,
      failure: serializeFailure({ class: 'ValueError', module: 'builtins', message: 'bad' }),
    });
    expect(await failure(pending))
      .to.be.instanceOf(RemoteError)
      .and.include({ className: 'ValueError' });
  });

  it('ends after its timeout, heartbeats or not', async () => {
    const pending = call({ timeout: 10, callMonitorTimeout: 4 });
    const error = failure(pending);
    for (let beats = 0; beats < 4; beats++) {
      await clock.tickAsync(2_000);
      pending.receive({ ...REPLY, ending: false });
    }
    await clock.tickAsync(2_000);
    expect(await error)
      .to.be.instanceOf(MessagingTimeout)
      .with.property('message')
      .that.contains('within 10 s');
    expect(clock.countTimers()).to.equal(0);
  });

  it('ends when no heartbeats come', async () => {
    const pending = call({ callMonitorTimeout: 4 });
    const error = failure(pending);
    await clock.tickAsync(3_000);
    pending.receive({ ...REPLY, ending: false });
    await clock.tickAsync(3_900);
    pending.receive({ ...REPLY, ending: false });
    await clock.tickAsync(4_000);
    expect(await error)
      .to.be.instanceOf(MessagingTimeout)
      .with.property('message')
      .that.contains('for 4 s');
  });

  it('ends with the reason of its signal', async () => {
    const aborter = new AbortController();
    const pending = call({ signal: aborter.signal });
    const reason = new Error('never mind');
    aborter.abort(reason);
    expect(await failure(pending)).to.equal(reason);
    expect(await failure(call({ signal: aborter.signal }))).to.equal(reason);
  });
});
