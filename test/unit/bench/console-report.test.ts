import { expect } from 'chai';

import { verdict } from '../../../bench/comparison/target.js';
import { type Frames } from '../../../bench/console/frames.js';
import type { Period } from '../../../bench/console/measure.js';
import { frameCells, periodCells, report } from '../../../bench/console/report.js';

const frames = (dropped: number): Frames => ({
  ...{ seconds: 60, shown: 3600 - dropped, dropped, p99_ms: 17, longest_ms: 50 },
  ...{ long_tasks: 1, long_tasks_ms: 60, longest_task_ms: 60 },
});

const period = (name: Period['name'], fields: Partial<Period>): Period => ({
  ...{ name, seconds: 60, moves: 12_000, api_s: 6, browser_s: null, bytes: null, frames: null, lists: null },
  ...fields,
});

const PERIODS = [
  period('nobody', { api_s: 0.6 }),
  period('one', { seconds: 600, moves: 120_000, api_s: 66, bytes: 180_000_000, browser_s: 200, frames: frames(36) }),
  period('fifty', { api_s: 30.6, frames: frames(360) }),
  period('still', { moves: 0, frames: frames(0) }),
  period('following', { api_s: 3.6, bytes: 18_000_000, lists: 0 }),
  period('polling', { api_s: 30.6, bytes: 360_000_000, lists: 50 }),
];

const REPORT = report(
  { nodes: 10_000, moves: 200, minutes: 10 },
  {
    periods: PERIODS,
    memory: { start: { heap_mb: 20, rss_mb: 150 }, end: { heap_mb: 24, rss_mb: 160 } },
    peakResidentSet: 200_000_000,
  },
);

describe("the report of the console's benchmark", () => {
  it('compares periods of different lengths, without what the API takes when nobody looks', () => {
    const measured = REPORT.targets.map((target) => target.measured ?? NaN);
    const expected = [0.01, 0.06, 1.2, 5, 0.1, 0.05];
    for (const [index, value] of expected.entries()) expect(measured[index]).to.be.closeTo(value, 1e-9);
    expect(REPORT.targets.map(verdict)).to.deep.equal(Array.from({ length: 6 }, () => 'met'));
  });

  it('shows each period, and the frames of those with a real browser', () => {
    const { head, rows } = periodCells(REPORT);
    expect(rows.map((row) => row.length)).to.deep.equal(PERIODS.map(() => head.length));
    expect(rows[1]).to.deep.equal(['1 browser', '200', '11.0', '33.3', '300', '']);
    expect(rows[5]).to.deep.equal(['1 simulated browser polls the list', '200', '51.0', '', '6,000', '50']);
    expect(frameCells(REPORT).rows.map(([what, , dropped]) => [what, dropped])).to.deep.equal([
      ['1 browser', '1.0'],
      ['50 browsers, 49 of them simulated', '10.0'],
      ['1 browser, nothing moves', '0.0'],
    ]);
  });
});
