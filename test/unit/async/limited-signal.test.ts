import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import { expect } from 'chai';
import { type SinonFakeTimers, useFakeTimers } from 'sinon';

import { limitedSignal } from '../../../src/async/limited-signal.js';
import { pause } from '../../../src/async/pause.js';
import { until } from '../../../testkit/fixtures/poll.js';

describe('a limited signal', () => {
  describe('with a clock of its own', () => {
    let clock: SinonFakeTimers;
    beforeEach(() => {
      clock = useFakeTimers();
    });
    afterEach(() => {
      clock.restore();
    });

    it('aborts after its milliseconds, with a TimeoutError', () => {
      const { signal } = limitedSignal(100, new AbortController().signal);
      clock.tick(99);
      expect(signal.aborted).to.equal(false);
      clock.tick(1);
      expect(signal.reason).to.include({ name: 'TimeoutError' });
    });

    it('aborts with the other signal, for its reason, and leaves no timer', () => {
      const other = new AbortController();
      const { signal } = limitedSignal(100, other.signal);
      other.abort('over');
      expect(signal.reason).to.equal('over');
      expect(clock.countTimers()).to.equal(0);
    });

    it('is aborted at once if the other signal is', () => {
      expect(limitedSignal(100, AbortSignal.abort('over')).signal.reason).to.equal('over');
      expect(clock.countTimers()).to.equal(0);
    });

    it('stays as it is once it is released', () => {
      const other = new AbortController();
      const { signal, release } = limitedSignal(100, other.signal);
      release();
      other.abort();
      clock.tick(200);
      expect(signal.aborted).to.equal(false);
      expect(clock.countTimers()).to.equal(0);
    });

    it('has no longer time than a timer can have', () => {
      const { signal } = limitedSignal(Infinity);
      clock.tick(1000);
      expect(signal.aborted).to.equal(false);
    });
  });

  it('is not collected as garbage before it aborts', async () => {
    setFlagsFromString('--expose_gc');
    const collect = runInNewContext('gc') as () => void;
    let aborted = false;
    limitedSignal(50, new AbortController().signal).signal.addEventListener('abort', () => {
      aborted = true;
    });
    // An object that was made just now is not collected.
    await pause(0);
    collect();
    await until('the signal aborts', () => aborted);
  });
});
