import { bulkhead, type BulkheadPolicy } from 'cockatiel';

import { bound } from '../tracing/tracing.js';

/**
 * Keeps the operations of one node in strict order, and lets those of different nodes run side by side. A lane exists
 * only while it has work.
 */
export class Lanes {
  /** What waits for its turn in each busy lane, oldest first. Null: nothing waits. */
  readonly #lanes = new Map<string, (() => void)[] | null>();

  /** How many lanes have work, running or waiting. */
  get size(): number {
    return this.#lanes.size;
  }

  /**
   * Calls `begin` when all earlier work of the lane has ended; at once if there is none. The work has the lane until
   * `leave`, which must be called exactly once. `begin` must not throw.
   */
  enter(lane: string, begin: () => void): void {
    const waiting = this.#lanes.get(lane);
    if (waiting === undefined) {
      this.#lanes.set(lane, null);
      begin();
    } else if (waiting === null) this.#lanes.set(lane, [begin]);
    else waiting.push(begin);
  }

  /** Ends the work that has the lane: the next one begins. */
  leave(lane: string): void {
    const next = this.#lanes.get(lane)?.shift();
    if (next === undefined) this.#lanes.delete(lane);
    else next();
  }

  /** Runs the work after all earlier work of the lane has ended, whether it succeeded or failed. */
  async run<T>(lane: string, work: () => Promise<T>): Promise<T> {
    await new Promise<void>((begin) => {
      this.enter(lane, begin);
    });
    try {
      return await work();
    } finally {
      this.leave(lane);
    }
  }
}

/** Limits how many pieces of work run at once. On request, a piece of work runs while nothing else does. */
export class Turns {
  readonly #turns: BulkheadPolicy;
  readonly #running = new Set<Promise<unknown>>();
  /** Resolves when the last work that has to run alone has ended. */
  #alone: Promise<void> = Promise.resolve();
  #waitingToBeAlone = 0;
  #runningAlone = 0;

  /** @param most how many pieces of work may run at once. */
  constructor(most: number) {
    this.#turns = bulkhead(most, Infinity);
  }

  /** How many pieces of work run now. */
  get running(): number {
    return this.#running.size + this.#runningAlone;
  }

  /** Runs the work when its turn comes. @throws the errors of the work */
  run<T>(work: () => Promise<T>): Promise<T> {
    const own = bound(work);
    return this.#turns.execute(async () => {
      while (this.#waitingToBeAlone > 0) await this.#alone;
      const running = own();
      this.#running.add(running);
      try {
        return await running;
      } finally {
        this.#running.delete(running);
      }
    });
  }

  /** Waits until nothing else runs, and holds back new work. The caller ends this by calling the returned function. */
  async alone(): Promise<() => void> {
    this.#waitingToBeAlone += 1;
    const before = this.#alone;
    let end = (): void => undefined;
    this.#alone = new Promise<void>((resolve) => {
      end = resolve;
    });
    await before;
    await Promise.allSettled(this.#running);
    this.#runningAlone = 1;
    return () => {
      this.#runningAlone = 0;
      this.#waitingToBeAlone -= 1;
      end();
    };
  }
}

/**
 * The turn of one operation. An ordinary operation takes a new turn for each attempt. An operation that has to run
 * alone keeps its turn until release(): while its begin is on record, nothing else may run that could crash the worker.
 */
export class Turn {
  #release: (() => void) | null = null;

  constructor(
    private readonly turns: Turns,
    readonly alone: boolean,
  ) {}

  /** Runs the work when its turn comes. @throws the errors of the work */
  async run<T>(work: () => Promise<T>): Promise<T> {
    if (!this.alone) return this.turns.run(work);
    this.#release ??= await this.turns.alone();
    return work();
  }

  /** Lets other operations run again. Does nothing for an operation that need not run alone. */
  release(): void {
    this.#release?.();
    this.#release = null;
  }
}
