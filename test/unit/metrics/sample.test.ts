import { expect } from 'chai';
import sinon from 'sinon';

import { Sample } from '../../../src/metrics/registry.js';

describe('Sample', () => {
  let clock: sinon.SinonFakeTimers;
  beforeEach(() => {
    clock = sinon.useFakeTimers({ toFake: ['performance', 'setTimeout', 'clearTimeout'] });
  });
  afterEach(() => {
    clock.restore();
  });

  it('reads once for simultaneous readers, and again when the value is old', async () => {
    let asked = 0;
    const sample = new Sample(() => Promise.resolve(++asked), 1000, 500);
    expect(await Promise.all([sample.read(), sample.read()])).to.deep.equal([1, 1]);
    await clock.tickAsync(999);
    expect(await sample.read()).to.equal(1);
    await clock.tickAsync(1);
    expect(await sample.read()).to.equal(2);
  });

  it('returns nothing when the reading fails, and tries again later', async () => {
    const answers = [Promise.reject(new Error('away')), Promise.resolve('there')];
    answers[0]?.catch(() => undefined);
    const sample = new Sample(() => answers.shift() ?? Promise.resolve('nothing left'), 1000, 500);
    expect(await sample.read()).to.equal(null);
    expect(await sample.read()).to.equal(null);
    await clock.tickAsync(1000);
    expect(await sample.read()).to.equal('there');
  });

  it('does not let readers wait, and does not read twice at once', async () => {
    let asked = 0;
    let answer: (value: string) => void = () => undefined;
    const sample = new Sample(
      () => {
        asked += 1;
        return new Promise<string>((resolve) => (answer = resolve));
      },
      1000,
      500,
    );
    const first = sample.read();
    await clock.tickAsync(500);
    expect(await first).to.equal(null);
    const second = sample.read();
    answer('late');
    expect(await second).to.equal('late');
    expect(asked).to.equal(1);
  });
});
