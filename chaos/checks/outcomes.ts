import { isDeepStrictEqual } from 'node:util';

import type { OperationResult } from '../../src/contract/types.js';
import type { PlannedCast } from '../plan/types.js';
import { type Check, type Finding, groupBy, nameOf } from './check.js';

/**
 * Outcomes = casts: a cast that RabbitMQ has accepted has exactly one row, which has ended and has a result. A cast
 * that was sent but not confirmed has at most one row. The only other rows are those of reconcile, which workers cast
 * themselves to repair the effects of unanswered requests.
 */
export const outcomesAreCasts: Check = ({ plan, casts, operations }, { rowsOf }) => {
  const known = new Map(plan.casts.map((cast) => [cast.requestId, cast]));
  const findings: Finding[] = [];
  for (const cast of plan.casts) {
    const { node, requestId } = cast;
    const rows = rowsOf.get(requestId) ?? [];
    const sent = casts.get(requestId);
    if (rows.length > 1) findings.push({ node, detail: `${nameOf(cast)} has ${rows.length} rows` });
    if (rows.length > 0 && sent?.sent == null) findings.push({ node, detail: `${nameOf(cast)} was never sent` });
    if (rows.length === 0 && sent?.confirmed != null) {
      findings.push({ node, detail: `${nameOf(cast)} was accepted by RabbitMQ and has no row` });
    }
    for (const { status, result, finished_at: finished } of rows) {
      if (finished === null || result === null || !['succeeded', 'failed'].includes(status)) {
        findings.push({ node, detail: `${nameOf(cast)} has not ended: its row is ${status}` });
      }
    }
  }
  for (const { id, request_id: requestId, node_uuid: node, method, status } of operations) {
    if (method === 'reconcile' && requestId === null && status === 'succeeded') continue;
    if (!known.has(requestId ?? '')) findings.push({ node, detail: `operation ${id} belongs to no cast of the run` });
  }
  return findings;
};

/**
 * An outcome is recorded once and never overwritten: a worker that lost a host must not commit beside its successor.
 */
export const recordedOnce: Check = ({ written, operations }) => {
  const times = groupBy(written, ({ operation_id: id }) => id);
  return operations.flatMap(({ id, node_uuid: node, finished_at: finished }) => {
    const count = times.get(id)?.length ?? 0;
    if (finished === null || count === 1) return [];
    return [{ node, detail: `the outcome of operation ${id} was written ${count} times` }];
  });
};

/**
 * The outcome of a cast is what the plan's model of the node says, which assumes that all earlier casts of the node
 * were done once and in order, and that no later cast was done. Faults must not change it.
 */
export const outcomesAsPlanned: Check = ({ plan }, index) =>
  plan.casts.flatMap((cast) => {
    const result = index.rowOf(cast)?.result;
    if (result == null) return [];
    const wrong = differences(cast, result);
    return wrong.map((what) => ({
      node: cast.node,
      detail: `${nameOf(cast)}, operation ${result.operation_id}: ${what}`,
    }));
  });

function differences({ expected, method }: PlannedCast, result: OperationResult): string[] {
  const error = result.error?.class ?? null;
  if (result.status !== expected.status || error !== expected.error) {
    const why = result.error === null ? '' : `: ${result.error.message}`;
    return [`expected ${expected.status} ${expected.error ?? ''}, got ${result.status} ${error ?? ''}${why}`];
  }
  const wrong: string[] = [];
  if (result.method !== method) wrong.push(`the result is of ${result.method}`);
  if (result.failures.length > 0) wrong.push(`some ports failed: ${JSON.stringify(result.failures)}`);
  const bound = result.bindings.map(({ port_uuid: port }) => port ?? '').sort();
  if (expected.bound !== null && !isDeepStrictEqual(bound, [...expected.bound].sort())) {
    wrong.push(`expected bindings of ports [${expected.bound.join(', ')}], got [${bound.join(', ')}]`);
  }
  const vifs = Object.fromEntries((result.vifs ?? []).map(({ id, port_uuid: port }) => [port ?? '', id]));
  if (expected.vifs !== null && !isDeepStrictEqual(vifs, expected.vifs)) {
    wrong.push(`expected VIFs ${JSON.stringify(expected.vifs)}, got ${JSON.stringify(vifs)}`);
  }
  return wrong;
}
