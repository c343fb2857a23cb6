import type { EntityManager } from 'typeorm';

import {
  databaseTime,
  listOperations,
  loadEnded,
  loadRunning,
  type OperationFilter,
  type OperationSummary,
} from './index.js';

/**
 * What happened to an operation: it began (perhaps again, after it had failed), it cannot be tried yet (`held`), it is
 * being retried, or it ended.
 */
export type Happening = 'began' | 'held' | 'retried' | 'succeeded' | 'failed';

export interface OperationEvent {
  event: Happening;
  /** When it happened. For `held` and `retried`: when it was seen. */
  at: Date;
  operation: OperationSummary;
}

/** The most running operations that are followed. */
const MOST_RUNNING = 1000;
/** How many ends are read per query. */
const PAGE = 1000;
/** Seconds by which two looks overlap. An end may become visible late, because its time is older than its commit. */
const OVERLAP = 5;
/** A time before every operation. */
const EVER = '1000-01-01 00:00:00';

/**
 * Follows operations in the database by polling. For an operation that begins and ends between two looks, only its end
 * is seen. Each look reads the running operations, at most a thousand, and those that ended since shortly before the
 * previous look.
 */
export class OperationWatch {
  #seen = new Map<string, OperationSummary>();
  #from: string | null;

  /** @param past whether to report also operations that ended before the first look */
  constructor(
    private readonly manager: EntityManager,
    private readonly filter: OperationFilter,
    { past }: { past: boolean },
  ) {
    this.#from = past ? EVER : null;
  }

  /** Returns what happened since the last look, in the order of the times. @throws the database's errors */
  async look(): Promise<OperationEvent[]> {
    const next = await databaseTime(this.manager, OVERLAP);
    this.#from ??= await databaseTime(this.manager, 0);
    // Keep this order: an operation that ends between the two reads is then in both, and not in neither.
    const running = await loadRunning(this.manager, this.filter, MOST_RUNNING);
    const ended = await this.#endedSince(this.#from);
    const found = new Set([...running, ...ended].map(({ id }) => id));
    const gone = [...this.#seen.values()].filter(({ id, status }) => status === 'running' && !found.has(id));
    const rows = [...running, ...ended, ...(await this.#lookUp(gone))];
    const seen = new Map<string, OperationSummary>();
    const events: OperationEvent[] = [];
    for (const row of rows) {
      const event = happened(seen.get(row.id) ?? this.#seen.get(row.id), row);
      if (event !== null) {
        const at = row.finished_at ?? (event === 'began' ? row.started_at : new Date());
        events.push({ event, at, operation: row });
      }
      seen.set(row.id, row);
    }
    this.#seen = seen;
    if (next > this.#from) this.#from = next;
    return events.sort((one, other) => one.at.getTime() - other.at.getTime());
  }

  /** Whether the last look found the operation. */
  has(id: string): boolean {
    return this.#seen.has(id);
  }

  /** Reads operations that were running at the last look, and now are neither running nor among the newest ends. */
  async #lookUp(gone: readonly OperationSummary[]): Promise<OperationSummary[]> {
    if (gone.length === 0) return [];
    const ids = gone.map(({ id }) => id);
    return listOperations(this.manager, { ids }, { marker: null, limit: ids.length });
  }

  async #endedSince(time: string): Promise<OperationSummary[]> {
    const ended: OperationSummary[] = [];
    for (let place = { time, seq: 0 }; ;) {
      const page = await loadEnded(this.manager, this.filter, place, PAGE);
      ended.push(...page.map(({ operation }) => operation));
      const last = page.at(-1);
      if (last === undefined || page.length < PAGE) return ended;
      place = last.place;
    }
  }
}

/** What happened to an operation between two looks. Null: nothing. */
function happened(before: OperationSummary | undefined, now: OperationSummary): Happening | null {
  const { status, attempts, last_error, finished_at } = now;
  if (status !== 'running') {
    return before?.status === status && before.finished_at?.getTime() === finished_at?.getTime() ? null : status;
  }
  if (before?.status !== 'running') return 'began';
  if (attempts > before.attempts) return 'retried';
  return last_error === before.last_error ? null : 'held';
}
