import { urlOf } from '../address.js';
import { ask } from '../api/request.js';
import type { Action } from '../api/types.js';
import { durationText } from '../look/clock.js';
import { Fault } from '../look/fault.js';
import { Link } from '../look/link.js';
import { Table } from '../look/table.js';
import { Moment } from '../look/time.js';
import { useRead } from '../look/use-read.js';
import { TEXTS } from '../texts.js';
import { ActionView } from './action-view.js';
import { useAction } from './use-action.js';

const WORDS = TEXTS.repair.actions;

/** What operators had done, and who they were. */
export function ActionList() {
  const { value, fault, again } = useRead('actions', (signal) =>
    ask<{ actions: Action[] }>('GET', '/v1/actions?limit=200', undefined, signal),
  );
  if (value === null)
    return fault === null ? <p class="quiet">{TEXTS.loading}</p> : <Fault fault={fault} onAgain={again} />;
  if (value.actions.length === 0) return <p class="quiet">{WORDS.nothing}</p>;
  return (
    <Table label={TEXTS.repair.parts.actions} names={Object.values(WORDS.columns)}>
      {value.actions.map(
        ({ id, kind, user_name: name, user_id: user, status, started_at: began, finished_at: ended }) => (
          <tr key={id}>
            <td>
              <Moment time={began} />
            </td>
            <th scope="row">
              <Link href={urlOf(['repair', 'actions', id])}>{WORDS.kinds[kind]}</Link>
            </th>
            <td>{name ?? user ?? WORDS.anybody}</td>
            <td>{TEXTS.repair.statuses[status]}</td>
            <td>{ended === null ? TEXTS.none : durationText(Date.parse(ended) - Date.parse(began))}</td>
          </tr>
        ),
      )}
    </Table>
  );
}

/** One action, with what was asked for and what came of it. */
export function ActionPage({ id }: { id: string }) {
  const { action, fault } = useAction(id);
  if (action === null) return fault === null ? <p class="quiet">{TEXTS.loading}</p> : <Fault fault={fault} />;
  return (
    <>
      <h2>
        {WORDS.kinds[action.kind]}, {action.user_name ?? action.user_id ?? WORDS.anybody}
      </h2>
      <p>
        <Moment time={action.started_at} /> · <code>{action.request_id}</code>
      </p>
      <ActionView action={action} />
      <details>
        <summary>{WORDS.asked}</summary>
        <pre tabIndex={0}>{JSON.stringify(action.request, null, 2)}</pre>
      </details>
    </>
  );
}
