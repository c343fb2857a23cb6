import type { DoneFault } from '../faults/injector.js';
import { nameOf, type Check, type Finding } from './check.js';

/**
 * Order per node, by the database's own account: the outcomes of a node's casts were written in the order in which
 * RabbitMQ accepted the casts. (Between nodes there is none.)
 */
export const outcomesInOrder: Check = ({ written }, index) => {
  const seqOf = new Map(written.map(({ operation_id: id, seq }) => [id, seq]));
  return pairs(index, (cast) => {
    const row = index.rowOf(cast);
    return row && seqOf.get(row.id);
  });
};

/**
 * The same by what the rows say: finished_at never goes back within a node. Left out is what was finished while a
 * worker's clock was off, since finished_at is told by the worker's clock.
 */
export const finishedInOrder: Check = ({ faults, written }, index) => {
  const wrong = faults.filter(({ kind }) => kind === 'worker-clock');
  const writtenAt = new Map(written.map(({ operation_id: id, written_at: at }) => [id, at.getTime()]));
  return pairs(index, (cast) => {
    const row = index.rowOf(cast);
    const at = row && writtenAt.get(row.id);
    if (row?.finished_at == null || at === undefined || during(at, wrong)) return undefined;
    return row.finished_at.getTime();
  });
};

/** Milliseconds around a fault in which its begin and its end are not felt by all at once. */
const MARGIN = 3000;

function during(time: number, faults: readonly DoneFault[]): boolean {
  return faults.some(({ began, ended }) => time > began - MARGIN && time < ended + MARGIN);
}

/** Whether a number falls from one of a node's casts to the next one that has it. */
function pairs(
  { castsOf }: Parameters<Check>[1],
  numberOf: (cast: Parameters<typeof nameOf>[0]) => number | undefined,
): Finding[] {
  const findings: Finding[] = [];
  for (const [node, casts] of castsOf) {
    let before: { number: number; name: string } | null = null;
    for (const cast of casts) {
      const number = numberOf(cast);
      if (number === undefined) continue;
      if (before !== null && number < before.number) {
        findings.push({ node, detail: `${nameOf(cast)} ended before ${before.name}` });
      }
      before = { number, name: nameOf(cast) };
    }
  }
  return findings;
}
