import { expect } from 'chai';

import { progress } from '../../../bench/comparison/progress.js';

describe('progress of a benchmark', () => {
  function shown(isTTY: boolean, all: number, ...done: number[]): string {
    let text = '';
    const tell = progress('casts', all, { isTTY, write: (more: string) => (text += more) });
    for (const one of done) tell(one);
    return text;
  }

  it('is a bar on a terminal', () => {
    expect(shown(true, 200_000, 1_000, 100_000, 100_500, 200_000).split('\r')).to.deep.equal([
      '',
      `[${'#'.repeat(20)}${' '.repeat(20)}] 50 % of 200000 casts`,
      `[${'#'.repeat(40)}] 100 % of 200000 casts\n`,
    ]);
  });

  it('is a line for each tenth elsewhere, below the line that says what is done', () => {
    expect(shown(false, 200_000, 20_000, 30_000, 100_000)).to.equal('\n10 % of 200000 casts\n50 % of 200000 casts\n');
  });

  it('is not shown for what is soon over', () => {
    expect(shown(true, 20_000, 20_000)).to.equal('');
  });
});
