import { resultToJson } from '../../contract/result.js';
import type { OperationDetail, OperationSummary } from '../../state/index.js';
import type { OperationEvent } from '../../state/operation-watch.js';
import { bindingRecordTable } from './node-view.js';
import { colored, describeResult, formatTime, printable, table } from './output.js';

/** A table of operations for people, one per row. */
export function operationTable(operations: readonly OperationSummary[]): string {
  if (operations.length === 0) return 'no operation';
  const head = ['Id', 'Began', 'Took', 'Method', 'Node', 'Host', 'Provider', 'Status', 'Attempts'];
  const rows = operations.map((one) => [
    one.id,
    formatTime(one.started_at),
    took(one),
    one.method,
    one.node_uuid ?? '-',
    one.conductor_host ?? '-',
    one.network_provider ?? '-',
    one.status,
    String(one.attempts),
  ]);
  return table(head, rows);
}

/** Everything about an operation, for programs. */
export function operationToJson(operation: OperationDetail): object {
  return { ...operation, result: operation.result && resultToJson(operation.result) };
}

/** Everything about an operation, for people. */
export function describeOperation(operation: OperationDetail): string {
  const { result, standing, ...facts } = operation;
  const lines = Object.entries(facts).map(([name, value]) => {
    const text = value instanceof Date ? value.toISOString() : String(value ?? '-');
    return `${name.replaceAll('_', ' ')}: ${name === 'status' ? colored(text) : printable(text)}`;
  });
  return [
    ...lines,
    ...(result === null ? ['result: none yet'] : ['result:', describeResult(result)]),
    ...(standing.length === 0 ? [] : ['its current bindings:', bindingRecordTable(standing)]),
  ].join('\n');
}

/** An event of an operation, on one line. */
export function describeEvent({ event, at, operation }: OperationEvent): string {
  const { id, method, node_uuid: node, conductor_host: host, attempts, last_error: error } = operation;
  const parts = [
    formatTime(at),
    // Padded outside the colors, because color codes count as characters.
    colored(event) + ' '.repeat(Math.max(0, 'succeeded'.length - event.length)),
    printable(`${method} node ${node ?? '-'} host ${host ?? '-'} operation ${id}`),
    ...(operation.finished_at === null ? [] : [`after ${took(operation)}`]),
    ...(attempts > 1 ? [`attempt ${attempts}`] : []),
    ...(error === null ? [] : [printable(error)]),
  ];
  return parts.join('  ');
}

function took({ started_at: start, finished_at: end }: OperationSummary): string {
  return end === null ? '-' : `${((end.getTime() - start.getTime()) / 1000).toFixed(1)} s`;
}
