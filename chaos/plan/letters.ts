import type { Random } from '../random.js';
import type { PlannedLetter } from './types.js';

/** There is one letter for this many casts. */
const CASTS_PER_LETTER = 150;

export interface LetterKind {
  /** Description for the report. */
  readonly what: string;
  /** The expected reason in the dead letter. */
  readonly reason: string;
}

/** Messages that cannot become operations and are sent on purpose. chaos/driver/letters.ts makes them. */
export const LETTERS = {
  'json-none': { what: 'no JSON', reason: 'not_json' },
  'json-method': { what: 'JSON with an unknown method', reason: 'no_such_method' },
  'json-large': { what: 'JSON over rpc.max_message_bytes', reason: 'too_large' },
  'protobuf-noise': { what: 'noise that is said to be protobuf', reason: 'not_protobuf' },
  'protobuf-cut': { what: 'protobuf without its end', reason: 'not_protobuf' },
  'protobuf-reply': { what: 'protobuf with an impossible reply_q', reason: 'bad_request' },
  'protobuf-method': { what: 'protobuf with an unknown method', reason: 'no_such_method' },
  'protobuf-large': { what: 'protobuf over rpc.max_message_bytes', reason: 'too_large' },
} as const satisfies Record<string, LetterKind>;

export type LetterKindName = keyof typeof LETTERS;

export const LETTER_KINDS = Object.keys(LETTERS) as LetterKindName[];

/** Draws the letters: each kind once before any kind is repeated. */
export function drawLetters(
  { casts, duration, hosts }: { casts: number; duration: number; hosts: readonly string[] },
  random: Random,
): PlannedLetter[] {
  const count = Math.ceil(casts / CASTS_PER_LETTER);
  const deck: LetterKindName[] = [];
  while (deck.length < count) deck.push(...random.shuffle(LETTER_KINDS));
  return deck.slice(0, count).map((kind) => ({
    id: random.uuid(),
    kind,
    at: random.int(0, duration),
    host: random.pick(hosts),
    reason: LETTERS[kind].reason,
  }));
}
