import { parameterOf } from '../address.js';
import type { Action } from '../api/types.js';
import { CheckField, fieldIn, TextField } from '../look/fields.js';
import { TEXTS } from '../texts.js';
import { PlanPart } from './plan-part.js';
import { readReplay, sentBy } from './reports.js';

const WORDS = TEXTS.repair.replay;

/** Does requests of the journal again. */
export function ReplayPart() {
  return (
    <>
      <p>{WORDS.about}</p>
      <PlanPart path="/v1/replays" read={read} offer={offer}>
        <TextField name="from" label={WORDS.from} type="datetime-local" hint={WORDS.fromHint} />
        <TextField name="to" label={WORDS.to} type="datetime-local" hint={WORDS.toHint} />
        <TextField name="node" label={WORDS.node} value={parameterOf('node')} />
        <TextField name="conductor" label={WORDS.conductor} />
        <TextField name="rate" label={WORDS.rate} type="number" hint={WORDS.rateHint} />
        <CheckField name="failed_only" label={WORDS.failedOnly} />
        <CheckField name="latest_per_node" label={WORDS.latest} />
        <CheckField name="force" label={WORDS.force} />
      </PlanPart>
    </>
  );
}

function read(form: FormData): object {
  const [from, to, rate] = [fieldIn(form, 'from'), fieldIn(form, 'to'), fieldIn(form, 'rate')];
  const [node, conductor] = [fieldIn(form, 'node'), fieldIn(form, 'conductor')];
  return {
    from: from === '' ? 'first' : new Date(from).toISOString(),
    ...(to === '' ? {} : { to: new Date(to).toISOString() }),
    ...(node === '' ? {} : { node }),
    ...(conductor === '' ? {} : { conductor }),
    ...(rate === '' ? {} : { rate: Number(rate) }),
    failed_only: form.has('failed_only'),
    latest_per_node: form.has('latest_per_node'),
    force: form.has('force'),
  };
}

function offer({ report }: Action): { title: string; action: string; consequence: string } | null {
  const count = report == null ? 0 : sentBy(readReplay(report));
  if (count === 0) return null;
  return { title: WORDS.confirm(count), action: WORDS.act(count), consequence: WORDS.consequence };
}
