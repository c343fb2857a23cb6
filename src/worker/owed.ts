import { ConnectionLost } from '../amqp/index.js';
import type { Logger } from '../log/log.js';
import { operationFieldsOf } from '../messages/request.js';
import type { OwedResult, State, WhichEnd } from '../state/index.js';
import type { WorkerMetrics } from './metrics.js';

/** Milliseconds between two notes in the database. */
const INTERVAL = 1000;
/** Most results that are noted, or read and delivered, at once. */
const GROUP = 500;
/** Milliseconds after which it is said again of a result that it cannot be delivered, at first and at most. */
const SAY_AGAIN = 300_000;
const SAY_AGAIN_MOST = 86_400_000;

/**
 * The outbox: a cast's result is owed from its commit until the broker has it. What was delivered is noted in groups, a
 * moment later: after a crash between the two, a result is delivered once more.
 */
export class Owed {
  #delivered: WhichEnd[] = [];
  #noting: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | null = null;
  /** Results that could not be delivered, by the ids of their ends. */
  readonly #said = new Reminders(SAY_AGAIN, SAY_AGAIN_MOST);

  /**
   * @param deliver publishes a result; rejects when the broker does not confirm.
   * @param after seconds after which a result that is owed is delivered, however it came to be.
   */
  constructor(
    private readonly state: State,
    private readonly deliver: (owed: OwedResult, signal: AbortSignal) => Promise<void>,
    private readonly after: number,
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
   * again. What the broker does not confirm before the signal aborts is owed further; so is what cannot be delivered, and
   * holds up no other.
   * @throws ConnectionLost once the others of its group are noted, and the database's errors
   */
  async settle(queues: readonly string[], signal: AbortSignal): Promise<void> {
    this.#said.forget(performance.now());
    const failed: string[] = [];
    while (!signal.aborted) {
      const owed = await this.state.owed(queues, this.after, GROUP, failed);
      if (owed.length === 0) return;
      const outcomes = await Promise.all(owed.map((result) => this.#attempt(result, signal)));
      await this.#settled(outcomes.flatMap(({ result, error }) => (error === null ? [result] : [])));
      for (const { result, error } of outcomes) {
        if (error === null) continue;
        // It is the broker that fails, and would for the others.
        if (error instanceof ConnectionLost) throw error;
        failed.push(result.id);
        this.#undelivered(result, error);
      }
    }
  }

  async #attempt(result: OwedResult, signal: AbortSignal): Promise<{ result: OwedResult; error: Error | null }> {
    try {
      await this.deliver(result, signal);
      return { result, error: null };
    } catch (error) {
      return { result, error: error instanceof Error ? error : new Error(String(error)) };
    }
  }

  /** The broker has these results, which were owed. */
  async #settled(owed: readonly OwedResult[]): Promise<void> {
    if (owed.length === 0) return;
    await this.state.delivered(owed);
    this.metrics.published(owed.length, true);
    this.log.warn('results that were owed were delivered', { results: owed.length });
    for (const result of owed) this.log.info('its result was owed, and was delivered', fieldsOfOwed(result));
  }

  #undelivered(owed: OwedResult, { message: error }: Error): void {
    if (!this.#said.due(owed.endId, performance.now())) return;
    this.log.error('its result is owed, and cannot be delivered; it is tried again', { ...fieldsOfOwed(owed), error });
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

function fieldsOfOwed({ result, ...known }: OwedResult): object {
  return operationFieldsOf({ ...known, nodeUuid: result.node_uuid });
}

interface Reminder {
  /** When it was last asked for, and after how long it is asked for again, in milliseconds. */
  at: number;
  pause: number;
}

/** When to ask again for what was asked for in vain: each time after twice as long as the last. */
export class Reminders {
  readonly #reminders = new Map<string, Reminder>();

  /** @param first milliseconds after which it is asked for the second time. @param most between two times, at most. */
  constructor(
    private readonly first: number,
    private readonly most: number,
  ) {}

  /** Whether it is time to ask for it, at `now` as performance.now() says. If so, it counts as asked for. */
  due(key: string, now: number): boolean {
    const { at, pause } = this.#reminders.get(key) ?? { at: -Infinity, pause: this.first / 2 };
    if (now - at < pause) return false;
    this.#reminders.set(key, { at: now, pause: Math.min(2 * pause, this.most) });
    return true;
  }

  /** Forgets what nobody has wanted to ask for since it was time to: it was answered. */
  forget(now: number): void {
    for (const [key, { at, pause }] of this.#reminders) if (now - at > 2 * pause) this.#reminders.delete(key);
  }
}
