import {
  declareQueue,
  isQueueLimit,
  queueLimits,
  type QueueType,
  type RpcConnection,
  useQueue,
} from '../amqp/index.js';
import type { Logger } from '../log/log.js';
import type { Replay, WhichEnd } from '../state/index.js';
import { replayOf } from './journal.js';
import { deadLetterQueue } from './queue-names.js';

/** Names of the headers of a dead letter. */
export const DEAD_LETTER_HEADERS = {
  /** A stable word: DEAD_LETTER_REASONS has them. */
  reason: 'netprov-reason',
  /** A sentence for the operator. */
  detail: 'netprov-detail',
  /** The queue that the message came from. A requeued message goes back there. */
  originQueue: 'netprov-origin-queue',
  /** When the message became a dead letter for the first time, in ISO 8601. A requeued message keeps it. */
  firstTime: 'netprov-first-time',
  /** When the message became a dead letter for the last time, in ISO 8601. */
  lastTime: 'netprov-last-time',
  /** How often the message became a dead letter. A requeued message keeps it. */
  deaths: 'netprov-deaths',
  /** How often the message was tried: the deliveries before its last death, plus the number of its earlier deaths. */
  attempts: 'netprov-attempts',
  /**
   * Id of the end of the operation that made the message a dead letter. A requeued message keeps it: the operation is
   * done again only if this end is still the one on record.
   */
  end: 'netprov-end',
  /** The operation, the node and the method. Each is missing when it cannot be read. */
  operationId: 'netprov-operation-id',
  node: 'netprov-node',
  method: 'netprov-method',
} as const;

/** Headers that a requeued letter keeps, so that its history goes on if it becomes a dead letter again. */
const STAYING: readonly string[] = [DEAD_LETTER_HEADERS.firstTime, DEAD_LETTER_HEADERS.deaths, DEAD_LETTER_HEADERS.end];
const OURS: readonly string[] = Object.values(DEAD_LETTER_HEADERS);

export type Headers = Record<string, unknown>;

/** How often a message was a dead letter before, according to its headers. */
export function deathsOf(headers: Headers): number {
  const deaths = headers[DEAD_LETTER_HEADERS.deaths];
  return typeof deaths === 'number' && Number.isInteger(deaths) && deaths > 0 ? deaths : 0;
}

/**
 * Reads which end of its operation a requeued dead letter has to replace; null: the message was no dead letter. A dead
 * letter of the previous version names no end: it is for the operation's first end, whose id is that of the operation.
 */
export function requeuedOf(headers: Headers, operationId: string): Replay | null {
  if (deathsOf(headers) === 0) return null;
  const end = headers[DEAD_LETTER_HEADERS.end];
  return { again: typeof end === 'string' ? end : operationId, unless: replayOf(headers)?.unless ?? null };
}

/** The headers of a requeued letter: the sender's headers, and those of ours that stay. */
export function requeuedHeaders(headers: Headers): Headers {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !OURS.includes(name) || STAYING.includes(name)));
}

/** The reason why a message becomes a dead letter. */
export interface DeadLetter {
  /** A key of DEAD_LETTER_REASONS, perhaps of another version of the worker. */
  reason: string;
  /** A sentence for the operator. */
  detail: string;
  /** The end of the operation for which the dead letter is owed; null: there is no such end. */
  end: WhichEnd | null;
}

type Model = NonNullable<RpcConnection['model']>;

/**
 * The arguments of the dead-letter queue. A quorum queue gets a very high delivery limit, because each look at a letter
 * counts as a return to the queue.
 */
export function deadLetterArguments(queueType: QueueType): Record<string, unknown> {
  return { 'x-queue-type': queueType, ...(queueType === 'quorum' ? queueLimits(null) : {}) };
}

/** Declares the dead-letter queue. @throws TopologyMismatch */
export async function declareDeadLetterQueue(model: Model, topic: string, queueType: QueueType): Promise<void> {
  await declareQueue(model, deadLetterQueue(topic), deadLetterArguments(queueType));
}

/**
 * Declares the dead-letter queue for a worker, which only writes to it. A queue that the previous version declared
 * without a delivery limit is used as it is, with a warning.
 *
 * @throws TopologyMismatch when an existing queue differs in something else
 */
export async function useDeadLetterQueue(
  model: Model,
  topic: string,
  queueType: QueueType,
  log: Logger,
): Promise<void> {
  const differences = await useQueue(model, deadLetterQueue(topic), deadLetterArguments(queueType), isQueueLimit);
  if (differences.length === 0) return;
  log.warn(
    'dead letters can be stored, but not listed; move them, delete the queue and start a worker, which declares it again',
    {
      queue: deadLetterQueue(topic),
      ...Object.fromEntries(differences.map(({ property, current }) => [property, current])),
    },
  );
}
