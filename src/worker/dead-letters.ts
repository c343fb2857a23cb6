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
import { describeMessage, type ReadOptions } from './describe.js';
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
  /** The operation, the node and the method, each where it can be read. */
  operationId: 'netprov-operation-id',
  node: 'netprov-node',
  method: 'netprov-method',
} as const;

/** What a requeued letter keeps, so that its story goes on if it becomes a dead letter again. */
const STAYING: readonly string[] = [DEAD_LETTER_HEADERS.firstTime, DEAD_LETTER_HEADERS.deaths];
const OURS: readonly string[] = Object.values(DEAD_LETTER_HEADERS);

/** Longest detail, in characters: headers have to fit into one AMQP frame. */
const MAX_DETAIL = 1000;

type Headers = Record<string, unknown>;

/** How often a message was a dead letter before, as its headers say. */
export function deathsOf(headers: Headers): number {
  const deaths = headers[DEAD_LETTER_HEADERS.deaths];
  return typeof deaths === 'number' && Number.isInteger(deaths) && deaths > 0 ? deaths : 0;
}

/** The headers with which a letter goes back: its own, and what stays of ours. */
export function requeuedHeaders(headers: Headers): Headers {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !OURS.includes(name) || STAYING.includes(name)));
}

/** The queue `<topic>.dead`: messages that could not become an operation, or whose retries ran out. */
export class DeadLetters {
  constructor(
    readonly queue: string,
    private readonly publisher: Publisher,
    private readonly options: ReadOptions,
    private readonly metrics: Pick<WorkerMetrics, 'deadLetter'>,
    private readonly log: Logger,
  ) {}

  /** Keeps a copy of a message. Answers whether the broker has confirmed it. */
  async keep(delivery: Delivery, { reason, detail }: { reason: string; detail: string }): Promise<boolean> {
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
    return true;
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
