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

export type Headers = Record<string, unknown>;

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
