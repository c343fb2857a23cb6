import type { Delivery, Publisher } from '../amqp/index.js';
import { errorText } from '../async/error-text.js';
import { type Logger, maskText } from '../log/log.js';
import { DEAD_LETTER_HEADERS, DeadLetter, deathsOf, Headers, requeuedHeaders } from '../messages/dead-letter.js';
import { describeMessage, type ReadOptions } from '../messages/request.js';
import type { State, WhichEnd } from '../state/index.js';
import type { WorkerMetrics } from './metrics.js';

/** Longest detail, in characters. All headers together must fit into one AMQP frame. */
const MAX_DETAIL = 1000;

/** Most ends that #kept remembers. */
const MAX_KEPT = 1000;

/** Writes to the queue `<topic>.dead`: messages that could not become an operation, or whose retries ran out. */
export class DeadLetters {
  /** Whether the letters of the latest ends are kept. A repeat may have looked up its row before that was noted. */
  readonly #kept = new Map<string, Promise<boolean>>();

  constructor(
    readonly queue: string,
    private readonly publisher: Publisher,
    private readonly options: ReadOptions,
    private readonly metrics: Pick<WorkerMetrics, 'deadLetter'>,
    private readonly log: Logger,
    private readonly debts: Pick<State, 'letterKept'>,
  ) {}

  /** Keeps a copy of a message. Returns whether the broker confirmed it. Repeats of an end become one dead letter. */
  async keep(delivery: Delivery, letter: DeadLetter): Promise<boolean> {
    if (letter.end === null) return this.#publish(delivery, letter);
    const { endId } = letter.end;
    if (await this.#kept.get(endId)) return true;
    const [oldest] = this.#kept.keys();
    if (this.#kept.size >= MAX_KEPT && oldest !== undefined) this.#kept.delete(oldest);
    const keeping = this.#publish(delivery, letter);
    this.#kept.set(endId, keeping);
    return keeping;
  }

  async #publish(delivery: Delivery, { reason, detail, end }: DeadLetter): Promise<boolean> {
    const { headers, ...copy } = delivery.copy;
    // Decodes the body again: dead letters are few, and a message in progress keeps only the parts that are needed.
    const { operationId, node, method, request } = describeMessage(delivery, this.options);
    const requestId = request?.context.request_id ?? null;
    const fields = { request_id: requestId, operation: operationId, node, host: delivery.server };
    const deaths = deathsOf(headers);
    const now = new Date().toISOString();
    const ours = {
      reason,
      detail: maskText(detail, MAX_DETAIL),
      originQueue: delivery.queue,
      firstTime: deaths > 0 ? (headers[DEAD_LETTER_HEADERS.firstTime] ?? now) : now,
      lastTime: now,
      deaths: deaths + 1,
      attempts: delivery.deliveryCount + 1 + deaths,
      end: end?.endId ?? null,
      operationId,
      node,
      method: method && maskText(method),
    };
    try {
      const sent = { ...copy, headers: requeuedHeaders(headers) };
      await this.publisher.ready(delivery.signal);
      await this.publisher.publishCopy(this.queue, delivery.body, sent, asHeaders(ours), delivery.signal);
    } catch (error) {
      this.log.error('could not store a dead letter; the message goes back to its queue', {
        ...fields,
        reason,
        error,
      });
      return false;
    }
    this.metrics.deadLetter(reason);
    this.log.warn('message became a dead letter', { ...fields, reason, detail, queue: delivery.queue });
    if (end !== null) await this.#note(end, fields);
    return true;
  }

  /** Notes that the dead letter is owed no more. If that fails, a repeat of the message may become a second one. */
  async #note(end: WhichEnd, fields: object): Promise<void> {
    await this.debts.letterKept(end).catch((error: unknown) => {
      this.log.warn('could not record that a dead letter was stored; the message may become a second dead letter', {
        ...fields,
        error: errorText(error),
      });
    });
  }
}

/** The values under the names of their headers, without null values. */
function asHeaders(values: Record<keyof typeof DEAD_LETTER_HEADERS, unknown>): Headers {
  const named = Object.entries(DEAD_LETTER_HEADERS).map(([key, name]): [string, unknown] => [
    name,
    values[key as keyof typeof DEAD_LETTER_HEADERS],
  ]);
  return Object.fromEntries(named.filter(([, value]) => value !== null));
}
