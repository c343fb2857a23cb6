import { expect } from 'chai';
import sinon from 'sinon';

import { pause } from '../../../src/async/pause.js';

describe('pause', () => {
  let clock: sinon.SinonFakeTimers;

  beforeEach(() => {
    clock = sinon.useFakeTimers();
  });

  afterEach(() => {
    clock.restore();
  });

  it('lasts for its milliseconds', async () => {
    let over = false;
    const pausing = pause(100).then(() => (over = true));
    await clock.tickAsync(99);
    expect(over).to.equal(false);
    await clock.tickAsync(1);
    await pausing;
    expect(over).to.equal(true);
  });

  it('ends without an error when its signal aborts, and leaves no timer', async () => {
    const stop = new AbortController();
    const pausing = pause(100, stop.signal);
    stop.abort();
    await pausing;
    expect(clock.countTimers()).to.equal(0);
  });

  it('does not begin when its signal is aborted', async () => {
    await pause(100, AbortSignal.abort());
    expect(clock.countTimers()).to.equal(0);
  });

  it('leaves no listener on its signal', async () => {
    const { signal } = new AbortController();
    const removed = sinon.spy(signal, 'removeEventListener');
    const pausing = pause(100, signal);
    await clock.tickAsync(100);
    await pausing;
    expect(removed.calledOnce).to.equal(true);
  });
});
