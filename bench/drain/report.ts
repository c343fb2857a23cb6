import {
  heading,
  MEGABYTE,
  type OutputOptions,
  rangeText,
  type ReportHead,
  reportHead,
  table,
  targetTable,
  whole,
} from '../comparison/output.js';
import type { Round } from '../comparison/rounds.js';
import { median, ratio, type Spread, spread } from '../comparison/statistics.js';
import { atLeast, type Target } from '../comparison/target.js';
import { type Spender, SPENDERS } from '../processes/processor-times.js';
import type { CountedCost } from '../processes/run.js';
import { type ContestantName, CONTESTANTS } from './contestants.js';

export interface DrainOptions extends OutputOptions {
  casts: number;
  rounds: number;
  contestants: ContestantName[];
}

/** A round of all contestants that were asked for. */
export type DrainRound = Round<string, ContestantName, CountedCost>;

interface Standing {
  contestant: ContestantName;
  title: string;
  casts_per_second: Spread;
  /** Median over the rounds of the ratio between its rate and the Python server's in the same round; null without it. */
  ratio: number | null;
  /** Maximum over the rounds, in MB of 1,000,000 bytes. */
  peak_rss_mb: number;
  /** Medians over the rounds: microseconds of processor time for each cast, by who spent them. */
  processor_us: Record<Spender, number>;
  /** Median over the rounds: seconds of its own processor time before its first cast. */
  start_processor_s: number;
}

export interface DrainReport extends ReportHead {
  casts: number;
  contestants: Standing[];
}

type Options = Pick<DrainOptions, 'casts' | 'rounds' | 'contestants'>;

export function report({ casts, rounds: count, contestants }: Options, rounds: readonly DrainRound[]): DrainReport {
  const standing = (name: ContestantName): Standing => {
    const costs = rounds.map(({ results }) => results[name]);
    const spent = (spender: Spender): number =>
      median(costs.map(({ processor, casts: drained }) => (processor[spender] / drained) * 1_000_000));
    return {
      contestant: name,
      title: CONTESTANTS[name].title,
      casts_per_second: spread(costs.map(rateOf)),
      ratio: contestants.includes('python') ? rateRatio(name, 'python', rounds) : null,
      peak_rss_mb: Math.max(...costs.map(({ peakResidentSet }) => peakResidentSet)) / MEGABYTE,
      processor_us: { own: spent('own'), rabbitmq: spent('rabbitmq'), mariadb: spent('mariadb') },
      start_processor_s: median(costs.map(({ startProcessor }) => startProcessor)),
    };
  };
  const head = reportHead('drain', count, targets(contestants, rounds));
  return { ...head, casts, contestants: contestants.map(standing) };
}

/** Casts per second. */
function rateOf({ casts, seconds }: CountedCost): number {
  return casts / seconds;
}

function rateRatio(name: ContestantName, beside: ContestantName, rounds: readonly DrainRound[]): number {
  return ratio(
    rounds,
    ({ results }) => rateOf(results[name]),
    ({ results }) => rateOf(results[beside]),
  );
}

/** The rates that the worker should reach, relative to another contestant. */
const GOALS: readonly (readonly [limit: number, ContestantName, beside: ContestantName])[] = [
  [2.5, 'worker', 'python'],
  [0.35, 'worker', 'amqplib'],
  [8, 'worker', 'python-job'],
  [3, 'worker-pinned', 'python'],
  [0.8, 'worker-varied', 'worker'],
  [1.3, 'worker-protobuf', 'worker'],
];

function targets(contestants: readonly ContestantName[], rounds: readonly DrainRound[]): Target[] {
  return GOALS.filter(([, name, beside]) => contestants.includes(name) && contestants.includes(beside)).map(
    ([limit, name, beside]) => {
      const note = name === 'worker-pinned' ? 'simulated with taskset' : null;
      const measure = `casts/s of ${CONTESTANTS[name].title}`;
      return atLeast(limit, measure, CONTESTANTS[beside].title, rateRatio(name, beside, rounds), { note });
    },
  );
}

const SPENDER_TITLES: Record<Spender, string> = { own: 'own', rabbitmq: 'RabbitMQ', mariadb: 'MariaDB' };

/** Formats the report for people. */
export function render(result: DrainReport): string {
  const head = [
    '',
    'casts/s\nmin / median / max',
    'ratio',
    'peak RSS',
    ...SPENDERS.map((name) => `µs of processor\na cast: ${SPENDER_TITLES[name]}`),
    'own processor\nbefore the first',
  ];
  const rows = result.contestants.map((one) => [
    one.title,
    rangeText(one.casts_per_second, 0),
    one.ratio === null ? '-' : one.ratio.toFixed(2),
    `${whole(one.peak_rss_mb)} MB`,
    ...SPENDERS.map((name) => whole(one.processor_us[name])),
    `${one.start_processor_s.toFixed(2)} s`,
  ]);
  const pinned = result.contestants.some(({ contestant }) => contestant === 'worker-pinned');
  return [
    heading(`${whole(result.casts)} casts`, result),
    table(head, rows),
    ...(pinned ? ['Servers on other cores are simulated: taskset keeps the worker and the servers apart.'] : []),
    targetTable(result.targets),
  ].join('\n');
}
