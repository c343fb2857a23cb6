import type { Decision, JournalEntry } from '../../recovery/replay-plan.js';
import { countsOf, decisionName } from '../../recovery/replay-report.js';
import { printable, table } from './output.js';

/** Most entries of each kind in a list. */
const LISTED = 20;

/**
 * Reasons to skip an entry for which the plan lists each entry: it cannot be read, a newer operation of its node has
 * ended, or it is so old that the database may have forgotten that it is finished.
 */
const TOLD: ReadonlySet<Decision['skip']> = new Set(['unreadable', 'superseded', 'too old'] as const);

/** The plan, for people. */
export function describePlan(plan: readonly Decision[]): string {
  if (plan.length === 0) return 'the journal has no such entry';
  const head = ['Queue', 'Method', 'Decision', 'Entries'];
  const rows = countsOf(plan).map(({ queue, method, decision, entries }) => [
    queue ?? '-',
    method ?? '-',
    decision,
    String(entries),
  ]);
  const shown = [
    ...plan.filter(({ skip }) => skip === null).slice(0, LISTED),
    ...[...TOLD].flatMap((reason) => plan.filter(({ skip }) => skip === reason).slice(0, LISTED)),
  ];
  const parts = [table(head, rows)];
  if (shown.length > 0) parts.push(entryTable(shown));
  const unseen = plan.filter(({ skip }) => skip === null || TOLD.has(skip)).length - shown.length;
  if (unseen > 0) parts.push(`and ${unseen} more`);
  return parts.join('\n');
}

function entryTable(decisions: readonly Decision[]): string {
  const head = ['Offset', 'Decision', 'Method', 'Node', 'Operation', 'On record'];
  const rows = decisions.map((one) => {
    const { offset, method, node, id, ended } = one.entry;
    return [String(offset), decisionName(one), method ?? '-', node ?? '-', id ?? '-', ended?.status ?? '-'];
  });
  const problems = decisions.flatMap(({ entry: { offset, problem } }) =>
    problem === null ? [] : [printable(`entry ${offset} is not replayed: ${problem}`)],
  );
  return [table(head, rows), ...problems].join('\n');
}

/** A line for people about an entry that was in the plan but was not sent. */
export function describeLeft({ offset, method, node }: JournalEntry, why: string): string {
  return printable(`entry ${offset}, ${method ?? '-'} of node ${node ?? '-'}, was not replayed: ${why}`);
}
