import { DEAD_LETTER_HEADERS } from '../../src/messages/dead-letter.js';
import type { Evidence } from '../evidence.js';
import type { SeenLetter } from '../place/results-queue.js';
import { type Check, type Finding, groupBy, type Index, nameOf } from './check.js';

/** The header that identifies a dead letter that was made on purpose. */
export const LETTER_HEADER = 'chaos-letter';

/**
 * The dead-letter queue has exactly the letters that were sent on purpose, and the messages of failed casts that need
 * an operator, each with the right reason. Each is there once; a second copy is allowed only if its message was sent
 * again, or delivered again by RabbitMQ.
 */
export const lettersAsPlanned: Check = (evidence, index) => {
  const found = groupBy(evidence.deadLetters, keyOf);
  const planned = [...sentToDie(evidence), ...failingCasts(evidence, index)];
  const findings = planned.flatMap((letter) => problemsOf(letter, found.get(letter.key) ?? []));
  const keys = new Set(planned.map(({ key }) => key));
  for (const { headers } of evidence.deadLetters) {
    if (keys.has(keyOf({ headers }))) continue;
    const [reason, operation, detail, node] = TOLD.map((name) => textOf(headers, name));
    findings.push({
      node: node === undefined || node === '' ? null : node,
      detail: `a dead letter nobody planned: ${reason ?? ''}, operation ${operation ?? ''}: ${detail ?? ''}`,
    });
  }
  return findings;
};

/** A dead letter that is expected. */
interface Planned {
  /** Identifies the letter: the header that was sent with it, or else its operation. */
  key: string;
  name: string;
  node: string | null;
  reason: string;
  /** Whether the letter must be there. If false, it may be there, because its message was sent. */
  owed: boolean;
  /** How often its message was sent, as far as is known. */
  sent: number;
}

function keyOf({ headers }: Pick<SeenLetter, 'headers'>): string {
  return textOf(headers, LETTER_HEADER) || textOf(headers, DEAD_LETTER_HEADERS.operationId);
}

/** The letters that were sent on purpose. */
function sentToDie({ plan, letters }: Evidence): Planned[] {
  return plan.letters.map(({ id, kind, reason }) => {
    const { confirmed = false, repeats = 0 } = letters.get(id) ?? {};
    return { key: id, name: `letter ${id} (${kind})`, node: null, reason, owed: confirmed, sent: 1 + repeats };
  });
}

/** The casts that fail and leave a dead letter for an operator. */
function failingCasts({ plan, casts }: Evidence, index: Index): Planned[] {
  return plan.casts.flatMap((cast) => {
    const { letter: reason } = cast.expected;
    const row = index.rowOf(cast);
    if (reason === null || row === undefined) return [];
    const sent = 1 + (casts.get(cast.requestId)?.repeats ?? 0);
    return [{ key: row.id, name: nameOf(cast), node: cast.node, reason, owed: row.finished_at !== null, sent }];
  });
}

function problemsOf({ name, node, reason, owed, sent }: Planned, found: readonly SeenLetter[]): Finding[] {
  const findings: Finding[] = [];
  const find = (detail: string): void => void findings.push({ node, detail: `${name} ${detail}` });
  if (found.length === 0 && owed) find(`is not in the dead-letter queue, where it must be as ${reason}`);
  const reasons = found.map(({ headers }) => textOf(headers, DEAD_LETTER_HEADERS.reason));
  const wrong = reasons.filter((other) => other !== reason);
  if (wrong.length > 0) find(`is dead for ${wrong.join(', ')} instead of ${reason}`);
  const atOnce = found.filter(({ headers }) => headers[DEAD_LETTER_HEADERS.attempts] === 1).length;
  if (atOnce > sent) find(`was sent ${sent} times and is dead ${atOnce} times, each time when it was handed out first`);
  return findings;
}

/** The headers of a dead letter that a finding contains. */
const TOLD = [
  DEAD_LETTER_HEADERS.reason,
  DEAD_LETTER_HEADERS.operationId,
  DEAD_LETTER_HEADERS.detail,
  DEAD_LETTER_HEADERS.node,
];

function textOf(headers: Record<string, unknown>, name: string): string {
  const value = headers[name];
  return typeof value === 'string' ? value : '';
}
