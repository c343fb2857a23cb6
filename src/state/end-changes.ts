import { isDeepStrictEqual } from 'node:util';

import { stringifyJson } from '../json.js';
import type { NodeChange, StoredNode } from './node-store.js';
import type { Seen } from './node-version.js';
import type { OperationEnd } from './operation-store.js';
import type { TaskRecord } from './task-record.js';

/** Whether an end replaces bindings in the database. */
export function changesBindings({ bindings, standing, before }: OperationEnd): boolean {
  const now = standing ?? bindings;
  return now !== null && now.length + (before?.bindings.length ?? 0) > 0;
}

/** Whether an end changes more than its operation and the record of its node, or may be committed already. */
export function changesMore(end: OperationEnd): boolean {
  const { start, late, settled, repeated = false } = end;
  return changesBindings(end) || late > 0 || settled || repeated || start.method === 'vif_attach';
}

/**
 * The nodes whose record must change, in the order of their UUIDs. Because of the order, two workers that change the
 * same rows wait for each other instead of causing a deadlock.
 */
export function nodeChangesOf(ends: readonly OperationEnd[]): NodeChange[] {
  return ends
    .flatMap(({ before, after, start: { conductorHost } }) => (after ? [{ before, after, conductorHost }] : []))
    .filter(({ before, after, conductorHost }) => before === null || isChange(before, after, conductorHost))
    .sort((a, b) => (a.after.task.node.uuid < b.after.task.node.uuid ? -1 : 1));
}

/** The nodes of changes as they were at the look-up. */
export function seenNodes(changes: readonly NodeChange[]): Seen[] {
  return changes.map(({ before, after }) => ({ uuid: after.task.node.uuid, before }));
}

function isChange(before: StoredNode, { digest, vifs }: TaskRecord, conductorHost: string | null): boolean {
  return before.digest !== digest || before.conductorHost !== conductorHost || !isDeepStrictEqual(before.vifs, vifs);
}

/** The approximate size of an end in bytes: only its task and the lists of its result can be large. */
export function bytesOf({ result, after }: OperationEnd): number {
  const { bindings, failures, warnings, vifs, findings, network_data } = result;
  const items = bindings.length + failures.length + warnings.length + (vifs?.length ?? 0) + (findings?.length ?? 0);
  const large = items > 0 || network_data !== undefined || result.error !== null;
  return (large ? stringifyJson(result).length : SMALL_RESULT) + (after?.length ?? 0);
}

/** Bytes of a result without any item, approximately. */
const SMALL_RESULT = 500;
