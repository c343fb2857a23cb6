import { isDeepStrictEqual } from 'node:util';

import { resultToJson } from '../../src/contract/result.js';
import { type Check, type Finding, groupBy } from './check.js';

/** Every outcome was sent to the conductor's host at least once, each time exactly as it is recorded. */
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

/** The value after a conversion to JSON and back, which removes undefined. */
function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value)) as unknown;
}
