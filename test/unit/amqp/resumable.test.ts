import type { ChannelModel } from 'amqplib';
import { expect } from 'chai';
import sinon from 'sinon';

import { ReconnectBackoff, Resumable, type Setup } from '../../../src/amqp/resumable.js';
import { silentLogger } from '../../../src/log/log.js';

const DELAYS = { initialDelay: 100, maxDelay: 1_000 };
// A setup of a test looks at which connection it got, and at nothing in it.
const model = (name: string): ChannelModel => ({ name }) as unknown as ChannelModel;

describe('Resumable', () => {
  let clock: sinon.SinonFakeTimers;
  let setup: sinon.SinonStub<Parameters<Setup>, Promise<void>>;
  let resumable: Resumable;

  beforeEach(() => {
    clock = sinon.useFakeTimers();
    setup = sinon.stub();
    setup.resolves();
    resumable = new Resumable('test', setup, DELAYS, silentLogger(), () => undefined);
  });
  afterEach(() => {
    resumable.release();
    clock.restore();
  });

  it('runs once for each connection', async () => {
    const [first, second] = [model('first'), model('second')];
    resumable.attach(first);
    await resumable.ready;
    resumable.detach();
    resumable.attach(second);
    await clock.runAllAsync();
    expect(setup.args).to.deep.equal([[first], [second]]);
  });

  it('does not let a new connection take over the backoff of the old one', async () => {
    setup.onFirstCall().rejects(new Error('no'));
    resumable.attach(model('first'));
    await clock.tickAsync(1);
    resumable.detach();
    resumable.attach(model('second'));
    await clock.tickAsync(1);
    expect(setup.callCount).to.equal(2);
  });

  it('is ready when it worked, and says why not when it failed', async () => {
    setup.onFirstCall().rejects(new Error('no'));
    resumable.attach(model('only'));
    const error: unknown = await resumable.ready.catch((reason: unknown) => reason);
    expect(error).to.have.property('message', 'no');
    await clock.tickAsync(1_000);
    expect(setup.callCount).to.equal(2);
  });

  it('runs once more after one or several requests', async () => {
    resumable.attach(model('only'));
    await resumable.ready;
    for (let time = 0; time < 5; time++) resumable.again();
    await clock.runAllAsync();
    expect(setup.callCount).to.equal(2);
  });

  it('runs again when asked while it was running', async () => {
    setup.onFirstCall().callsFake(async () => {
      resumable.again();
      await Promise.resolve();
    });
    resumable.attach(model('only'));
    await clock.runAllAsync();
    expect(setup.callCount).to.equal(2);
  });

  it('does not run again after it is released', async () => {
    setup.rejects(new Error('no'));
    resumable.attach(model('only'));
    await clock.tickAsync(10);
    resumable.release();
    const { callCount } = setup;
    resumable.again();
    await clock.runAllAsync();
    expect(setup.callCount).to.equal(callCount);
    expect(resumable.released.aborted).to.equal(true);
  });

  it('increases its delay during failures, and resets it after a stable time', () => {
    const backoff = new ReconnectBackoff(DELAYS);
    const delays = Array.from({ length: 50 }, () => backoff.next());
    expect(Math.max(...delays))
      .to.be.at.most(1_000)
      .and.greaterThan(300);
    backoff.reset();
    clock.tick(1_001);
    expect(backoff.next()).to.be.at.most(300);
  });
});
