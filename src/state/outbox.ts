import type { DataSource } from 'typeorm';

import {
  countStored,
  deleteOwed,
  loadMarked,
  loadResults,
  type OwedCommit,
  owedCommits,
  type OwedFilter,
  type OwedResult,
  removeOwed,
  unmarkOwed,
  type WhichEnd,
} from './owed-store.js';

/** A commit of this process whose results are not all delivered. */
interface Open {
  commit: OwedCommit;
  /** The ends whose results are still owed, by their ids. */
  owed: Map<string, WhichEnd>;
  /** When it was committed, by performance.now(). */
  since: number;
}

/** An end whose result was delivered, and the row of owed_results that lists it, if that is known. */
type Delivered = WhichEnd & { row?: number | null };

/**
 * The results that are owed. Each commit stores a row that lists its ends. The row is deleted when the results of all
 * of them are delivered; until then this process remembers which are. If it dies, those that were delivered are
 * delivered once more, together with those of the same commit that were not.
 *
 * All methods throw the database's errors.
 */
export class Outbox {
  readonly #dataSource: DataSource;
  /** By the number of the row. */
  readonly #open = new Map<number, Open>();
  /** By the ids of the ends that are owed. */
  readonly #byEnd = new Map<string, Open>();

  constructor(dataSource: DataSource) {
    this.#dataSource = dataSource;
  }

  /** Remembers commits. Call it after their transaction has succeeded. */
  committed(commits: readonly OwedCommit[]): void {
    for (const commit of commits) {
      const owed = new Map(commit.ends.map((end) => [end.endId, end]));
      const open = { commit, owed, since: performance.now() };
      this.#open.set(commit.row, open);
      for (const endId of owed.keys()) this.#byEnd.set(endId, open);
    }
  }

  /** Stores that results were delivered, or that nobody listens for them. */
  async delivered(ends: readonly Delivered[]): Promise<void> {
    const done: number[] = [];
    const others: Delivered[] = [];
    for (const end of ends) {
      const open = this.#byEnd.get(end.endId);
      if (open === undefined) {
        others.push(end);
        continue;
      }
      this.#byEnd.delete(end.endId);
      open.owed.delete(end.endId);
      if (open.owed.size > 0) continue;
      this.#open.delete(open.commit.row);
      done.push(open.commit.row);
    }
    await deleteOwed(this.#dataSource.manager, done);
    const listed = others.filter(({ row }) => typeof row === 'number');
    await this.#remove(listed, { rows: listed.flatMap(({ row }) => row ?? []) });
    const unknown = others.filter(({ row }) => typeof row !== 'number');
    await this.#remove(unknown, { without: [...this.#open.keys()] });
    await unmarkOwed(this.#dataSource.manager, unknown);
  }

  /**
   * Reads results that the owners of these queues have owed for more than `seconds`, oldest first.
   * @param without ids of operations whose results are left out
   */
  async load(
    queues: readonly string[],
    seconds: number,
    limit: number,
    without: readonly string[],
  ): Promise<OwedResult[]> {
    await this.#forget(seconds);
    if (queues.length === 0) return [];
    const { manager } = this.#dataSource;
    const results: OwedResult[] = [];
    for await (const commit of owedCommits(manager, { queues, seconds, without: [...this.#open.keys()] })) {
      const owed = await loadResults(manager, commit);
      const known = new Set(owed.map(({ endId }) => endId));
      // A newer end owes its own result, and a deleted operation owes none.
      await removeOwed(manager, commit, ({ endId }) => known.has(endId));
      results.push(...owed.filter(({ id }) => !without.includes(id)));
      if (results.length >= limit) return results.slice(0, limit);
    }
    return [...results, ...(await loadMarked(manager, queues, seconds, limit - results.length, without))];
  }

  /** Counts the results that the owners of these queues owe, up to `limit`. */
  async count(queues: readonly string[], limit: number): Promise<number> {
    const stored = await countStored(this.#dataSource.manager, queues, limit);
    const open = [...this.#open.values()].filter(({ commit }) => queues.includes(commit.queue));
    const delivered = open.reduce((sum, { commit, owed }) => sum + commit.ends.length - owed.size, 0);
    return Math.max(0, Math.min(stored - delivered, limit));
  }

  /**
   * Forgets commits that have been open for longer than `seconds`, and stores which of their results are still owed.
   * From then on they are like the commits of other processes: any worker that gets the queue may deliver the rest.
   */
  async #forget(seconds: number): Promise<void> {
    const before = performance.now() - seconds * 1000;
    for (const [row, { commit, owed, since }] of this.#open) {
      if (since > before) continue;
      this.#open.delete(row);
      for (const endId of owed.keys()) this.#byEnd.delete(endId);
      await removeOwed(this.#dataSource.manager, commit, ({ endId }) => owed.has(endId));
    }
  }

  /** Removes ends from the rows that match the filter, until no other process changes these rows at the same time. */
  async #remove(ends: readonly WhichEnd[], filter: OwedFilter): Promise<void> {
    if (ends.length === 0) return;
    const { manager } = this.#dataSource;
    const delivered = new Set(ends.map(({ endId }) => endId));
    for (let again = true; again;) {
      again = false;
      for await (const commit of owedCommits(manager, filter)) {
        const removed = await removeOwed(manager, commit, ({ endId }) => !delivered.has(endId));
        if (!removed) again = true;
      }
    }
  }
}
