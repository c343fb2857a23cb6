import type { StreamOptions } from '../amqp/index.js';
import type { Replay } from '../state/index.js';
import { journalName } from './queue-names.js';

/** Limits of what the journal keeps. */
export interface JournalOptions {
  /** Seconds for which a request is kept and can be replayed. */
  maxAge: number;
  /** Most bytes, approximately. */
  maxBytes: number;
}

/** The options with which the journal is declared as a stream. */
export function journalStream(topic: string, { maxAge, maxBytes }: JournalOptions): StreamOptions {
  return { name: journalName(topic), maxAge, maxBytes };
}

/** Names of the headers of a replayed message. */
export const REPLAY_HEADERS = {
  /** The message's offset in the journal. */
  offset: 'netprov-replay',
  /** Id of the end that the operation has on record. That end is replaced: the operation is done again. */
  again: 'netprov-replay-again',
  /** Id of a later operation of the same node. If that operation has ended, the replayed message is left alone. */
  unless: 'netprov-replay-unless',
} as const;

const OURS: readonly string[] = Object.values(REPLAY_HEADERS);

/** Reads the replay headers of a message; null: the message was not replayed. */
export function replayOf(headers: Record<string, unknown>): Replay | null {
  if (headers[REPLAY_HEADERS.offset] === undefined) return null;
  const text = (name: keyof typeof REPLAY_HEADERS): string | null => {
    const value = headers[REPLAY_HEADERS[name]];
    return typeof value === 'string' ? value : null;
  };
  return { again: text('again'), unless: text('unless') };
}

/** The headers of a journal message, without those of an earlier replay. */
export function withoutReplay(headers: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !OURS.includes(name)));
}

/** The headers that a journal message gets when it is replayed. */
export function replayHeaders(offset: number, { again, unless }: Replay): Record<string, unknown> {
  return {
    [REPLAY_HEADERS.offset]: offset,
    ...(again !== null && { [REPLAY_HEADERS.again]: again }),
    ...(unless !== null && { [REPLAY_HEADERS.unless]: unless }),
  };
}
