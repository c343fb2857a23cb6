import type { EntityManager } from 'typeorm';

import type { Row } from './rows.js';

/** How many operations ended in a span of time, and how long they took. */
export interface SeriesPoint {
  /** When the span begins. */
  at: Date;
  succeeded: number;
  failed: number;
  /** Attempts beyond the first, of the operations that ended in the span. */
  retries: number;
  /** Seconds from receipt to outcome. Null: none ended. A percentile is right to about a tenth of its value. */
  mean: number | null;
  p50: number | null;
  p95: number | null;
  max: number | null;
}

/** How long the operations of a method took. */
export interface MethodDurations {
  method: string;
  count: number;
  failed: number;
  /** How many took at most so many seconds, and longer than the bound before. Bounds without operations are left out. */
  buckets: { seconds: number; count: number }[];
}

export interface OperationSeries {
  /** How many have begun and not ended. */
  running: number;
  points: SeriesPoint[];
  durations: MethodDurations[];
}

/** Bounds of durations: a power of this. Ten bounds double. */
const STEP = 2 ** (1 / 10);
/** The shortest duration, in seconds: a logarithm needs one. */
const SHORTEST = 1e-6;

/**
 * Counts the operations that ended in the last minutes, by the time of their end and by method. The server groups them,
 * so the answer is small however many there were.
 *
 * @param span seconds of a point
 * @throws the database's errors
 */
export async function operationSeries(
  manager: EntityManager,
  { minutes, span }: { minutes: number; span: number },
): Promise<OperationSeries> {
  const seconds = 'TIMESTAMPDIFF(MICROSECOND, started_at, finished_at) / 1000000';
  const rows = await manager.query<Row[]>(
    `SELECT FLOOR(UNIX_TIMESTAMP(finished_at) / ?) AS place, method, status,
       CEIL(LOG(GREATEST(${seconds}, ?)) / ?) AS bound, COUNT(*) AS many, SUM(GREATEST(attempts, 1) - 1) AS retries,
       SUM(${seconds}) AS total, MAX(${seconds}) AS longest
     FROM operations WHERE finished_at >= UTC_TIMESTAMP(6) - INTERVAL ? MINUTE
     GROUP BY place, method, status, bound`,
    [span, SHORTEST, Math.log(STEP), minutes],
  );
  const [now] = await manager.query<Row[]>(
    `SELECT FLOOR(UNIX_TIMESTAMP(UTC_TIMESTAMP(6)) / ?) AS place, COUNT(*) AS running FROM operations
     WHERE finished_at IS NULL`,
    [span],
  );
  const groups = rows.map(readGroup);
  const methods = [...new Set(groups.map(({ method }) => method))];
  const last = Number(now?.['place']);
  const places = Array.from({ length: (minutes * 60) / span }, (_, index) => last - index).reverse();
  return {
    running: Number(now?.['running']),
    points: places.map((place) =>
      pointOf(
        place * span,
        groups.filter((group) => group.place === place),
      ),
    ),
    durations: methods
      .map((method) =>
        durationsOf(
          method,
          groups.filter((group) => group.method === method),
        ),
      )
      .sort((one, other) => other.count - one.count),
  };
}

/** Operations of one method that ended in one span, in the same way, after about the same time. */
interface Group {
  place: number;
  method: string;
  failed: boolean;
  bound: number;
  count: number;
  retries: number;
  total: number;
  longest: number;
}

function readGroup(row: Row): Group {
  return {
    place: Number(row['place']),
    method: row['method'] as string,
    failed: row['status'] === 'failed',
    bound: Number(row['bound']),
    count: Number(row['many']),
    retries: Number(row['retries']),
    total: Number(row['total']),
    longest: Number(row['longest']),
  };
}

function pointOf(time: number, groups: readonly Group[]): SeriesPoint {
  const sum = (of: (group: Group) => number): number => groups.reduce((total, group) => total + of(group), 0);
  const count = sum((group) => group.count);
  const failed = sum((group) => (group.failed ? group.count : 0));
  const max = Math.max(0, ...groups.map(({ longest }) => longest));
  return {
    at: new Date(time * 1000),
    succeeded: count - failed,
    failed,
    retries: sum(({ retries }) => retries),
    mean: count === 0 ? null : rounded(sum(({ total }) => total) / count),
    p50: percentile(groups, count / 2, max),
    p95: percentile(groups, count * 0.95, max),
    max: count === 0 ? null : rounded(max),
  };
}

/** The bound under which so many of the operations are; null: there are none. */
function percentile(groups: readonly Group[], wanted: number, max: number): number | null {
  if (groups.length === 0) return null;
  let below = 0;
  for (const { bound, count } of groups.toSorted((one, other) => one.bound - other.bound)) {
    below += count;
    if (below >= wanted) return rounded(Math.min(STEP ** bound, max));
  }
  return rounded(max);
}

function durationsOf(method: string, groups: readonly Group[]): MethodDurations {
  const bounds = new Map<number, number>();
  for (const { bound, count } of groups) {
    // Half of a doubling is fine enough for a picture.
    const coarse = Math.ceil(bound / 5) * 5;
    bounds.set(coarse, (bounds.get(coarse) ?? 0) + count);
  }
  return {
    method,
    count: groups.reduce((sum, { count }) => sum + count, 0),
    failed: groups.reduce((sum, { failed, count }) => sum + (failed ? count : 0), 0),
    buckets: [...bounds]
      .sort(([one], [other]) => one - other)
      .map(([bound, count]) => ({ seconds: rounded(STEP ** bound), count })),
  };
}

function rounded(seconds: number): number {
  return Number(seconds.toPrecision(4));
}
