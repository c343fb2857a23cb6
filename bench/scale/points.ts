import { median, type Spread, spread } from '../comparison/statistics.js';
import { type Spender, SPENDERS } from '../processes/processor-times.js';
import type { CountedCost } from '../processes/run.js';

/** What draining cost at one size. */
export interface Point {
  casts_per_second: Spread;
  /** Medians over the rounds: microseconds of processor time for each cast, by who spent them. */
  processor_us: Record<Spender, number>;
}

/** The part of a cost that makes a point. */
export type PointCost = Pick<CountedCost, 'casts' | 'seconds' | 'processor'>;

/** Puts together what all rounds measured at one size. */
export function pointOf(costs: readonly PointCost[]): Point {
  const spent = (name: Spender): number =>
    median(costs.map(({ processor, casts }) => (processor[name] / casts) * 1_000_000));
  return {
    casts_per_second: spread(costs.map(({ casts, seconds }) => casts / seconds)),
    processor_us: { own: spent('own'), rabbitmq: spent('rabbitmq'), mariadb: spent('mariadb') },
  };
}

/** Heads of the columns that pointCells fills. */
export const POINT_HEADS = [
  'casts/s\nmin / median / max',
  ...['worker', 'RabbitMQ', 'MariaDB'].map((name) => `µs of processor\na cast: ${name}`),
];

export function pointCells({ casts_per_second: rate, processor_us }: Point): string[] {
  const numbers = [rate.min, rate.median, rate.max].map((value) => value.toFixed(0)).join(' / ');
  return [numbers, ...SPENDERS.map((name) => processor_us[name].toFixed(0))];
}
