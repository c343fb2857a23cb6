import { heading, type ReportHead, reportHead, table, targetTable } from '../comparison/output.js';
import { median, percentile, ratio } from '../comparison/statistics.js';
import { atMost, type Target } from '../comparison/target.js';
import { type ContestantName, CONTESTANTS, TITLES } from './contestants.js';
import { type CallsRound, type CallsSettings, type Crowd, CROWDS } from './measure.js';

/** Milliseconds: medians over the rounds. */
interface Latency {
  p50_ms: number;
  p99_ms: number;
}

/** Medians over the rounds of the ratio between the worker's latency and another server's in the same round. */
interface LatencyRatio {
  p50: number;
  p99: number;
}

interface Row {
  in_flight: Crowd;
  latency: Record<ContestantName, Latency>;
  /** The worker's latency beside each other server's. */
  ratio: Record<Exclude<ContestantName, 'worker'>, LatencyRatio>;
}

export interface CallsReport extends ReportHead {
  calls: number;
  results: Row[];
}

export function report({ calls, rounds: count }: CallsSettings, rounds: readonly CallsRound[]): CallsReport {
  const results = CROWDS.map((crowd) =>
    rowOf(
      crowd,
      rounds.filter(({ scenario }) => scenario === crowd),
    ),
  );
  return { ...reportHead('calls', count, targets(results)), calls, results };
}

function rowOf(inFlight: Crowd, rounds: readonly CallsRound[]): Row {
  const at = (name: ContestantName, part: number) => (round: CallsRound) =>
    percentile(round.results[name].latencies, part) * 1000;
  const latency = (name: ContestantName): Latency => ({
    p50_ms: median(rounds.map(at(name, 0.5))),
    p99_ms: median(rounds.map(at(name, 0.99))),
  });
  const beside = (name: ContestantName): LatencyRatio => ({
    p50: ratio(rounds, at('worker', 0.5), at(name, 0.5)),
    p99: ratio(rounds, at('worker', 0.99), at(name, 0.99)),
  });
  return {
    in_flight: inFlight,
    latency: {
      python: latency('python'),
      'python-job': latency('python-job'),
      amqplib: latency('amqplib'),
      worker: latency('worker'),
    },
    ratio: { python: beside('python'), 'python-job': beside('python-job'), amqplib: beside('amqplib') },
  };
}

function targets(results: readonly Row[]): Target[] {
  const [alone, crowded] = CROWDS.map((crowd) => results.find(({ in_flight }) => in_flight === crowd)?.ratio.python);
  return [
    atMost(0.8, 'call round trip, one caller, p50', TITLES.python, alone?.p50 ?? null),
    atMost(0.8, 'call round trip, one caller, p99', TITLES.python, alone?.p99 ?? null),
    atMost(0.5, 'call round trip, 64 callers at once, p99', TITLES.python, crowded?.p99 ?? null),
  ];
}

/** Formats the report for people. */
export function render(result: CallsReport): string {
  const rows = result.results.flatMap(({ in_flight, latency, ratio: ratios }) =>
    CONTESTANTS.map((name) => {
      const { p50_ms, p99_ms } = latency[name];
      const beside = name === 'worker' ? null : ratios[name];
      return [
        TITLES[name],
        `${in_flight}`,
        p50_ms.toFixed(2),
        p99_ms.toFixed(2),
        beside === null ? '' : beside.p50.toFixed(2),
        beside === null ? '' : beside.p99.toFixed(2),
      ];
    }),
  );
  const head = ['', 'callers', 'p50 ms', 'p99 ms', 'worker beside it\np50', 'worker beside it\np99'];
  return [heading(`${result.calls} calls`, result), table(head, rows), targetTable(result.targets)].join('\n');
}
