import { urlOf } from '../address.js';
import type { OperationSummary } from '../api/types.js';
import { durationText, now } from '../look/clock.js';
import { Link } from '../look/link.js';
import { OperationStatus } from '../look/operation-mark.js';
import { Table } from '../look/table.js';
import { Moment } from '../look/time.js';
import { methodText, TEXTS } from '../texts.js';

const COLUMNS = TEXTS.operations.columns;

/** The operations of a node, the newest first. */
export function OperationRows({ operations }: { operations: readonly OperationSummary[] }) {
  return (
    <Table
      label={TEXTS.pages.operations}
      names={[COLUMNS.status, COLUMNS.method, COLUMNS.began, COLUMNS.took, COLUMNS.attempts, COLUMNS.error]}
    >
      {operations.map((operation) => (
        <Row key={operation.id} operation={operation} />
      ))}
    </Table>
  );
}

function Row({ operation }: { operation: OperationSummary }) {
  const { id, method, started_at: began, finished_at: ended, attempts, last_error: error } = operation;
  return (
    <tr>
      <td>
        <OperationStatus operation={operation} />
      </td>
      <th scope="row">
        <Link href={urlOf(['operations', id])}>{methodText(method)}</Link>
      </th>
      <td>
        <Moment time={began} />
      </td>
      <td>{durationText((ended === null ? now.value : Date.parse(ended)) - Date.parse(began))}</td>
      <td>{TEXTS.operation.attempts(attempts)}</td>
      <td class="error-text">{error}</td>
    </tr>
  );
}
