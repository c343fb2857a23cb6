import { urlOf } from '../address.js';
import { Link } from '../look/link.js';
import { Table } from '../look/table.js';
import { methodText, TEXTS } from '../texts.js';
import { isSent, type Replay, sentBy } from './reports.js';

const WORDS = TEXTS.repair.replay;
/** Requests that are named one by one. */
const NAMED = 50;

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
      <Sent report={report} />
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

/** What is sent again, request by request: the nodes that may change networks. */
function Sent({ report }: { report: Replay }) {
  const named = report.entries.filter(isSent).slice(0, NAMED);
  const more = sentBy(report) - named.length;
  if (named.length === 0) return null;
  return (
    <>
      <p class="quiet">{WORDS.sends}</p>
      <ul>
        {named.map(({ offset, method, node }) => (
          <li key={offset}>
            {method === null ? TEXTS.none : methodText(method)} ·{' '}
            {node === null ? (
              TEXTS.none
            ) : (
              <Link href={urlOf(['nodes', node])}>
                <code>{node}</code>
              </Link>
            )}
          </li>
        ))}
      </ul>
      {more > 0 ? <p class="quiet">{WORDS.more(more)}</p> : null}
    </>
  );
}
