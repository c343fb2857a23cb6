interface Waiting<In, Out> {
  item: In;
  resolve: (out: Out) => void;
  reject: (error: unknown) => void;
}

/** How large a group may be. */
export interface GroupLimits<In> {
  /** Most items. */
  items: number;
  /** Most bytes, unless one item alone has more. */
  bytes: number;
  /** About how many bytes an item comes to. */
  bytesOf: (item: In) => number;
}

/**
 * Group commit: while one group is on its way to the database, what arrives is collected, and goes together when the
 * way is free. Alone, an item waits for nothing; under load, hundreds share one transaction.
 *
 * Items are handled in the order in which they were submitted.
 */
export class Batcher<In, Out> {
  readonly #run: (items: In[]) => Promise<Out[]>;
  readonly #limits: GroupLimits<In>;
  readonly #isTransient: (error: unknown) => boolean;
  #waiting: Waiting<In, Out>[] = [];
  #busy = false;

  /**
   * @param run does the work for a group and answers in the group's order; all or nothing.
   * @param limits how large a group may be.
   * @param isTransient whether an error is the database's, not an item's.
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
        // A turn of the event loop later: messages that arrive in one read from the socket then share the first group.
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

  /** How many of those that wait make the next group: one at least. */
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
        // One of them cannot be stored. Alone, it fails alone.
        for (const one of group) await this.#handle([one]);
      } else {
        for (const { reject } of group) reject(error);
      }
    }
  }
}
