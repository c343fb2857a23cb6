import { expect } from 'chai';

import { SharedAnswer } from '../../../../src/api/operators/shared-answer.js';
import { rejection } from '../../../../testkit/fixtures/rejection.js';

describe('an answer that callers share', () => {
  let made = 0;
  let answer: (value: number) => void;
  let fail: (error: Error) => void;
  const make = (): Promise<number> => {
    made += 1;
    return new Promise((resolve, reject) => {
      answer = resolve;
      fail = reject;
    });
  };

  beforeEach(() => {
    made = 0;
  });

  it('is made once for all who ask meanwhile, and for those who ask soon after', async () => {
    const shared = new SharedAnswer(make, 60_000);
    const all = [shared.get(), shared.get(), shared.get()];
    answer(7);
    expect(await Promise.all(all)).to.deep.equal([7, 7, 7]);
    expect(await shared.get()).to.equal(7);
    expect(made).to.equal(1);
  });

  it('is made again when its time is over, or when it is to be forgotten', async () => {
    const shared = new SharedAnswer(make, 0);
    const first = shared.get();
    answer(1);
    expect(await first).to.equal(1);
    const second = shared.get();
    answer(2);
    expect(await second).to.equal(2);
    const kept = new SharedAnswer(make, 60_000);
    const before = kept.get();
    answer(3);
    await before;
    kept.forget();
    const after = kept.get();
    answer(4);
    expect(await after).to.equal(4);
  });

  it('is not kept if it is an error', async () => {
    const shared = new SharedAnswer(make, 60_000);
    const [one, other] = [shared.get(), shared.get()];
    fail(new Error('away'));
    expect((await rejection(one))?.message).to.equal('away');
    expect((await rejection(other))?.message).to.equal('away');
    const again = shared.get();
    answer(5);
    expect(await again).to.equal(5);
    expect(made).to.equal(2);
  });
});
