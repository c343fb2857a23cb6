import type { Replayed } from './replay-messages.js';
import type { Decision } from './replay-plan.js';

/** Most entries in a list. */
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

/** The plan, for programs. */
export function planToJson(plan: readonly Decision[], most = LISTED_AS_JSON): object {
  const entries = plan.slice(0, most).map((one) => {
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
