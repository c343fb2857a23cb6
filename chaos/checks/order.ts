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

/** The same by what the rows say: finished_at never goes back within a node, whatever clocks the workers have. */
export const finishedInOrder: Check = (_evidence, index) =>
  pairs(index, (cast) => index.rowOf(cast)?.finished_at?.getTime());

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
