import { useState } from 'preact/hooks';

import { parameterOf } from '../address.js';
import { ask } from '../api/request.js';
import { may } from '../api/session-state.js';
import type { DeadLetter, DeadLettersChanged } from '../api/types.js';
import { Fault } from '../look/fault.js';
import { useRead } from '../look/use-read.js';
import { methodText, TEXTS } from '../texts.js';
import { Confirm } from './confirm.js';
import { LetterTable } from './letter-table.js';

const WORDS = TEXTS.repair.letters;

type Kind = 'requeue' | 'drop';

/** A change that was tried and waits for its confirmation. */
interface Planned {
  kind: Kind;
  force: boolean;
  letters: DeadLetter[];
}

/** Dead letters: look at them, send them back to their queues, or remove them. */
export function LettersPart() {
  const node = parameterOf('node');
  const query = node === '' ? '' : `?node=${encodeURIComponent(node)}`;
  const { value, fault, again } = useRead(query, (signal) =>
    ask<{ dead_letters: DeadLetter[]; more: boolean }>('GET', `/v1/dead-letters${query}`, undefined, signal),
  );
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [force, setForce] = useState(false);
  const [planned, setPlanned] = useState<Planned | null>(null);
  const [done, setDone] = useState<DeadLettersChanged | null>(null);
  const [refusal, setRefusal] = useState<unknown>(null);
  const plan = (kind: Kind): void => {
    setRefusal(null);
    change(kind, [...chosen], force, true).then(({ dead_letters: letters }) => {
      setPlanned({ kind, force, letters });
    }, setRefusal);
  };
  const carryOut = async ({ kind, force: forced, letters }: Planned): Promise<void> => {
    setDone(
      await change(
        kind,
        letters.map(({ id }) => id),
        forced,
        false,
      ),
    );
    setChosen(new Set());
    again();
  };
  if (value === null)
    return fault === null ? <p class="quiet">{TEXTS.loading}</p> : <Fault fault={fault} onAgain={again} />;
  const letters = value.dead_letters;
  return (
    <>
      {fault === null ? null : <Fault fault={fault} onAgain={again} />}
      {refusal === null ? null : <Fault fault={refusal} />}
      {done === null ? null : <Done changed={done} />}
      {letters.length === 0 ? (
        <p class="quiet">{WORDS.nothing}</p>
      ) : (
        <>
          <Buttons count={chosen.size} force={force} onForce={setForce} onPlan={plan} />
          <LetterTable letters={letters} chosen={chosen} onChoose={setChosen} />
          {value.more ? <p class="quiet">{WORDS.more}</p> : null}
        </>
      )}
      {planned === null ? null : (
        <ConfirmLetters
          planned={planned}
          onConfirm={() => carryOut(planned)}
          onClose={() => {
            setPlanned(null);
          }}
        />
      )}
    </>
  );
}

interface ConfirmLettersProps {
  planned: Planned;
  onConfirm: () => Promise<void>;
  onClose: () => void;
}

function ConfirmLetters({ planned: { kind, letters }, onConfirm, onClose }: ConfirmLettersProps) {
  return (
    <Confirm
      title={WORDS.confirm[kind](letters.length)}
      action={WORDS.act[kind](letters.length)}
      onConfirm={onConfirm}
      onClose={onClose}
    >
      <p>{WORDS.consequence[kind]}</p>
      <ul>
        {letters.map((letter) => (
          <li key={letter.id}>{lineOf(letter)}</li>
        ))}
      </ul>
    </Confirm>
  );
}

function change(kind: Kind, ids: readonly string[], force: boolean, dryRun: boolean): Promise<DeadLettersChanged> {
  const body = { ids, dry_run: dryRun, ...(kind === 'requeue' ? { force } : {}) };
  return ask<DeadLettersChanged>('POST', `/v1/dead-letters/${kind}`, body);
}

function lineOf({ method, node, queue, reason }: DeadLetter): string {
  return [method === null ? WORDS.unreadable : methodText(method), node, queue, reason]
    .filter((part) => part !== null)
    .join(' · ');
}

interface ButtonsProps {
  count: number;
  force: boolean;
  onForce: (force: boolean) => void;
  onPlan: (kind: Kind) => void;
}

function Buttons({ count, force, onForce, onPlan }: ButtonsProps) {
  const requeues = may('netprov:dead_letter:requeue');
  return (
    <div class="filters">
      {requeues ? (
        <>
          <button
            type="button"
            class="main"
            disabled={count === 0}
            onClick={() => {
              onPlan('requeue');
            }}
          >
            {WORDS.act.requeue(count)} …
          </button>
          <label class="check">
            <input
              type="checkbox"
              checked={force}
              onChange={({ currentTarget }) => {
                onForce(currentTarget.checked);
              }}
            />
            {WORDS.force}
          </label>
        </>
      ) : null}
      {may('netprov:dead_letter:drop') ? (
        <button
          type="button"
          disabled={count === 0}
          onClick={() => {
            onPlan('drop');
          }}
        >
          {WORDS.act.drop(count)} …
        </button>
      ) : null}
    </div>
  );
}

/** What became of the letters. */
function Done({ changed: { done, stayed } }: { changed: DeadLettersChanged }) {
  return (
    <div class="outcome" role="status">
      <p>{WORDS.done(done.length)}</p>
      {stayed.length === 0 ? null : (
        <ul>
          {stayed.map(({ id, why }) => (
            <li key={id}>
              <code>{id}</code> {WORDS.stays} {why}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
