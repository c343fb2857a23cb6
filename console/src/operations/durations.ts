import type { OperationSummary } from '../api/types.js';

/** How long operations of one method took. Times are in milliseconds. */
export interface Durations {
  method: string;
  count: number;
  failed: number;
  median: number;
  /** 95 of 100 took no longer. */
  slowest: number;
  /** How many took so long: from the first bound, each bucket twice as long as the one before. */
  buckets: number[];
}

/** Milliseconds of the first bucket's end: 16 buckets go from 10 ms to 10 minutes. */
const FIRST = 20;
const BUCKETS = 16;

/** The durations of the operations that have ended, by method, the most frequent first. */
export function durationsOf(operations: Iterable<OperationSummary>): Durations[] {
  const byMethod = new Map<string, { took: number[]; failed: number }>();
  for (const { method, status, started_at: began, finished_at: ended } of operations) {
    if (ended === null) continue;
    const of = byMethod.get(method) ?? { took: [], failed: 0 };
    byMethod.set(method, of);
    of.took.push(Date.parse(ended) - Date.parse(began));
    if (status === 'failed') of.failed += 1;
  }
  return [...byMethod]
    .map(([method, { took, failed }]) => {
      const sorted = took.sort((one, other) => one - other);
      const buckets = new Array<number>(BUCKETS).fill(0);
      for (const time of sorted) buckets[bucketOf(time)] = (buckets[bucketOf(time)] ?? 0) + 1;
      return {
        method,
        count: sorted.length,
        failed,
        median: quantile(sorted, 0.5),
        slowest: quantile(sorted, 0.95),
        buckets,
      };
    })
    .sort((one, other) => other.count - one.count);
}

function bucketOf(time: number): number {
  return Math.min(BUCKETS - 1, Math.max(0, Math.ceil(Math.log2(Math.max(1, time) / FIRST))));
}

function quantile(sorted: readonly number[], part: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0;
}
