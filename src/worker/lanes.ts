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
