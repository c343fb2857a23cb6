import { createHash } from 'node:crypto';

import type { GetMessage } from 'amqplib';

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

/** What a letter's headers say; what they should and do not, its message. */
export function readLetter(message: GetMessage, options: ReadOptions): Letter {
  const { contentType, headers } = copyOf(message);
  const body = message.content;
  const text = (name: keyof typeof DEAD_LETTER_HEADERS): string | null => {
    const value = headers[DEAD_LETTER_HEADERS[name]];
    return typeof value === 'string' ? value : null;
  };
  const attempts = headers[DEAD_LETTER_HEADERS.attempts];
  // Somebody else's tool put it there.
  const foreign = text('reason') === null ? describeMessage({ body, contentType }, options) : null;
  const operationId = text('operationId') ?? foreign?.operationId ?? null;
  return {
    id: operationId ?? createHash('sha256').update(body).digest('hex'),
    reason: text('reason'),
    detail: text('detail'),
    queue: text('originQueue'),
    node: text('node') ?? foreign?.node ?? null,
    method: text('method') ?? foreign?.method ?? null,
    operation_id: operationId,
    first_time: text('firstTime'),
    last_time: text('lastTime'),
    deaths: deathsOf(headers),
    attempts: typeof attempts === 'number' ? attempts : null,
    content_type: contentType,
    bytes: body.length,
  };
}
