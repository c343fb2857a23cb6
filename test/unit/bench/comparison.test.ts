import { expect } from 'chai';

import { targetTable } from '../../../bench/comparison/output.js';
import { inTurn, playRounds } from '../../../bench/comparison/rounds.js';
import { median, percentile, ratio, spread } from '../../../bench/comparison/statistics.js';
import { atLeast, atMost, verdict } from '../../../bench/comparison/target.js';
import { timed } from '../../../bench/comparison/timed.js';

describe('comparison of contestants', () => {
  it('takes the median of an odd and of an even number of values', () => {
    expect(median([3, 1, 2])).to.equal(2);
    expect(median([4, 1, 3, 2])).to.equal(2.5);
    expect(spread([3, 1, 2])).to.deep.equal({ min: 1, median: 2, max: 3 });
  });

  it('takes as a percentile the smallest value that the part does not exceed', () => {
    const values = Array.from({ length: 100 }, (_, index) => 100 - index);
    expect(percentile(values, 0.5)).to.equal(50);
    expect(percentile(values, 0.99)).to.equal(99);
    expect(percentile([7], 0.99)).to.equal(7);
  });

  it('takes ratios within a round, so that a slow round does not matter', () => {
    const rounds = [
      { worker: 1, python: 2 },
      { worker: 10, python: 20 },
      { worker: 3, python: 3 },
    ];
    expect(
      ratio(
        rounds,
        ({ worker }) => worker,
        ({ python }) => python,
      ),
    ).to.equal(0.5);
  });

  it('lets another contestant begin each time', () => {
    expect([0, 1, 2, 3].map((turn) => inTurn(['a', 'b', 'c'], turn).join(''))).to.deep.equal([
      'abc',
      'bca',
      'cab',
      'abc',
    ]);
  });

  it('plays every scenario with every contestant, and does not count the warm-up', async () => {
    const played: string[] = [];
    const told: number[] = [];
    const rounds = await playRounds({
      rounds: 2,
      warmUp: true,
      scenarios: ['x', 'y'],
      contestants: ['a', 'b'],
      play: (scenario, name, round) => {
        played.push(`${round}${scenario}${name}`);
        return Promise.resolve(`${scenario}${name}`);
      },
      tell: ({ round }) => told.push(round),
      signal: new AbortController().signal,
    });
    expect(played.join(' ')).to.equal('0xa 0xb 0yb 0ya 1xb 1xa 1ya 1yb 2xa 2xb 2yb 2ya');
    expect(told).to.deep.equal([0, 0, 1, 1, 2, 2]);
    expect(rounds.map(({ round, scenario }) => `${round}${scenario}`)).to.deep.equal(['1x', '1y', '2x', '2y']);
    expect(rounds[0]?.results).to.deep.equal({ a: 'xa', b: 'xb' });
  });

  it('ends with the reason of the signal', async () => {
    const stop = new AbortController();
    const play = (): Promise<void> => {
      stop.abort(new Error('enough'));
      return Promise.resolve();
    };
    const names = { scenarios: ['x'], contestants: ['a', 'b'] };
    const rounds = playRounds({ rounds: 1, warmUp: false, ...names, play, tell: () => undefined, signal: stop.signal });
    const error: unknown = await rounds.catch((reason: unknown) => reason);
    expect(error).to.have.property('message', 'enough');
  });

  it('keeps as many requests under way as asked for, and checks every answer', async () => {
    let [now, most] = [0, 0];
    const checked: number[] = [];
    const request = async (number: number): Promise<number> => {
      most = Math.max(most, ++now);
      await Promise.resolve();
      now--;
      return number * 2;
    };
    const check = (answer: number, number: number): void => {
      expect(answer).to.equal(number * 2);
      checked.push(number);
    };
    const { latencies } = await timed({ count: 10, inFlight: 3 }, request, check, new AbortController().signal);
    expect(latencies).to.have.length(10);
    expect(most).to.equal(3);
    expect(checked).to.have.members([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  it('says whether a target is met, missed or was not measured', () => {
    const targets = [
      atLeast(2.5, 'casts/s', 'Python', 2.5),
      atMost(200, 'memory', null, 201, { unit: 'MB' }),
      atMost(1, 'takeover', null, null, { unit: 's', note: 'it was not asked for' }),
    ];
    expect(targets.map(verdict)).to.deep.equal(['met', 'MISSED', 'not measured']);
    const table = targetTable(targets);
    expect(table).to.contain('casts/s, beside Python').and.contain('at least 2.50');
    expect(table).to.contain('201 MB').and.contain('at most 200 MB').and.contain('it was not asked for');
  });
});
