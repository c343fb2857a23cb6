import { errorText } from '../async/error-text.js';
import { within } from '../async/within.js';
import { checkBroker } from './check-broker.js';
import { checkConfig } from './check-config.js';
import { checkDatabase } from './check-database.js';
import { checkManagement } from './check-management.js';
import { checkNeutron } from './check-neutron.js';
import { type Check, type DoctorContext, type DoctorFinding, type DoctorRule, Findings } from './finding.js';

const CHECKS: Readonly<Record<string, Check>> = {
  config: checkConfig,
  broker: checkBroker,
  management: checkManagement,
  database: checkDatabase,
  neutron: checkNeutron,
};

/** A check that threw an error. */
const FAULT_RULES: readonly DoctorRule<unknown>[] = [
  {
    check: 'check',
    status: 'problem',
    what: (error) => `the checks stopped with an error: ${errorText(error)}`,
    remedy: 'fix the reason and run the checks again',
  },
];

interface LateFacts {
  subject: string;
  /** The time limit, in milliseconds. */
  limit: number;
}

/** Checks that took too long. */
const TIME_RULES: readonly DoctorRule<LateFacts>[] = [
  {
    check: 'time',
    status: 'problem',
    what: ({ subject, limit }) => `no answer within ${limit / 1000} s; the remaining checks of ${subject} were skipped`,
    remedy: 'check whether the server hangs, or allow more time with --timeout',
  },
];

/**
 * Runs the checks of all subjects at the same time. A server that is down or hangs does not block the checks of the
 * others.
 */
export async function examine(context: DoctorContext): Promise<DoctorFinding[]> {
  const found = await Promise.all(
    Object.entries(CHECKS).map(([subject, check]) => examineOne(subject, check, context)),
  );
  return found.flat();
}

async function examineOne(subject: string, check: Check, context: DoctorContext): Promise<DoctorFinding[]> {
  const findings = new Findings(subject);
  const over = new AbortController();
  // Errors after the time limit are ignored.
  const checked = check(context, findings, over.signal).catch((error: unknown) => {
    if (!over.signal.aborted) findings.first(FAULT_RULES, error);
  });
  const outcome = await within(context.limit, checked, () => {
    over.abort(new Error('the time is up'));
    return 'late' as const;
  });
  const all = [...findings.all];
  if (outcome === 'late') {
    const late = new Findings(subject);
    late.first(TIME_RULES, { subject, limit: context.limit });
    all.push(...late.all);
  }
  return all;
}
