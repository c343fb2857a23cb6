import { InvalidArgumentError } from 'commander';

import type { StreamPosition } from '../rpc/index.js';
import { moment } from './dead-letter-filter.js';

const EXPECTED =
  'It must be an offset such as 1200, a duration such as 90s, 30m, 2h, 7d or 1w, or an ISO 8601 time such as ' +
  '2026-01-31T14:00:00Z.';

/** Parser of an option that is a place in the journal: an offset, a time, or so long ago. */
export function position(text: string, now = Date.now()): number | Date {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  let time: Date;
  try {
    time = moment(text, now);
  } catch {
    throw new InvalidArgumentError(EXPECTED);
  }
  // RabbitMQ takes no time before 1970, and would take one to come for the end.
  if (time.getTime() >= 0 && time.getTime() <= now) return time;
  throw new InvalidArgumentError('It must not be a time to come, nor one before 1970.');
}

/** The same, or the word first. */
export function startPosition(text: string): StreamPosition {
  return text === 'first' ? text : position(text);
}
