import { heading, MEGABYTE, type ReportHead, reportHead, table, whole } from '../comparison/output.js';
import { median, percentile, ratio } from '../comparison/statistics.js';
import { type ContestantName, CONTESTANTS, TITLES } from './contestant.js';
import { type ApiRound, type Crowd, CROWDS, type Measured } from './measure.js';
import { type Scenario, SCENARIOS } from './scenarios.js';

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

export interface ApiReport extends ReportHead {
  nodes: number;
  results: Row[];
  peak_rss_mb: Record<ContestantName, number>;
}

export function report(nodes: number, rounds: number, { rounds: all, peakResidentSet }: Measured): ApiReport {
  const results = SCENARIOS.flatMap((scenario) =>
    CROWDS.map((inFlight) =>
      rowOf(
        scenario,
        inFlight,
        all.filter((round) => round.scenario.scenario === scenario && round.scenario.inFlight === inFlight),
      ),
    ),
  );
  const megabytes = (name: ContestantName): number => peakResidentSet[name] / MEGABYTE;
  const peak_rss_mb = { ironic: megabytes('ironic'), netprov: megabytes('netprov') };
  return { ...reportHead('api', rounds, []), nodes, results, peak_rss_mb };
}

function rowOf({ name: scenario, title }: Scenario, in_flight: Crowd, rounds: readonly ApiRound[]): Row {
  return {
    scenario,
    title,
    in_flight,
    figures: { ironic: figuresOf('ironic', rounds), netprov: figuresOf('netprov', rounds) },
    ratio: ratio(
      rounds,
      ({ results }) => median(results.netprov.latencies),
      ({ results }) => median(results.ironic.latencies),
    ),
  };
}

function figuresOf(name: ContestantName, rounds: readonly ApiRound[]): Figures {
  const latencies = rounds.flatMap(({ results }) => results[name].latencies);
  const seconds = rounds.reduce((sum, { results }) => sum + results[name].seconds, 0);
  return {
    median_ms: median(latencies) * 1000,
    p95_ms: percentile(latencies, 0.95) * 1000,
    requests_per_second: latencies.length / seconds,
  };
}

/** Formats the report for people. */
export function render(result: ApiReport): string {
  const heads = CONTESTANTS.flatMap((name) => [`${TITLES[name]}\nmedian / p95 ms`, 'requests/s']);
  const rows = result.results.map(({ title, in_flight, figures, ratio: latencies }) => {
    const numbers = CONTESTANTS.flatMap((name) => {
      const { median_ms, p95_ms, requests_per_second } = figures[name];
      return [`${median_ms.toFixed(1)} / ${p95_ms.toFixed(1)}`, requests_per_second.toFixed(1)];
    });
    return [title, `${in_flight}`, ...numbers, latencies.toFixed(3)];
  });
  const memory = CONTESTANTS.map((name) => `${TITLES[name]} ${whole(result.peak_rss_mb[name])} MB`).join(', ');
  return [
    heading(`${whole(result.nodes)} nodes`, result),
    table(['', 'under way', ...heads, 'netprov / Ironic\nmedian latency'], rows),
    `peak RSS: ${memory}`,
  ].join('\n');
}
