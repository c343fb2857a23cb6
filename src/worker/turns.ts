import { bulkhead, type BulkheadPolicy } from 'cockatiel';

import { bound } from '../tracing.js';

/** Lets only so much work go on at once; and now and then a piece of it while nothing else does. */
export class Turns {
  readonly #turns: BulkheadPolicy;
  readonly #running = new Set<Promise<unknown>>();
  /** Ends when the last piece of work that has to be alone has ended. */
  #alone: Promise<unknown> = Promise.resolve();
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

  /** Does the work while nothing else runs: waits for what does, and holds up what comes. @throws what the work throws */
  async alone<T>(work: () => Promise<T>): Promise<T> {
    this.#waitingToBeAlone += 1;
    const before = this.#alone;
    const mine = before.then(() => Promise.allSettled(this.#running)).then(work);
    this.#alone = mine.catch(() => undefined);
    try {
      return await mine;
    } finally {
      this.#waitingToBeAlone -= 1;
    }
  }
}
