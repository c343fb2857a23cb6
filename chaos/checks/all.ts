import type { Evidence } from '../evidence.js';
import { type Check, Index, type Violation } from './check.js';
import { lettersAsPlanned } from './letters.js';
import { finishedInOrder, outcomesInOrder } from './order.js';
import { outcomesAreCasts, outcomesAsPlanned, recordedOnce } from './outcomes.js';
import { bindingsAreOutcomes, noStrayPorts, oneKindOfNetwork, portsAreOutcomes } from './ports.js';
import { resultsSeen } from './results.js';
import { noSecrets } from './secrets.js';

/** The checks of the promise, by their names in the report. */
export const CHECKS: Readonly<Record<string, Check>> = {
  'outcomes = casts': outcomesAreCasts,
  'each outcome recorded once': recordedOnce,
  'outcomes as planned': outcomesAsPlanned,
  'order per node': outcomesInOrder,
  'order per node, by finished_at': finishedInOrder,
  'ports = outcomes': portsAreOutcomes,
  'recorded bindings = outcomes': bindingsAreOutcomes,
  'no stray port': noStrayPorts,
  'no node on two kinds of networks': oneKindOfNetwork,
  'every result delivered': resultsSeen,
  'dead letters as planned': lettersAsPlanned,
  'no secret in a log': noSecrets,
};

export function violationsIn(evidence: Evidence): Violation[] {
  const index = new Index(evidence);
  return Object.entries(CHECKS).flatMap(([check, find]) =>
    find(evidence, index).map((finding) => ({ check, ...finding })),
  );
}
