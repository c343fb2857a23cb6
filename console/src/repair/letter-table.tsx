import { useState } from 'preact/hooks';

import { ask } from '../api/request.js';
import type { DeadLetter, DeadLetterDetail } from '../api/types.js';
import { Fault } from '../look/fault.js';
import { IdLink } from '../look/short-id.js';
import { Table } from '../look/table.js';
import { Ago } from '../look/time.js';
import { useRead } from '../look/use-read.js';
import { methodText, TEXTS } from '../texts.js';

const WORDS = TEXTS.repair.letters;

interface LetterTableProps {
  letters: readonly DeadLetter[];
  chosen: ReadonlySet<string>;
  onChoose: (chosen: ReadonlySet<string>) => void;
}

/** Dead letters, to choose from. */
export function LetterTable({ letters, chosen, onChoose }: LetterTableProps) {
  const [open, setOpen] = useState<string | null>(null);
  const all = letters.every(({ id }) => chosen.has(id));
  const toggle = (id: string): void => {
    const next = new Set(chosen);
    if (!next.delete(id)) next.add(id);
    onChoose(next);
  };
  return (
    <Table
      label={TEXTS.repair.parts.letters}
      names={Object.values(WORDS.columns)}
      first={
        <input
          type="checkbox"
          aria-label={WORDS.all}
          checked={all}
          onChange={() => {
            onChoose(new Set(all ? [] : letters.map(({ id }) => id)));
          }}
        />
      }
    >
      {letters.map((letter) => (
        <Row
          key={letter.id}
          letter={letter}
          chosen={chosen.has(letter.id)}
          onToggle={() => {
            toggle(letter.id);
          }}
          open={open === letter.id}
          onOpen={() => {
            setOpen(open === letter.id ? null : letter.id);
          }}
        />
      ))}
    </Table>
  );
}

interface RowProps {
  letter: DeadLetter;
  chosen: boolean;
  onToggle: () => void;
  open: boolean;
  onOpen: () => void;
}

function Row({ letter, chosen, onToggle, open, onOpen }: RowProps) {
  const { id, method, node, reason, detail, queue, last_time: last, deaths, operation_id: operation } = letter;
  const name = method === null ? WORDS.unreadable : methodText(method);
  return (
    <>
      <tr>
        <td>
          <input type="checkbox" aria-label={`${name} ${node ?? id}`} checked={chosen} onChange={onToggle} />
        </td>
        <th scope="row">
          <button type="button" class="plain" aria-expanded={open} onClick={onOpen}>
            {name}
          </button>
        </th>
        <td>
          <IdLink page="nodes" id={node} />
        </td>
        <td>
          {reason} {detail === null ? null : <p class="error-text">{detail}</p>}
        </td>
        <td>{queue}</td>
        <td>{last === null ? TEXTS.none : <Ago time={last} />}</td>
        <td>{deaths}</td>
        <td>
          <IdLink page="operations" id={operation} />
        </td>
      </tr>
      {open ? (
        <tr>
          <td colSpan={8}>
            <Detail id={id} />
          </td>
        </tr>
      ) : null}
    </>
  );
}

function Detail({ id }: { id: string }) {
  const { value, fault, again } = useRead(id, (signal) =>
    ask<{ dead_letters: DeadLetterDetail[] }>('GET', `/v1/dead-letters/${encodeURIComponent(id)}`, undefined, signal),
  );
  if (value === null)
    return fault === null ? <p class="quiet">{TEXTS.loading}</p> : <Fault fault={fault} onAgain={again} />;
  return (
    <>
      {value.dead_letters.map((letter, i) => (
        <div key={i}>
          {letter.problem === null ? null : <p class="error-text">{letter.problem}</p>}
          <pre tabIndex={0}>{JSON.stringify(letter.request, null, 2)}</pre>
        </div>
      ))}
    </>
  );
}
