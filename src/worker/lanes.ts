import { bulkhead, type BulkheadPolicy } from 'cockatiel';

import { bound } from '../tracing/tracing.js';

/**
 * The strict order of operations of one node; different nodes run side by side. A lane exists while something is in it.
 */
export class Lanes {
  readonly #tails = new Map<string, Promise<void>>();

  /** How many lanes have something in them. */
  get size(): number {
    return this.#tails.size;
  }

  /** Runs the work when everything that entered the lane before has ended, well or not. */
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

/** Lets only so much work go on at once; and now and then a piece of it while nothing else does. */
export class Turns {
  readonly #turns: BulkheadPolicy;
  readonly #running = new Set<Promise<unknown>>();
  /** Ends when the last one that has to be alone has ended. */
  #alone: Promise<void> = Promise.resolve();
  #waitingToBeAlone = 0;

  /** @param most pieces of work at once. */
  constructor(most: number) {
    this.#turns = bulkhead(most, Infinity);
  }

  /** How much work goes on now. */
  get running(): number {
    return this.#running.size;
  }

  /** Does the work when it is its turn. @throws what the work throws */
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

  /** Waits until nothing else runs, and holds up what comes, until what it answers with is called. */
  async alone(): Promise<() => void> {
    this.#waitingToBeAlone += 1;
    const before = this.#alone;
    let end = (): void => undefined;
    this.#alone = new Promise<void>((resolve) => {
      end = resolve;
    });
    await before;
    await Promise.allSettled(this.#running);
    return () => {
      this.#waitingToBeAlone -= 1;
      end();
    };
  }
}

/**
 * The turn of one operation. An ordinary one has a turn for each attempt. One that has to be alone keeps its turn until it is
 * released: as long as its begin counts, nothing else may run of which the worker could die.
 */
export class Turn {
  #release: (() => void) | null = null;

  constructor(
    private readonly turns: Turns,
    readonly alone: boolean,
  ) {}

  /** Does the work when it is its turn. @throws what the work throws */
  async run<T>(work: () => Promise<T>): Promise<T> {
    if (!this.alone) return this.turns.run(work);
    this.#release ??= await this.turns.alone();
    return work();
  }

  /** Lets others run. Does nothing for one that need not be alone. */
  release(): void {
    this.#release?.();
    this.#release = null;
  }
}
