import { maskText, type Logger } from '../log.js';
import {
  declareQueue,
  isQueueLimit,
  queueLimits,
  useQueue,
  type Delivery,
  type Publisher,
  type QueueType,
  type RpcConnection,
} from '../rpc/index.js';
import type { Replay, State, WhichEnd } from '../state/index.js';
import { describeMessage, type ReadOptions } from './describe.js';
import { replayOf } from './journal.js';
import type { WorkerMetrics } from './metrics.js';
import { deadLetterQueue } from './queue-names.js';

/** Headers of a dead letter. */
export const DEAD_LETTER_HEADERS = {
  /** A stable word: not_json, no_such_method, retries_exhausted, ... */
  reason: 'netprov-reason',
  /** A sentence for the operator. */
  detail: 'netprov-detail',
  /** The queue that the message came from; where it goes back to. */
  originQueue: 'netprov-origin-queue',
  /** When it became a dead letter for the first time, ISO 8601. Stays when it is requeued. */
  firstTime: 'netprov-first-time',
  /** When it became one for the last time, ISO 8601. */
  lastTime: 'netprov-last-time',
  /** How often it became one. Stays when it is requeued. */
  deaths: 'netprov-deaths',
  /** How often the message was begun: how often its queue handed it out for its last death, and its earlier deaths. */
  attempts: 'netprov-attempts',
  /** The end of the operation for which it became one. Stays when it is requeued: it is done again if it ended so. */
  end: 'netprov-end',
  /** The operation, the node and the method, each where it can be read. */
  operationId: 'netprov-operation-id',
  node: 'netprov-node',
  method: 'netprov-method',
} as const;

/** What a requeued letter keeps, so that its story goes on if it becomes a dead letter again. */
const STAYING: readonly string[] = [DEAD_LETTER_HEADERS.firstTime, DEAD_LETTER_HEADERS.deaths, DEAD_LETTER_HEADERS.end];
const OURS: readonly string[] = Object.values(DEAD_LETTER_HEADERS);

/** Longest detail, in characters: headers have to fit into one AMQP frame. */
const MAX_DETAIL = 1000;

/** Most ends of which it is remembered that their letters are kept. */
const MAX_KEPT = 1000;

type Headers = Record<string, unknown>;

/** How often a message was a dead letter before, as its headers say. */
export function deathsOf(headers: Headers): number {
  const deaths = headers[DEAD_LETTER_HEADERS.deaths];
  return typeof deaths === 'number' && Number.isInteger(deaths) && deaths > 0 ? deaths : 0;
}

/**
 * What the headers of a message that was a dead letter say of its operation; null: it was none. A letter of the version
 * before does not name the end that it is for: the first.
 */
export function requeuedOf(headers: Headers, operationId: string): Replay | null {
  if (deathsOf(headers) === 0) return null;
  const end = headers[DEAD_LETTER_HEADERS.end];
  return { again: typeof end === 'string' ? end : operationId, unless: replayOf(headers)?.unless ?? null };
}

/** The headers with which a letter goes back: its own, and what stays of ours. */
export function requeuedHeaders(headers: Headers): Headers {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !OURS.includes(name) || STAYING.includes(name)));
}

/** Why a message becomes a dead letter. */
export interface DeadLetter {
  /** A stable word. */
  reason: string;
  /** A sentence for the operator. */
  detail: string;
  /** The end of an operation that owes it; null: the message could not become one. */
  end: WhichEnd | null;
}

/** The queue `<topic>.dead`: messages that could not become an operation, or whose retries ran out. */
export class DeadLetters {
  /** Whether the letters of some ends are kept, the latest: what was looked up a moment ago may not tell yet. */
  readonly #kept = new Map<string, Promise<boolean>>();

  constructor(
    readonly queue: string,
    private readonly publisher: Publisher,
    private readonly options: ReadOptions,
    private readonly metrics: Pick<WorkerMetrics, 'deadLetter'>,
    private readonly log: Logger,
    private readonly debts: Pick<State, 'letterKept'>,
  ) {}

  /** Keeps a copy of a message. Answers whether the broker has confirmed it. Copies of a message become one letter. */
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
    // Read once more: dead letters are few, and while a message is worked on no more of it is held than counts.
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
      this.log.error('a dead letter could not be kept; the message goes back to its queue', {
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

  /** That it is owed no more. Should that fail, a repeat of the message may become a second letter. */
  async #note(end: WhichEnd, fields: object): Promise<void> {
    await this.debts.letterKept(end).catch((error: unknown) => {
      this.log.warn('it could not be noted that a dead letter is owed no more', { ...fields, error: String(error) });
    });
  }
}

/** Each under its header's name, without those that are null. */
function asHeaders(values: Record<keyof typeof DEAD_LETTER_HEADERS, unknown>): Headers {
  const named = Object.entries(DEAD_LETTER_HEADERS).map(([key, name]): [string, unknown] => [
    name,
    values[key as keyof typeof DEAD_LETTER_HEADERS],
  ]);
  return Object.fromEntries(named.filter(([, value]) => value !== null));
}

type Model = NonNullable<RpcConnection['model']>;

/** The arguments of the queue that keeps dead letters: each look at a letter counts as one that came back. */
export function deadLetterArguments(queueType: QueueType): Record<string, unknown> {
  return { 'x-queue-type': queueType, ...(queueType === 'quorum' ? queueLimits(null) : {}) };
}

/** Declares the queue that keeps dead letters. @throws TopologyMismatch */
export async function declareDeadLetterQueue(model: Model, topic: string, queueType: QueueType): Promise<void> {
  await declareQueue(model, deadLetterQueue(topic), deadLetterArguments(queueType));
}

/**
 * The same for a worker, which only writes: one that was declared without a limit, as the version before did, is used as
 * it stands, with a warning. @throws TopologyMismatch when it differs in something else
 */
export async function useDeadLetterQueue(
  model: Model,
  topic: string,
  queueType: QueueType,
  log: Logger,
): Promise<void> {
  const differences = await useQueue(model, deadLetterQueue(topic), deadLetterArguments(queueType), isQueueLimit);
  if (differences.length === 0) return;
  log.warn('letters can be kept, but not looked at before the queue is made anew', {
    queue: deadLetterQueue(topic),
    ...Object.fromEntries(differences.map(({ property, current }) => [property, current])),
  });
}
