import Table from 'cli-table3';

import { machine, median, percentile } from '../statistics.js';
import { type ContestantName, CONTESTANTS, TITLES } from './contestant.js';
import { type Crowd, CROWDS, type Measured, type Round } from './measure.js';
import { type Scenario, SCENARIOS } from './scenarios.js';

const MEGABYTE = 1_000_000;

/** Figures over all rounds together. */
interface Figures {
  median_ms: number;
  p95_ms: number;
  requests_per_second: number;
}

interface Row {
  scenario: Scenario['name'];
  title: string;
  in_flight: Crowd;
  figures: Record<ContestantName, Figures>;
  /** Median over the rounds of the ratio between netprov's and ironic-api's median latency in the same round. */
  ratio: number;
}

export interface Report {
  nodes: number;
  rounds: number;
  machine: string;
  results: Row[];
  peak_rss_mb: Record<ContestantName, number>;
}

export function report(nodes: number, rounds: number, { rounds: all, peakResidentSet }: Measured): Report {
  const results = SCENARIOS.flatMap((scenario) =>
    CROWDS.map((inFlight) =>
      rowOf(
        scenario,
        inFlight,
        all.filter((round) => round.scenario === scenario && round.inFlight === inFlight),
      ),
    ),
  );
  const megabytes = (name: ContestantName): number => peakResidentSet[name] / MEGABYTE;
  const peak_rss_mb = { ironic: megabytes('ironic'), netprov: megabytes('netprov') };
  return { nodes, rounds, machine: machine(), results, peak_rss_mb };
}

function rowOf({ name: scenario, title }: Scenario, in_flight: Crowd, rounds: readonly Round[]): Row {
  return {
    scenario,
    title,
    in_flight,
    figures: { ironic: figuresOf('ironic', rounds), netprov: figuresOf('netprov', rounds) },
    ratio: median(rounds.map(({ taken }) => median(taken.netprov.latencies) / median(taken.ironic.latencies))),
  };
}

function figuresOf(name: ContestantName, rounds: readonly Round[]): Figures {
  const latencies = rounds.flatMap(({ taken }) => taken[name].latencies);
  const seconds = rounds.reduce((sum, { taken }) => sum + taken[name].seconds, 0);
  return {
    median_ms: median(latencies) * 1000,
    p95_ms: percentile(latencies, 0.95) * 1000,
    requests_per_second: latencies.length / seconds,
  };
}

/** Formats the report for people. */
export function render({ nodes, rounds, machine: where, results, peak_rss_mb }: Report): string {
  const heads = CONTESTANTS.flatMap((name) => [`${TITLES[name]}\nmedian / p95 ms`, 'requests/s']);
  const table = new Table({
    head: ['', 'under way', ...heads, 'netprov / Ironic\nmedian latency'],
    colAligns: ['left', 'right', 'right', 'right', 'right', 'right', 'right'],
    style: { head: [], border: [], compact: true },
  });
  for (const { title, in_flight, figures, ratio } of results) {
    const numbers = CONTESTANTS.flatMap((name) => {
      const { median_ms, p95_ms, requests_per_second } = figures[name];
      return [`${median_ms.toFixed(1)} / ${p95_ms.toFixed(1)}`, requests_per_second.toFixed(1)];
    });
    table.push([title, in_flight, ...numbers, ratio.toFixed(3)]);
  }
  const memory = CONTESTANTS.map((name) => `${TITLES[name]} ${peak_rss_mb[name].toFixed(0)} MB`).join(', ');
  return [
    `${nodes.toLocaleString('en-US')} nodes, ${rounds} ${rounds === 1 ? 'round' : 'rounds'}, ${where}`,
    table.toString(),
    `peak RSS: ${memory}`,
  ].join('\n');
}
