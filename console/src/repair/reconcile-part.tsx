import { parameterOf } from '../address.js';
import type { Action } from '../api/types.js';
import { fieldIn, TextField } from '../look/fields.js';
import { TEXTS } from '../texts.js';
import { PlanPart } from './plan-part.js';
import { readReconciliation } from './reports.js';

const WORDS = TEXTS.repair.reconcile;

/** Compares nodes with Neutron, and has the workers repair what differs. */
export function ReconcilePart() {
  return (
    <>
      <p>{WORDS.about}</p>
      <PlanPart path="/v1/reconciliations" read={read} offer={offer}>
        <TextField name="nodes" label={WORDS.nodes} value={parameterOf('node')} hint={WORDS.nodesHint} />
        <TextField name="conductors" label={WORDS.conductors} hint={WORDS.conductorsHint} />
      </PlanPart>
    </>
  );
}

function read(form: FormData): object {
  const [nodes, conductors] = [wordsIn(fieldIn(form, 'nodes')), wordsIn(fieldIn(form, 'conductors'))];
  if (nodes.length === 0 && conductors.length === 0) return { all: true };
  return { ...(nodes.length === 0 ? {} : { nodes }), ...(conductors.length === 0 ? {} : { conductors }) };
}

function wordsIn(text: string): string[] {
  return text.split(/[\s,]+/).filter((word) => word !== '');
}

function offer({ report }: Action): { title: string; action: string; consequence: string } | null {
  const found = report == null ? null : readReconciliation(report);
  // What differs from Ironic only, no worker repairs.
  const count = found === null ? 0 : (found.repairable ?? found.differing);
  if (count === 0) return null;
  return { title: WORDS.confirm(count), action: WORDS.act(count), consequence: WORDS.consequence };
}
