import type { Logger } from '../log.js';
import type { OwedResult, State, WhichEnd } from '../state/index.js';
import { fieldsOf } from './fields.js';
import type { WorkerMetrics } from './metrics.js';

/** Milliseconds between two notes in the database. */
const INTERVAL = 1000;
/** Most results that are noted, or read and delivered, at once. */
const GROUP = 500;

/**
 * The outbox: a cast's result is owed from its commit until the broker has it. What was delivered is noted in groups, a
 * moment later: after a crash between the two, a result is delivered once more.
 */
export class Owed {
  #delivered: WhichEnd[] = [];
  #noting: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | null = null;

  /**
   * @param deliver publishes a result; rejects when the broker does not confirm.
   * @param patience seconds after which a result that is owed is delivered, however it came to be.
   */
  constructor(
    private readonly state: State,
    private readonly deliver: (owed: OwedResult, signal: AbortSignal) => Promise<void>,
    private readonly patience: number,
    private readonly metrics: Pick<WorkerMetrics, 'published'>,
    private readonly log: Logger,
  ) {}

  start(): void {
    this.#timer = setInterval(() => {
      this.#note();
    }, INTERVAL);
  }

  /** The broker has the result of this end of an operation. */
  delivered(end: WhichEnd): void {
    this.#delivered.push(end);
    if (this.#delivered.length >= GROUP) this.#note();
  }

  /**
   * Delivers what is owed for longer than an answer takes: its message was lost, or its worker died and it did not come
   * again. What the broker does not confirm before the signal aborts is owed further.
   * @throws ConnectionLost, and the database's errors
   */
  async settle(queues: readonly string[], signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const owed = await this.state.owed(queues, this.patience, GROUP);
      if (owed.length === 0) return;
      await Promise.all(owed.map((result) => this.deliver(result, signal)));
      await this.state.delivered(owed);
      this.metrics.published(owed.length, true);
      this.log.warn('results that were owed were delivered', { results: owed.length });
      for (const { result, ...known } of owed) {
        this.log.info('its result was owed, and was delivered', fieldsOf({ ...known, nodeUuid: result.node_uuid }));
      }
    }
  }

  async close(): Promise<void> {
    if (this.#timer) clearInterval(this.#timer);
    this.#note();
    await this.#noting;
  }

  #note(): void {
    const ends = this.#delivered;
    if (ends.length === 0) return;
    this.#delivered = [];
    this.#noting = this.#noting
      .then(() => this.state.delivered(ends))
      .catch((error: unknown) => {
        this.log.warn('it could not be noted that results were delivered; they may be delivered once more', {
          results: ends.length,
          error: String(error),
        });
      });
  }
}
