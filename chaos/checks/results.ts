import { isDeepStrictEqual } from 'node:util';

import { resultToJson } from '../../src/contract/result.js';
import { DEAD_LETTER_HEADERS } from '../../src/worker/dead-letters.js';
import { groupBy, type Check, type Finding } from './check.js';

/** The header by which a dead letter that was made on purpose is known. */
export const LETTER_HEADER = 'chaos-letter';

/** Every outcome was told to the conductor's host at least once; each time it was told as it is recorded. */
export const resultsSeen: Check = ({ results, operations }) => {
  const seen = groupBy(results, ({ operationId }) => operationId);
  const findings: Finding[] = [];
  for (const { id, node_uuid: node, result } of operations) {
    if (result === null) continue;
    const copies = seen.get(id) ?? [];
    if (copies.length === 0) findings.push({ node, detail: `the result of operation ${id} was never delivered` });
    const recorded = plain(resultToJson(result));
    const wrong = copies.filter((copy) => !isDeepStrictEqual(plain(copy.result), recorded)).length;
    if (wrong > 0) {
      findings.push({ node, detail: `${wrong} of ${copies.length} results of operation ${id} differ from its row` });
    }
  }
  const known = new Set(operations.map(({ id }) => id));
  for (const id of seen.keys()) {
    if (!known.has(id))
      findings.push({ node: null, detail: `a result was delivered for operation ${id}, which has no row` });
  }
  return findings;
};

/** As it is behind JSON, which knows no undefined. */
function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value)) as unknown;
}

/** The dead-letter queue has the messages that were sent to end there, each with its reason, and no other. */
export const lettersAsPlanned: Check = ({ plan, letters, deadLetters }) => {
  const found = groupBy(deadLetters, ({ headers }) => textOf(headers, LETTER_HEADER));
  const findings: Finding[] = [];
  for (const { id, reason } of plan.letters) {
    const reasons = (found.get(id) ?? []).map(({ headers }) => textOf(headers, DEAD_LETTER_HEADERS.reason));
    if (reasons.length === 0 && letters.has(id)) {
      findings.push({
        node: null,
        detail: `letter ${id} was accepted by RabbitMQ and is not in the dead-letter queue`,
      });
    }
    const wrong = reasons.filter((other) => other !== reason);
    if (wrong.length > 0) {
      findings.push({ node: null, detail: `letter ${id} is dead for ${wrong.join(', ')} instead of ${reason}` });
    }
  }
  const planned = new Set(plan.letters.map(({ id }) => id));
  for (const { headers } of deadLetters) {
    if (planned.has(textOf(headers, LETTER_HEADER))) continue;
    const [reason, operation, detail, node] = TOLD.map((name) => textOf(headers, name));
    findings.push({
      node: node === undefined || node === '' ? null : node,
      detail: `a dead letter nobody planned: ${reason ?? ''}, operation ${operation ?? ''}: ${detail ?? ''}`,
    });
  }
  return findings;
};

/** What is told of a dead letter: its reason, its operation, the detail, and the node. */
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
