import { ConnectionLost } from '../amqp/index.js';
import { errorText, toError } from '../async/error-text.js';
import type { Logger } from '../log/log.js';
import { operationFieldsOf } from '../messages/request.js';
import type { OwedResult, State, WhichEnd } from '../state/index.js';
import type { WorkerMetrics } from './metrics.js';

/** Milliseconds between two statements that note delivered results in the database. */
const INTERVAL = 1000;
/** Most results to read and deliver at once. So many delivered results are noted without waiting for INTERVAL. */
const GROUP = 500;
/** Milliseconds after which the log says again that a result cannot be delivered, at first and at most. */
const SAY_AGAIN = 300_000;
const SAY_AGAIN_MOST = 86_400_000;

/**
 * The outbox. A cast's result is owed from its commit until the broker has confirmed it. Deliveries are noted in
 * groups, a moment later. After a crash between delivery and note, the result is delivered once more.
 */
export class Owed {
  #delivered: WhichEnd[] = [];
  #noting: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | null = null;
  /** When the log says again that a result cannot be delivered, by the id of its end. */
  readonly #said = new Reminders(SAY_AGAIN, SAY_AGAIN_MOST);

  /**
   * @param deliver publishes a result; rejects when the broker does not confirm.
   * @param after seconds after which an owed result is delivered, whatever the reason why it is owed.
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

  /** Notes, with the next group, that the broker has the result of this end of an operation. */
  delivered(end: WhichEnd): void {
    this.#delivered.push(end);
    if (this.#delivered.length >= GROUP) this.#note();
  }

  /**
   * Delivers the results that are owed for longer than an answer takes: the message was lost, or its worker died and
   * the message did not come again. A result stays owed if the broker does not confirm it before the signal aborts, or
   * if it cannot be delivered. Such a result delays no other.
   * @throws ConnectionLost after the delivered results of the same group are noted, and the database's errors
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
        // The broker itself has failed, so the other results would fail too.
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
      return { result, error: toError(error) };
    }
  }

  /** Notes that the broker has these results, which were owed. */
  async #settled(owed: readonly OwedResult[]): Promise<void> {
    if (owed.length === 0) return;
    await this.state.delivered(owed);
    this.metrics.published(owed.length, true);
    this.log.warn('delivered owed results', { results: owed.length });
    for (const result of owed) this.log.info('delivered the owed result of an operation', fieldsOfOwed(result));
  }

  #undelivered(owed: OwedResult, { message: error }: Error): void {
    if (!this.#said.due(owed.endId, performance.now())) return;
    this.log.error('cannot deliver the owed result of an operation; will try again', { ...fieldsOfOwed(owed), error });
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
        this.log.warn('could not record that results were delivered; they may be delivered twice', {
          results: ends.length,
          error: errorText(error),
        });
      });
  }
}

function fieldsOfOwed({ result, ...known }: OwedResult): object {
  return operationFieldsOf({ ...known, nodeUuid: result.node_uuid });
}

interface Reminder {
  /** When the key was last due, and after how many milliseconds it is due again. */
  at: number;
  pause: number;
}

/** Tells when to repeat something that did not help: each pause is twice as long as the one before. */
export class Reminders {
  readonly #reminders = new Map<string, Reminder>();

  /**
   * @param first milliseconds between the first and the second time.
   * @param most most milliseconds between two times.
   */
  constructor(
    private readonly first: number,
    private readonly most: number,
  ) {}

  /** Whether the key is due at `now`, a time of performance.now(). If so, its next pause begins. */
  due(key: string, now: number): boolean {
    const { at, pause } = this.#reminders.get(key) ?? { at: -Infinity, pause: this.first / 2 };
    if (now - at < pause) return false;
    this.#reminders.set(key, { at: now, pause: Math.min(2 * pause, this.most) });
    return true;
  }

  /** Forgets keys that nobody has asked about for a while after they were due: their trouble is over. */
  forget(now: number): void {
    for (const [key, { at, pause }] of this.#reminders) if (now - at > 2 * pause) this.#reminders.delete(key);
  }
}
