import { bulkhead, type BulkheadPolicy } from 'cockatiel';

import { bound } from '../tracing/tracing.js';

/**
 * Runs the operations of one node in strict order, and those of different nodes side by side. A lane exists only while
 * it has work.
 */
export class Lanes {
  readonly #tails = new Map<string, Promise<void>>();

  /** How many lanes have work, running or waiting. */
  get size(): number {
    return this.#tails.size;
  }

  /** Runs the work after all earlier work of the lane has ended, whether it succeeded or failed. */
  run<T>(lane: string, work: () => Promise<T>): Promise<T> {
    const before = this.#tails.get(lane) ?? Promise.resolve();
    const result = before.then(work);
    const tail = result
      .then(
        () => undefined,
        () => undefined,
      )
      .then(() => {
        if (this.#tails.get(lane) === tail) this.#tails.delete(lane);
      });
    this.#tails.set(lane, tail);
    return result;
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
