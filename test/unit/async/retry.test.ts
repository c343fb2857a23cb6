import { expect } from 'chai';
import sinon from 'sinon';

import { retry, type RetryOptions } from '../../../src/async/retry.js';
import { rejection } from '../../../testkit/fixtures/rejection.js';

const HOUR = 3_600_000;

describe('worker: persist', () => {
  const options = (more: Partial<RetryOptions> = {}): RetryOptions => ({
    isTransient: () => true,
    initialDelay: 1,
    maxDelay: 5,
    signal: () => new AbortController().signal,
    onFault: () => undefined,
    ...more,
  });
  /** Fails so many times, and says how often it was tried. */
  function faulty(faults: number): { work: () => Promise<string>; tries: () => number } {
    let tries = 0;
    const work = (): Promise<string> =>
      ++tries > faults ? Promise.resolve('done') : Promise.reject(new Error(`fault ${tries}`));
    return { work, tries: () => tries };
  }

  it('does the work again while its faults are transient', async () => {
    const { work, tries } = faulty(3);
    expect(await retry(work, options())).to.equal('done');
    expect(tries()).to.equal(4);
  });

  it('gives up after its deadline, with the last fault', async () => {
    const late = faulty(3);
    expect((await rejection(retry(late.work, options({ deadline: performance.now() - 1 }))))?.message).to.equal(
      'fault 1',
    );
  });

  it('ends its pause when the signal aborts, and begins no further attempt', async () => {
    const { work, tries } = faulty(9);
    const stop = new AbortController();
    const waiting = retry(work, options({ initialDelay: HOUR, maxDelay: HOUR, signal: () => stop.signal }));
    setImmediate(() => {
      stop.abort();
    });
    expect((await rejection(waiting))?.message).to.equal('fault 1');
    expect(tries()).to.equal(1);
  });

  it('does not take it for its deadline when the time of day is set', async () => {
    const clock = sinon.useFakeTimers({ toFake: ['Date'], now: Date.now() });
    try {
      const { work, tries } = faulty(3);
      const onFault = (): void => {
        clock.setSystemTime(Date.now() + HOUR);
      };
      expect(await retry(work, options({ deadline: performance.now() + 60_000, onFault }))).to.equal('done');
      expect(tries()).to.equal(4);
    } finally {
      clock.restore();
    }
  });
});
