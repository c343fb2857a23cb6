import { urlOf } from '../address.js';
import type { OperationSummary } from '../api/types.js';
import { methodText, TEXTS } from '../texts.js';
import { durationText, now } from './clock.js';
import { Link } from './link.js';
import { OperationStatus } from './operation-mark.js';
import { IdLink } from './short-id.js';
import { Table } from './table.js';
import { Ago, Moment } from './time.js';

const COLUMNS = TEXTS.operations.columns;

interface OperationTableProps {
  /** The newest first. */
  operations: readonly OperationSummary[];
  /** Whether they are all of one node: then the table does not tell the node and its host, but when exactly each began. */
  ofOneNode?: boolean;
}

/** Operations, with what came of each. */
export function OperationTable({ operations, ofOneNode = false }: OperationTableProps) {
  const names = [
    ...[COLUMNS.status, COLUMNS.method],
    ...(ofOneNode ? [] : [COLUMNS.node]),
    ...[COLUMNS.began, COLUMNS.took, COLUMNS.attempts],
    ...(ofOneNode ? [] : [COLUMNS.host]),
    COLUMNS.error,
  ];
  return (
    <Table label={TEXTS.pages.operations} names={names}>
      {operations.map((operation) => (
        <Row key={operation.id} operation={operation} ofOneNode={ofOneNode} />
      ))}
    </Table>
  );
}

function Row({ operation, ofOneNode }: { operation: OperationSummary; ofOneNode: boolean }) {
  const { id, method, node_uuid: node, started_at: began, finished_at: ended, conductor_host: host } = operation;
  return (
    <tr>
      <td>
        <OperationStatus operation={operation} />
      </td>
      <th scope="row">
        <Link href={urlOf(['operations', id])}>{methodText(method)}</Link>
      </th>
      {ofOneNode ? null : (
        <td>
          <IdLink page="nodes" id={node} />
        </td>
      )}
      <td>{ofOneNode ? <Moment time={began} /> : <Ago time={began} />}</td>
      <td>{durationText((ended === null ? now.value : Date.parse(ended)) - Date.parse(began))}</td>
      <td>{TEXTS.operation.attempts(operation.attempts)}</td>
      {ofOneNode ? null : <td>{host ?? TEXTS.none}</td>}
      <td class="error-text">{operation.last_error}</td>
    </tr>
  );
}
