import type { Random } from '../random.js';
import type { PlannedLetter } from './types.js';

/** Casts to one dead letter made on purpose. */
const CASTS_PER_LETTER = 150;

export interface LetterKind {
  /** What is sent, for the report. */
  readonly what: string;
  /** What the dead letter has to give as its reason. */
  readonly reason: string;
}

/** The messages that cannot become operations, and are sent on purpose. chaos/driver/letters.ts writes them. */
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

/** Draws them: each kind once before any comes again. */
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
