interface Waiting<In, Out> {
  item: In;
  resolve: (out: Out) => void;
  reject: (error: unknown) => void;
}

/** The largest size of a group. */
export interface GroupLimits<In> {
  /** The most items. */
  items: number;
  /** The most bytes, unless one item alone has more. */
  bytes: number;
  /** The approximate size of an item in bytes. */
  bytesOf: (item: In) => number;
}

/**
 * Group commit: while one group is being processed by the database, it collects new items, which then form the next
 * group. A single item waits for nothing; under load, hundreds share one transaction.
 *
 * It handles items in the order in which they were submitted.
 */
export class Batcher<In, Out> {
  readonly #run: (items: In[]) => Promise<Out[]>;
  readonly #limits: GroupLimits<In>;
  readonly #isTransient: (error: unknown) => boolean;
  #waiting: Waiting<In, Out>[] = [];
  #busy = false;

  /**
   * @param run does the work for a whole group or for none of it, and returns the results in the group's order
   * @param limits the largest size of a group
   * @param isTransient whether an error comes from the database and not from one of the items
   */
  constructor(run: (items: In[]) => Promise<Out[]>, limits: GroupLimits<In>, isTransient: (error: unknown) => boolean) {
    this.#run = run;
    this.#limits = limits;
    this.#isTransient = isTransient;
  }

  submit(item: In): Promise<Out> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, resolve, reject });
      if (!this.#busy) {
        this.#busy = true;
        // Start one turn of the event loop later, so that messages from one read of the socket share the first group.
        setImmediate(() => void this.#drain());
      }
    });
  }

  async #drain(): Promise<void> {
    while (this.#waiting.length > 0) {
      await this.#handle(this.#waiting.splice(0, this.#nextSize()));
    }
    this.#busy = false;
  }

  /** How many waiting items make up the next group. At least one. */
  #nextSize(): number {
    const { items, bytes, bytesOf } = this.#limits;
    let [size, sum] = [0, 0];
    for (const { item } of this.#waiting) {
      sum += bytesOf(item);
      if (size === items || (size > 0 && sum > bytes)) break;
      size += 1;
    }
    return size;
  }

  async #handle(group: Waiting<In, Out>[]): Promise<void> {
    try {
      const outs = await this.#run(group.map(({ item }) => item));
      group.forEach(({ resolve }, index) => {
        resolve(outs[index] as Out);
      });
    } catch (error) {
      if (group.length > 1 && !this.#isTransient(error)) {
        // One of the items cannot be stored. Run each item alone, so that only this one fails.
        for (const one of group) await this.#handle([one]);
      } else {
        for (const { reject } of group) reject(error);
      }
    }
  }
}
