import { createHash } from 'node:crypto';

import type { GetMessage } from 'amqplib';

import { copyOf } from '../amqp/index.js';
import { DEAD_LETTER_HEADERS, deathsOf } from './dead-letter.js';
import { BROKER_REASONS } from './dead-letter-reasons.js';
import { describeMessage, type ReadOptions } from './request.js';

/** A dead letter, as described by its headers or, where they are missing, by its message. */
export interface Letter {
  /** The operation's unique id. If it cannot be read: the SHA-256 of the body, so that equal bodies have equal ids. */
  id: string;
  reason: string | null;
  detail: string | null;
  /** The queue that the message came from. */
  queue: string | null;
  node: string | null;
  method: string | null;
  operation_id: string | null;
  /** When the message became a dead letter for the first and for the last time, in ISO 8601. */
  first_time: string | null;
  last_time: string | null;
  deaths: number;
  attempts: number | null;
  content_type: string | null;
  bytes: number;
}

/** Reads a dead letter from our headers, else from RabbitMQ's headers and the message itself. */
export function readLetter(message: GetMessage, options: ReadOptions): Letter {
  const { contentType, headers } = copyOf(message);
  const body = message.content;
  const text = (name: keyof typeof DEAD_LETTER_HEADERS): string | null => {
    const value = headers[DEAD_LETTER_HEADERS[name]];
    return typeof value === 'string' ? value : null;
  };
  const attempts = headers[DEAD_LETTER_HEADERS.attempts];
  const ours = text('reason') !== null;
  // Without our headers, RabbitMQ or a foreign tool put the message there.
  const death = ours ? null : brokerDeathOf(message.properties.headers ?? {});
  const foreign = ours ? null : describeMessage({ body, contentType }, options);
  const operationId = text('operationId') ?? foreign?.operationId ?? null;
  return {
    id: operationId ?? createHash('sha256').update(body).digest('hex'),
    reason: text('reason') ?? death?.reason ?? null,
    detail: text('detail') ?? death?.detail ?? null,
    queue: text('originQueue') ?? death?.queue ?? null,
    node: text('node') ?? foreign?.node ?? null,
    method: text('method') ?? foreign?.method ?? null,
    operation_id: operationId,
    first_time: text('firstTime') ?? death?.first ?? null,
    last_time: text('lastTime') ?? death?.last ?? null,
    deaths: deathsOf(headers) + (death?.count ?? 0),
    attempts: typeof attempts === 'number' ? attempts : null,
    content_type: contentType,
    bytes: body.length,
  };
}

/** What RabbitMQ notes on a message that it removed from a queue by itself. */
interface BrokerDeath {
  /** A key of BROKER_REASONS, or a reason that this program does not know. */
  reason: string;
  /** The reason as a sentence. */
  detail: string;
  /** The queue from which RabbitMQ removed the message last. */
  queue: string | null;
  /** When RabbitMQ removed the message for the first and for the last time, in ISO 8601. */
  first: string | null;
  last: string | null;
  /** How often RabbitMQ removed the message from any queue. */
  count: number;
}

/**
 * Reads the header x-death. It has an entry for each queue and reason, the latest first. Null: RabbitMQ did not remove
 * the message from any queue. Source: RabbitMQ, "Dead Letter Exchanges", "Effects on Messages".
 */
export function brokerDeathOf(headers: Readonly<Record<string, unknown>>): BrokerDeath | null {
  const entries = listOf(headers['x-death']);
  const [last] = entries;
  const reason = last?.['reason'];
  if (last === undefined || typeof reason !== 'string') return null;
  const times = entries.map(timeOf).filter((time) => time !== null);
  const counts = entries.map(({ count }) => (typeof count === 'number' && count > 0 ? count : 1));
  return {
    reason,
    detail: `RabbitMQ removed it from its queue: ${BROKER_REASONS[reason] ?? reason}`,
    queue: typeof last['queue'] === 'string' ? last['queue'] : null,
    first: times.toSorted().at(0) ?? null,
    last: timeOf(last),
    count: counts.reduce((sum, one) => sum + one, 0),
  };
}

function listOf(value: unknown): Record<string, unknown>[] {
  if (!Array.isArray(value)) return [];
  return value.filter((entry): entry is Record<string, unknown> => typeof entry === 'object' && entry !== null);
}

/** The time of an entry. amqplib gives it as an object with the seconds as `value`, beside the name of the type. */
function timeOf({ time }: Record<string, unknown>): string | null {
  const seconds = typeof time === 'object' && time !== null && 'value' in time ? time.value : null;
  // A sender can write such a header too, with a time beyond the range of Date.
  if (typeof seconds !== 'number' || !(Math.abs(seconds) < 8.64e12)) return null;
  return new Date(seconds * 1000).toISOString();
}
