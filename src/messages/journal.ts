import type { StreamOptions } from '../amqp/index.js';
import type { Replay } from '../state/index.js';
import { journalName } from './queue-names.js';

/** How much the journal keeps. */
export interface JournalOptions {
  /** Seconds for which a request can be replayed. */
  maxAge: number;
  /** Most bytes, about. */
  maxBytes: number;
}

/** The journal, as it is to be declared. */
export function journalStream(topic: string, { maxAge, maxBytes }: JournalOptions): StreamOptions {
  return { name: journalName(topic), maxAge, maxBytes };
}

/** Headers of a replayed message. */
export const REPLAY_HEADERS = {
  /** Where in the journal it was read. */
  offset: 'netprov-replay',
  /** The end that its operation has on record, and that is to be forgotten: it is done again. */
  again: 'netprov-replay-again',
  /** An operation of the same node that came later: when it has ended, this one is left alone. */
  unless: 'netprov-replay-unless',
} as const;

const OURS: readonly string[] = Object.values(REPLAY_HEADERS);

/** What a message's headers say of its replay; null: it is no replayed message. */
export function replayOf(headers: Record<string, unknown>): Replay | null {
  if (headers[REPLAY_HEADERS.offset] === undefined) return null;
  const text = (name: keyof typeof REPLAY_HEADERS): string | null => {
    const value = headers[REPLAY_HEADERS[name]];
    return typeof value === 'string' ? value : null;
  };
  return { again: text('again'), unless: text('unless') };
}

/** The headers of a message of the journal that are not those of an earlier replay. */
export function withoutReplay(headers: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !OURS.includes(name)));
}

/** The headers that a message of the journal gets when it is replayed. */
export function replayHeaders(offset: number, { again, unless }: Replay): Record<string, unknown> {
  return {
    [REPLAY_HEADERS.offset]: offset,
    ...(again !== null && { [REPLAY_HEADERS.again]: again }),
    ...(unless !== null && { [REPLAY_HEADERS.unless]: unless }),
  };
}
