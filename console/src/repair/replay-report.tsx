import { Table } from '../look/table.js';
import { methodText, TEXTS } from '../texts.js';
import { type Replay, sentBy } from './reports.js';

const WORDS = TEXTS.repair.replay;

/** Which requests of the journal a replay sends again, and which it leaves alone. */
export function ReplayReport({ report }: { report: Replay }) {
  const { counts, replayed, left = [], problem } = report;
  return (
    <>
      <p>
        <strong>{replayed === undefined ? WORDS.would(sentBy(report)) : WORDS.did(replayed)}</strong>
      </p>
      {problem == null ? null : <p class="error-text">{problem}</p>}
      <Table label={WORDS.counts} names={[WORDS.decision, TEXTS.operations.method, WORDS.queue, WORDS.requests]}>
        {counts.map(({ queue, method, decision, entries }) => (
          <tr key={`${queue ?? ''} ${method ?? ''} ${decision}`}>
            <td>{decision}</td>
            <td>{method === null ? TEXTS.none : methodText(method)}</td>
            <td>{queue ?? TEXTS.none}</td>
            <td>{entries.toLocaleString('en')}</td>
          </tr>
        ))}
      </Table>
      {left.length === 0 ? null : (
        <ul>
          {left.map(({ offset, operation_id: id, why }) => (
            <li key={offset}>
              <code>{id ?? offset}</code> {why}
            </li>
          ))}
        </ul>
      )}
    </>
  );
}
