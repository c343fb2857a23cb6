import { createHash } from 'node:crypto';

import type { GetMessage } from 'amqplib';

import { brokerDeathOf } from './broker-death.js';
import { copyOf } from './rpc/index.js';
import { DEAD_LETTER_HEADERS, deathsOf } from './worker/dead-letters.js';
import { describeMessage, type ReadOptions } from './worker/describe.js';

/** A dead letter, as its headers tell it, and its message where they do not. */
export interface Letter {
  /** The operation's unique id where it can be read, else the SHA-256 of the body: equal bodies have equal ids. */
  id: string;
  reason: string | null;
  detail: string | null;
  /** Where it came from. */
  queue: string | null;
  node: string | null;
  method: string | null;
  operation_id: string | null;
  /** ISO 8601. */
  first_time: string | null;
  last_time: string | null;
  deaths: number;
  attempts: number | null;
  content_type: string | null;
  bytes: number;
}

/** What a letter's headers say, ours or RabbitMQ's; what they should and do not, its message. */
export function readLetter(message: GetMessage, options: ReadOptions): Letter {
  const { contentType, headers } = copyOf(message);
  const body = message.content;
  const text = (name: keyof typeof DEAD_LETTER_HEADERS): string | null => {
    const value = headers[DEAD_LETTER_HEADERS[name]];
    return typeof value === 'string' ? value : null;
  };
  const attempts = headers[DEAD_LETTER_HEADERS.attempts];
  const ours = text('reason') !== null;
  // RabbitMQ put it there, or somebody else's tool.
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
