import type { Compared, NodeDifference } from '../../recovery/differences.js';
import { counted, printable, table } from './output.js';

/** The result of comparing and repairing one node. */
export interface ReconcileOutcome extends NodeDifference {
  /** Why the worker did not repair it; null: the request succeeded, or no repair was requested. */
  error: string | null;
}

/** The result of a run. */
export interface Report extends Compared {
  /** How many nodes were compared with Ironic; null: the configuration does not say where Ironic is. */
  inIronic: number | null;
  outcomes: ReconcileOutcome[];
}

/** A table of the differences, one per row; empty without differences. */
export function differenceTable(outcomes: readonly ReconcileOutcome[]): string[] {
  const rows = outcomes.flatMap(({ node, moving, findings }) =>
    findings.map(({ kind, reason, repaired }) => [
      node,
      kind,
      repaired ? 'yes' : 'no',
      moving && !repaired ? `${reason} (the node is being moved: the difference may disappear by itself)` : reason,
    ]),
  );
  return rows.length === 0 ? [] : [table(['Node', 'Kind', 'Repaired', 'Difference'], rows)];
}

/** One sentence about the run. */
export function totals({ done, notCompared, inIronic, outcomes }: Report): string {
  const findings = outcomes.flatMap((outcome) => outcome.findings);
  const repaired = findings.filter((finding) => finding.repaired).length;
  const different = outcomes.filter((outcome) => outcome.findings.length > 0 || outcome.error !== null).length;
  const left =
    notCompared === 0 ? '' : `; ${counted(notCompared, 'node')} not compared: their network provider cannot compare`;
  const what =
    different === 0
      ? `no differences from Neutron${inIronic === null ? '' : ' and Ironic'}`
      : `${different} with ${counted(findings.length, 'difference')}, of which ${repaired} were repaired`;
  const also = inIronic === null ? '' : `, ${inIronic} of them with Ironic too`;
  return printable(`${counted(done - notCompared, 'node')} compared${also}: ${what}${left}`);
}

/** The run, for programs. */
export function reportToJson({ nodes, done, notCompared, inIronic, outcomes }: Report): object {
  const compared = { compared: done - notCompared, not_compared: notCompared, compared_with_ironic: inIronic };
  return { nodes, ...compared, differences: outcomes };
}
