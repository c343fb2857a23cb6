import { type Check, type Finding, nameOf } from './check.js';

/**
 * The outcomes of a node's casts were written in the order in which RabbitMQ accepted the casts, according to the
 * database. There is no order between nodes.
 */
export const outcomesInOrder: Check = ({ written }, index) => {
  const seqOf = new Map(written.map(({ operation_id: id, seq }) => [id, seq]));
  return pairs(index, (cast) => {
    const row = index.rowOf(cast);
    return row && seqOf.get(row.id);
  });
};

/** The same according to the rows: within a node, finished_at never goes back, whatever the workers' clocks say. */
export const finishedInOrder: Check = (_evidence, index) =>
  pairs(index, (cast) => index.rowOf(cast)?.finished_at?.getTime());

/** Finds casts of a node with a lower number than the previous cast that has a number. */
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
