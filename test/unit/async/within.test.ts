import { getEventListeners } from 'node:events';

import { expect } from 'chai';
import sinon from 'sinon';

import { within } from '../../../src/async/within.js';
import { rejection } from '../../../testkit/fixtures/rejection.js';

const never = new Promise<string>(() => undefined);

function tooLate(): never {
  throw new Error('too late');
}

describe('within', () => {
  let clock: sinon.SinonFakeTimers;

  beforeEach(() => {
    clock = sinon.useFakeTimers();
  });

  afterEach(() => {
    clock.restore();
  });

  describe('a time', () => {
    it("gives the promise's value, and leaves no timer", async () => {
      expect(await within(100, Promise.resolve('done'), tooLate)).to.equal('done');
      expect(clock.countTimers()).to.equal(0);
    });

    it("throws the promise's error, and leaves no timer", async () => {
      const failed = within(100, Promise.reject(new Error('refused')), tooLate);
      expect((await rejection(failed))?.message).to.equal('refused');
      expect(clock.countTimers()).to.equal(0);
    });

    it('gives what `late` returns when the time is over, and not before', async () => {
      const late = sinon.stub().returns('late');
      const outcome = within(100, never, late);
      await clock.tickAsync(99);
      expect(late.called).to.equal(false);
      await clock.tickAsync(1);
      expect(await outcome).to.equal('late');
      expect(late.calledOnce).to.equal(true);
    });

    it('throws what `late` throws', async () => {
      const outcome = rejection(within(100, never, tooLate));
      await clock.tickAsync(100);
      expect((await outcome)?.message).to.equal('too late');
    });

    it('handles an error that comes after the time', async () => {
      let fail: (error: Error) => void = () => undefined;
      const failing = new Promise<string>((_, reject) => (fail = reject));
      const unhandled = sinon.stub();
      process.on('unhandledRejection', unhandled);
      try {
        const outcome = within(100, failing, () => 'late');
        await clock.tickAsync(100);
        expect(await outcome).to.equal('late');
        fail(new Error('refused'));
        clock.restore();
        await new Promise((resolve) => setImmediate(resolve));
        expect(unhandled.called).to.equal(false);
      } finally {
        process.off('unhandledRejection', unhandled);
      }
    });
  });

  describe('a signal', () => {
    it("gives the promise's value, and leaves no listener", async () => {
      const { signal } = new AbortController();
      expect(await within(signal, Promise.resolve('done'), tooLate)).to.equal('done');
      expect(getEventListeners(signal, 'abort')).to.have.length(0);
    });

    it('calls `late` when the signal aborts, and leaves no listener', async () => {
      const stop = new AbortController();
      const outcome = rejection(within(stop.signal, never, tooLate));
      stop.abort();
      expect((await outcome)?.message).to.equal('too late');
      expect(getEventListeners(stop.signal, 'abort')).to.have.length(0);
    });

    it('gives an aborted signal precedence over a settled promise', async () => {
      expect(await within(AbortSignal.abort(), Promise.resolve('done'), () => 'late')).to.equal('late');
      const failed = Promise.reject(new Error('refused'));
      expect(await within(AbortSignal.abort(), failed, () => 'late')).to.equal('late');
    });
  });
});
