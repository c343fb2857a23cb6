import { readdirSync, readFileSync } from 'node:fs';

import { expect } from 'chai';

import { type AllReport, BENCHES } from '../../../bench/all/all.js';
import { reportHead } from '../../../bench/comparison/output.js';
import { atLeast } from '../../../bench/comparison/target.js';
import type { DrainReport } from '../../../bench/drain/report.js';
import { PERFORMANCE, performancePage, readMeasured } from '../../../docs/generate/performance/page.js';
import { plots } from '../../../docs/generate/performance/plots.js';

const PAGE = '# Performance\n\n<!-- measured: drain -->\n\nold\n\n<!-- end -->\n\nText that stays.\n';

function drainReport(rate: number): DrainReport {
  return {
    ...reportHead('drain', 1, [atLeast(2, 'casts/s of netprov worker', 'Python', 2.5)]),
    casts: 1000,
    contestants: [
      {
        contestant: 'worker',
        title: 'netprov worker',
        casts_per_second: { min: rate - 10, median: rate, max: rate + 10 },
        ratio: 2.5,
        peak_rss_mb: 150,
        processor_us: { own: 120, rabbitmq: 110, mariadb: 60 },
        start_processor_s: 1,
      },
    ],
  };
}

function allReport(drain: DrainReport | undefined): AllReport {
  return { ...reportHead('all', 1, []), note: 'A quiet machine.', reports: drain === undefined ? {} : { drain } };
}

describe('docs/performance.md', () => {
  it('gets fresh tables from a report, and keeps its other text', async () => {
    const page = await performancePage(PAGE, { now: allReport(drainReport(5000)), before: null });
    expect(page).to.contain('4990 / 5000 / 5010').and.contain('Text that stays.').and.not.contain('old');
    expect(page).not.to.contain('Before:');
    expect(await performancePage(page, { now: allReport(drainReport(5000)), before: null })).to.equal(page);
  });

  it('shows an earlier report beside the new one', async () => {
    const page = await performancePage(PAGE, {
      now: allReport(drainReport(5000)),
      before: allReport(drainReport(900)),
    });
    expect(page).to.match(/4990 \/ 5000 \/ 5010[^]*Before:[^]*890 \/ 900 \/ 910/);
  });

  it('says which targets are met', async () => {
    const page = await performancePage(PAGE.replace('drain', 'targets'), {
      now: allReport(drainReport(5000)),
      before: null,
    });
    expect(page).to.contain('1 of 1 targets are met. A quiet machine.');
    expect(page).to.contain('- casts/s of netprov worker, beside Python: **2.50**, met (at least 2)');
  });

  it('says where nothing was measured yet', async () => {
    const page = await performancePage(PAGE, { now: allReport(undefined), before: null });
    expect(page).to.contain('Not measured yet.');
  });

  it('is as script/docs makes it from the reports in docs/performance/', async () => {
    const written = readFileSync(new URL('../performance.md', PERFORMANCE), 'utf8');
    expect(written).to.equal(await performancePage(written, readMeasured()));
    const parts = [...written.matchAll(/<!-- measured: (\w+) -->/g)].map(([, name]) => name);
    expect(parts).to.have.members(['targets', ...BENCHES]);
  });

  it('shows every plot of docs/performance/', () => {
    const page = readFileSync(new URL('../performance.md', PERFORMANCE), 'utf8');
    const shown = [...page.matchAll(/\]\(performance\/(\S+\.svg)\)/g)].map(([, name]) => name);
    expect(shown).to.have.members(readdirSync(PERFORMANCE).filter((name) => name.endsWith('.svg')));
  });

  it('has a plot for each measured benchmark', async () => {
    const made = await plots({ now: allReport(drainReport(5000)), before: allReport(drainReport(900)) });
    expect(Object.keys(made)).to.have.members(['drain-rate.svg', 'drain-processor.svg']);
    for (const svg of Object.values(made))
      expect(svg)
        .to.match(/^<svg /)
        .and.contain('netprov worker');
    expect(made['drain-rate.svg']).to.contain('before');
  });
});
