import type { AdoptionOutcome, AdoptionReport } from '../../adoption/adopt-nodes.js';
import { counted, printable, table } from './output.js';

/** A table of the nodes, one per row; empty without nodes. */
export function adoptionTable(outcomes: readonly AdoptionOutcome[]): string[] {
  if (outcomes.length === 0) return [];
  const head = ['Node', 'Name', 'Interface', 'Provider', 'Outcome', 'Neutron ports on record, or reason'];
  const rows = outcomes.map((one) => [
    one.node,
    one.name ?? '',
    one.network_interface ?? '',
    one.network_provider ?? '',
    one.outcome,
    one.reason ?? contentOf(one),
  ]);
  return [table(head, rows)];
}

function contentOf({ bindings, vifs, warnings }: AdoptionOutcome): string {
  const bound = new Set(bindings.map((binding) => binding.neutron_port_id));
  return [
    ...bindings.map((binding) => `${binding.network_type} ${binding.neutron_port_id}`),
    ...vifs.filter(({ id }) => !bound.has(id)).map(({ id }) => `attached ${id}`),
    ...warnings,
  ].join('; ');
}

/** One sentence about the run. */
export function adoptionTotals({ nodes, same, nowhere, outcomes }: AdoptionReport): string {
  const count = (wanted: AdoptionOutcome['outcome']): number =>
    outcomes.filter(({ outcome }) => outcome === wanted).length;
  const pending = count('pending');
  const what = [
    `${count('adopted')} adopted`,
    ...(pending > 0 ? [`${pending} can be adopted with --apply`] : []),
    `${same} on record already`,
    `${nowhere} on no network`,
    `${count('skipped')} skipped`,
    `${count('refused')} refused`,
  ];
  return printable(`${counted(nodes, 'node')}: ${what.join(', ')}`);
}

/** The run, for programs. */
export function adoptionToJson({ nodes, same, nowhere, adoption, outcomes }: AdoptionReport): object {
  return { nodes, on_record: same, on_no_network: nowhere, adoption, outcomes };
}
