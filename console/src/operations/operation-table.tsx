import { urlOf } from '../address.js';
import type { OperationSummary } from '../api/types.js';
import { durationText, now } from '../look/clock.js';
import { Link } from '../look/link.js';
import { OperationStatus } from '../look/operation-mark.js';
import { Table } from '../look/table.js';
import { Ago } from '../look/time.js';
import { methodText, TEXTS } from '../texts.js';

const COLUMNS = TEXTS.operations.columns;

/** Operations, the newest first. */
export function OperationTable({ operations }: { operations: readonly OperationSummary[] }) {
  const names = [
    ...[COLUMNS.status, COLUMNS.method, COLUMNS.node, COLUMNS.began],
    ...[COLUMNS.took, COLUMNS.attempts, COLUMNS.host, COLUMNS.error],
  ];
  return (
    <Table label={TEXTS.pages.operations} names={names}>
      {operations.map((operation) => (
        <Row key={operation.id} operation={operation} />
      ))}
    </Table>
  );
}

function Row({ operation }: { operation: OperationSummary }) {
  const { id, method, node_uuid: node, started_at: began, finished_at: ended, conductor_host: host } = operation;
  return (
    <tr>
      <td>
        <OperationStatus operation={operation} />
      </td>
      <th scope="row">
        <Link href={urlOf(['operations', id])}>{methodText(method)}</Link>
      </th>
      <td>
        {node === null ? (
          TEXTS.none
        ) : (
          <Link href={urlOf(['nodes', node])}>
            <code title={node}>{node.slice(0, 8)}</code>
          </Link>
        )}
      </td>
      <td>
        <Ago time={began} />
      </td>
      <td>{durationText((ended === null ? now.value : Date.parse(ended)) - Date.parse(began))}</td>
      <td>{TEXTS.operation.attempts(operation.attempts)}</td>
      <td>{host ?? TEXTS.none}</td>
      <td class="error-text">{operation.last_error}</td>
    </tr>
  );
}
