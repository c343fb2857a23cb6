import type { Replayed } from '../../recovery/replay-messages.js';
import type { Decision, JournalEntry } from '../../recovery/replay-plan.js';
import { printable, table } from './output.js';

/** Most entries in a list: for people, of each kind, and for programs. */
const LISTED = 20;
const LISTED_AS_JSON = 10_000;

/** The name of a decision in the output. */
export function decisionName({ skip, again }: Decision): string {
  if (skip === null) return again ? 'replay again' : 'replay';
  return skip === 'unreadable' ? skip : `skip: ${skip}`;
}

interface Count {
  queue: string | null;
  method: string | null;
  decision: string;
  entries: number;
}

/** Counts the entries by queue, method and decision. */
export function countsOf(plan: readonly Decision[]): Count[] {
  const counts = new Map<string, Count>();
  for (const one of plan) {
    const { queue, method } = one.entry;
    const decision = decisionName(one);
    const key = JSON.stringify([queue, method, decision]);
    const count = counts.get(key) ?? { queue, method, decision, entries: 0 };
    count.entries++;
    counts.set(key, count);
  }
  const order = [...counts.entries()].sort(([a], [b]) => (a < b ? -1 : 1));
  return order.map(([, count]) => count);
}

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

/** The plan, for programs. */
export function planToJson(plan: readonly Decision[]): object {
  const entries = plan.slice(0, LISTED_AS_JSON).map((one) => {
    const { offset, queue, id, node, method, problem, ended } = one.entry;
    const recorded = ended === null ? null : { status: ended.status, finished_at: ended.finishedAt };
    return { offset, queue, operation_id: id, node, method, decision: decisionName(one), problem, recorded };
  });
  return { counts: countsOf(plan), entries, more: plan.length > entries.length };
}

/** The result of a replay, for programs. */
export function replayedToJson({ sent, left, next }: Replayed): object {
  return {
    replayed: sent.length,
    left: left.map(({ entry, why }) => ({ offset: entry.offset, operation_id: entry.id, why })),
    next,
  };
}

/** A line for people about an entry that was in the plan but was not sent. */
export function describeLeft({ offset, method, node }: JournalEntry, why: string): string {
  return printable(`entry ${offset}, ${method ?? '-'} of node ${node ?? '-'}, was not replayed: ${why}`);
}
