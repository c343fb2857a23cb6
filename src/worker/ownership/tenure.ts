import { setTimeout as pause } from 'node:timers/promises';

import type { Fence } from '../../state/index.js';

/** The lease on a queue could not be confirmed in time: another worker may act for it by now. */
export class LeaseLapsed extends Error {
  constructor(queue: string) {
    super(`the lease on ${queue} could not be confirmed in the database in time`);
    this.name = 'LeaseLapsed';
  }
}

/** Milliseconds between two looks whether a lapsed lease was confirmed. */
const LOOK_AGAIN = 50;

/**
 * One worker's time as the owner of one queue, on one channel. It begins when its epoch is on record and the owner before
 * can act no more; it is over when the channel is gone, or when another worker has a newer epoch.
 *
 * Between, it rests on a lease: it may act until so many milliseconds after the database was last asked and still named
 * this epoch. A successor waits as long before it acts, so the two never act at once, and no clocks are compared.
 */
export class Tenure {
  /** Aborted when it is over: nothing that is done under it counts any more. */
  readonly over: AbortSignal;
  readonly #over = new AbortController();
  readonly #running = new Set<Promise<unknown>>();
  #fence: Fence | null = null;
  #validUntil = -Infinity;
  readonly #drained = new AbortController();
  /** Aborted when the lease lapses; there is a new one when it is confirmed. */
  #acting = new AbortController();

  /**
   * @param lease milliseconds.
   * @param begin puts the epoch on record and waits for its turn; resolves with what commits are made under.
   */
  constructor(
    readonly queue: string,
    private readonly lease: number,
    begin: (tenure: Tenure) => Promise<Fence>,
  ) {
    this.over = this.#over.signal;
    this.begun = begin(this).then((fence) => (this.#fence = fence));
    // Whoever needs it hears of it; nobody has to.
    this.begun.catch(() => undefined);
  }

  /** When it has begun: what commits are made under. Rejects when it never will. */
  readonly begun: Promise<Fence>;

  /** Null until it has begun. */
  get fence(): Fence | null {
    return this.#fence;
  }

  /** Notes work that is done under it, until it has ended. Must not reject. */
  track(work: Promise<void>): void {
    this.#running.add(work);
    const ended = (): void => {
      this.#running.delete(work);
    };
    work.then(ended, ended);
  }

  /** When nothing that was begun under it is under way any more. */
  async idle(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running);
  }

  /** From now on, nothing new is begun under it. */
  drain(): void {
    this.#drained.abort();
  }

  get draining(): boolean {
    return this.drained.aborted;
  }

  /** Aborted when nothing new is begun under it any more. */
  get drained(): AbortSignal {
    return this.#drained.signal;
  }

  /** The database still named this epoch when it was asked, at `asked` as performance.now() says. */
  confirm(asked: number): void {
    this.#validUntil = asked + this.lease;
    if (this.#acting.signal.aborted && this.check()) this.#acting = new AbortController();
  }

  end(reason: Error): void {
    this.#over.abort(reason);
    this.#acting.abort(reason);
  }

  /** Whether it may act now. What it has under way is aborted if it may not. */
  check(): boolean {
    const holds = !this.over.aborted && performance.now() < this.#validUntil;
    if (!holds) this.#acting.abort(new LeaseLapsed(this.queue));
    return holds;
  }

  /**
   * For requests that change something outside: aborted while the tenure does not hold. To be asked for anew for each
   * request: a process that was stopped and goes on finds out here, before any timer has told it.
   */
  get signal(): AbortSignal {
    this.check();
    return this.#acting.signal;
  }

  /** Waits while the lease is lapsed. @throws why the tenure is over */
  async untilHolds(): Promise<void> {
    while (!this.check()) {
      this.over.throwIfAborted();
      await pause(LOOK_AGAIN);
    }
  }
}
