import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';

import type { Action } from '../api/types.js';
import { Fault } from '../look/fault.js';
import { TEXTS } from '../texts.js';
import { ActionView } from './action-view.js';
import { Confirm } from './confirm.js';
import { useAction } from './use-action.js';

interface PlanPartProps {
  path: '/v1/replays' | '/v1/reconciliations';
  /** What the form asks for. */
  read: (form: FormData) => object;
  /** What the trial found that can be carried out: how much, and the words for it. Null: nothing to do. */
  offer: (trial: Action) => { title: string; action: string; consequence: string } | null;
  /** The fields of the form. */
  children: ComponentChildren;
}

/** A form whose request is tried first; what the trial found can then be carried out. */
export function PlanPart({ path, read, offer, children }: PlanPartProps) {
  const trial = useAction();
  const real = useAction();
  const [asked, setAsked] = useState<object>({});
  const [refusal, setRefusal] = useState<unknown>(null);
  const [confirming, setConfirming] = useState(false);
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    const body = read(new FormData(event.currentTarget as HTMLFormElement));
    setAsked(body);
    setRefusal(null);
    real.forget();
    trial.begin(path, { ...body, dry_run: true }).catch(setRefusal);
  };
  const running = trial.action?.status === 'running' || real.action?.status === 'running';
  const found = trial.action?.status === 'done' && real.action === null ? offer(trial.action) : null;
  return (
    <>
      <form class="fields plan" onSubmit={submit}>
        {children}
        <button type="submit" disabled={running}>
          {TEXTS.repair.tryFirst}
        </button>
      </form>
      {[refusal, trial.fault, real.fault].map((fault, i) => (fault === null ? null : <Fault key={i} fault={fault} />))}
      {real.action !== null ? (
        <ActionView action={real.action} />
      ) : trial.action === null ? null : (
        <ActionView action={trial.action} />
      )}
      {found === null ? null : (
        <button
          type="button"
          class="main"
          onClick={() => {
            setConfirming(true);
          }}
        >
          {found.action} …
        </button>
      )}
      {confirming && found !== null ? (
        <Confirm
          title={found.title}
          action={found.action}
          onConfirm={() => real.begin(path, { ...asked, dry_run: false })}
          onClose={() => {
            setConfirming(false);
          }}
        >
          <p>{found.consequence}</p>
          {trial.action === null ? null : <ActionView action={trial.action} />}
        </Confirm>
      ) : null}
    </>
  );
}
