import { expect } from 'chai';
import sinon from 'sinon';

import { Loop } from '../../../src/async/loop.js';
import { pause } from '../../../src/async/pause.js';

describe('Loop', () => {
  let clock: sinon.SinonFakeTimers;
  const onError = sinon.spy();
  const work = sinon.stub<[AbortSignal], Promise<void>>();

  beforeEach(() => {
    clock = sinon.useFakeTimers();
    onError.resetHistory();
    work.reset();
    work.resolves();
  });

  afterEach(() => {
    clock.restore();
  });

  it('begins at once, and again after each interval', async () => {
    const loop = new Loop(work, { interval: 100, onError });
    expect(work.callCount).to.equal(0);
    loop.start();
    expect(work.callCount).to.equal(1);
    await clock.tickAsync(99);
    expect(work.callCount).to.equal(1);
    await clock.tickAsync(1);
    expect(work.callCount).to.equal(2);
    await loop.stop();
  });

  it('waits before the first run if it is told so, and asks for each interval anew', async () => {
    const intervals = [50, 200];
    const loop = new Loop(work, { first: 10, interval: () => intervals.shift() ?? 1000, onError });
    loop.start();
    const times: number[] = [];
    for (let at = 0; at < 400; at += 10) {
      const before = work.callCount;
      await clock.tickAsync(10);
      if (work.callCount > before) times.push(at + 10);
    }
    expect(times).to.deep.equal([10, 60, 260]);
    await loop.stop();
  });

  it('counts the interval from the end of a run', async () => {
    work.callsFake(() => pause(70));
    const loop = new Loop(work, { interval: 100, onError });
    loop.start();
    await clock.tickAsync(169);
    expect(work.callCount).to.equal(1);
    await clock.tickAsync(1);
    expect(work.callCount).to.equal(2);
    const stopping = loop.stop();
    await clock.tickAsync(70);
    await stopping;
  });

  it('goes on after a run that failed, and passes its error on', async () => {
    const error = new Error('away');
    work.onFirstCall().rejects(error);
    const loop = new Loop(work, { interval: 100, onError });
    loop.start();
    await clock.tickAsync(100);
    expect(onError.args).to.deep.equal([[error]]);
    expect(work.callCount).to.equal(2);
    await loop.stop();
  });

  it('ends its pause when it is stopped, and leaves no timer', async () => {
    const loop = new Loop(work, { interval: 100, onError });
    loop.start();
    await clock.tickAsync(50);
    await loop.stop();
    expect(clock.countTimers()).to.equal(0);
    expect(work.callCount).to.equal(1);
  });

  it('stops before the first run too', async () => {
    const loop = new Loop(work, { first: 100, interval: 100, onError });
    loop.start();
    await loop.stop();
    await clock.tickAsync(1000);
    expect(work.callCount).to.equal(0);
  });

  it('aborts the signal of the run under way when it is stopped, and waits for its end', async () => {
    let end: () => void = () => undefined;
    work.callsFake(() => new Promise((resolve) => (end = resolve)));
    const loop = new Loop(work, { interval: 100, onError });
    loop.start();
    let stopped = false;
    const stopping = loop.stop().then(() => (stopped = true));
    expect(work.firstCall.args[0].aborted).to.equal(true);
    expect(loop.signal.aborted).to.equal(true);
    await clock.tickAsync(1000);
    expect(stopped).to.equal(false);
    end();
    await stopping;
    expect(work.callCount).to.equal(1);
  });

  it('may be stopped without having been started', async () => {
    await new Loop(work, { interval: 100, onError }).stop();
    expect(work.callCount).to.equal(0);
  });
});
