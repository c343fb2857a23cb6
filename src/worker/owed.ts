import type { Logger } from '../log.js';
import type { Fence, OwedResult, State } from '../state/index.js';

/** Milliseconds between two notes in the database. */
const INTERVAL = 1000;
/** Most results that are noted, or read and delivered, at once. */
const GROUP = 500;

/**
 * The outbox: a cast's result is owed from its commit until the broker has it. What was delivered is noted in groups, a
 * moment later: after a crash between the two, a result is delivered once more.
 */
export class Owed {
  #delivered: string[] = [];
  #noting: Promise<void> = Promise.resolve();
  readonly #timer: NodeJS.Timeout;

  /** @param deliver publishes a result; rejects when the broker does not confirm. */
  constructor(
    private readonly state: State,
    private readonly deliver: (owed: OwedResult) => Promise<void>,
    private readonly log: Logger,
  ) {
    this.#timer = setInterval(() => {
      this.#note();
    }, INTERVAL);
  }

  /** The broker has the result of this operation. */
  delivered(id: string): void {
    this.#delivered.push(id);
    if (this.#delivered.length >= GROUP) this.#note();
  }

  /**
   * Delivers what the owners of a queue before this one owe. What the broker does not confirm is owed further, and tried
   * again by the next owner.
   */
  async settle(owner: Fence): Promise<void> {
    const { queue } = owner;
    try {
      for (;;) {
        const owed = await this.state.owed(owner, GROUP);
        if (owed.length === 0) return;
        await Promise.all(owed.map((result) => this.deliver(result)));
        await this.state.delivered(owed.map(({ id }) => id));
        this.log.info('results that an owner before owed were delivered', { queue, results: owed.length });
      }
    } catch (error) {
      this.log.warn('results are still owed', { queue, error: String(error) });
    }
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    this.#note();
    await this.#noting;
  }

  #note(): void {
    const ids = this.#delivered;
    if (ids.length === 0) return;
    this.#delivered = [];
    this.#noting = this.#noting
      .then(() => this.state.delivered(ids))
      .catch((error: unknown) => {
        this.log.warn('it could not be noted that results were delivered; they may be delivered once more', {
          results: ids.length,
          error: String(error),
        });
      });
  }
}
