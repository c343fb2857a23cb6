import * as vega from 'vega';
import { compile, type TopLevelSpec } from 'vega-lite';

import type { Verdict } from './judge.js';
import type { Evidence } from './walk.js';

interface Bar {
  link: string;
  verdict: Verdict;
  from: number;
  to: number;
}

type Drawn = Pick<Evidence, 'judge' | 'steps' | 'counted'>;

/** What is marked above the moves, such as a fault. */
interface Span {
  row: string;
  label: string;
  /** Milliseconds since 1970. */
  begin: number;
  end: number;
}

const WIDTH = 1100;
/** Milliseconds for which arrivals are counted together. */
const BIN = 250;
const COLORS = { right: '#4c78a8', parked: '#bab0ac', astray: '#e45756' };

/**
 * The evidence as SVG: time across, who reached whom down, a bar for as long as frames came, and the moves of each
 * node above.
 */
export async function picture(evidence: Drawn, title: string, spans: readonly Span[] = []): Promise<string> {
  const view = new vega.View(vega.parse(compile(spec(evidence, title, spans)).spec), { renderer: 'none' });
  return `${await view.toSVG()}\n`;
}

function spec(evidence: Drawn, title: string, spans: readonly Span[]): TopLevelSpec {
  // A long run has more arrivals than a call may have arguments.
  const begin = evidence.counted.arrivals.reduce((least, { bin }) => Math.min(least, bin), Infinity);
  const end = evidence.counted.arrivals.reduce((most, { bin }) => Math.max(most, bin), 0) + BIN;
  const seconds = (at: number): number => (at - begin) / 1000;
  const x: { type: 'quantitative'; scale: { domain: number[]; nice: false } } = {
    type: 'quantitative',
    scale: { domain: [0, seconds(end)], nice: false },
  };
  const moves = evidence.steps.map(({ node, move, begin: from, end: to }) => ({
    node,
    label: move.method.replace(/_networks?$/, ''),
    from: seconds(from),
    to: seconds(to),
  }));
  const marked = spans.map(({ row, label, begin: from, end: to }) => ({
    node: row,
    label,
    from: seconds(from),
    to: seconds(to),
  }));
  return {
    title,
    config: { background: 'white', font: 'sans-serif', axis: { labelLimit: 400 } },
    vconcat: [
      {
        width: WIDTH,
        height: { step: 34 },
        data: { values: [...moves, ...marked] },
        encoding: {
          y: { field: 'node', type: 'nominal', title: 'cast to result' },
          x: { field: 'from', ...x, axis: null },
        },
        layer: [
          { mark: { type: 'bar', color: '#dddddd' }, encoding: { x2: { field: 'to' } } },
          {
            mark: { type: 'text', align: 'left', fontSize: 9, angle: 340, dx: 2, dy: 8 },
            encoding: { text: { field: 'label' } },
          },
        ],
      },
      {
        width: WIDTH,
        height: { step: 16 },
        data: { values: bars(evidence, seconds) },
        mark: 'bar',
        encoding: {
          x: { field: 'from', ...x, title: 'seconds' },
          x2: { field: 'to' },
          y: { field: 'link', type: 'nominal', title: 'frames from > to' },
          color: {
            field: 'verdict',
            type: 'nominal',
            scale: { domain: Object.keys(COLORS), range: Object.values(COLORS) },
            title: null,
          },
        },
      },
    ],
  };
}

/** One bar for each link and verdict, for as long as frames came in every quarter of a second. */
function bars({ counted, judge }: Drawn, seconds: (at: number) => number): Bar[] {
  const shown = (name: string, nic: string): string => judge.networkOf(name, nic) ?? `${name} ${nic}`;
  const bins = new Map<string, Set<number>>();
  for (const arrival of counted.arrivals) {
    // Answers to pings go the other way, on the same link.
    if (arrival.reply) continue;
    const link = `${shown(arrival.from, arrival.from_nic)} > ${shown(arrival.at, arrival.nic)}`;
    const key = JSON.stringify([link, judge.verdict(arrival)]);
    bins.set(key, (bins.get(key) ?? new Set()).add(arrival.bin));
  }
  const found = [...bins].flatMap(([key, times]) => {
    const [link, verdict] = JSON.parse(key) as [string, Verdict];
    const begins = [...times].filter((bin) => !times.has(bin - BIN)).sort((one, other) => one - other);
    const ends = [...times].filter((bin) => !times.has(bin + BIN)).sort((one, other) => one - other);
    return begins.map((bin, index) => ({ link, verdict, from: seconds(bin), to: seconds((ends[index] ?? bin) + BIN) }));
  });
  // What went astray is drawn last, above all else.
  return found.sort((one, other) => Number(one.verdict === 'astray') - Number(other.verdict === 'astray'));
}
