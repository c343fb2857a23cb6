import type { EntityManager } from 'typeorm';

import type { MethodName, NetworkType } from '../contract/methods.js';
import type { OperationResult, PortBinding } from '../contract/types.js';
import type { StoredNode, TaskRecord } from './node-store.js';
import { insertOrUpdate, readJson, writeTime, type Row } from './rows.js';

/** What is known of an operation when it begins. */
export interface OperationStart {
  id: string;
  kind: 'call' | 'cast';
  method: MethodName;
  /** Null where the method is about no type of network. */
  networkType: NetworkType | null;
  nodeUuid: string | null;
  conductorHost: string | null;
  requestId: string | null;
  startedAt: Date;
  /** Whether it is to be done again if it has failed: its message was a dead letter, and was requeued. */
  again?: boolean;
  /** Whether the task on record is needed: the request only names the node. */
  needsTask: boolean;
}

/** What an operation ends with. */
export interface OperationEnd {
  start: OperationStart;
  result: OperationResult;
  /** The node as it was when the operation began. */
  before: StoredNode | null;
  /** The task to put on record; null: leave the record as it is. */
  after: TaskRecord | null;
  /** The bindings that now stand for the operation's network type; null: leave the record as it is. */
  bindings: PortBinding[] | null;
}

/** The stored results of those operations that have ended, by id. */
export async function loadResults(manager: EntityManager, ids: string[]): Promise<Map<string, OperationResult>> {
  const rows = await manager.query<Row[]>('SELECT id, result FROM operations WHERE id IN (?) AND result IS NOT NULL', [
    ids,
  ]);
  return new Map(rows.map((row) => [row['id'] as string, readJson(row['result']) as OperationResult]));
}

/**
 * Notes that operations are under way. One that was begun before counts one attempt more; one that had failed has no
 * result any more. (The assignments count from left to right: the status has to be the last.)
 */
export async function saveStarts(manager: EntityManager, starts: readonly OperationStart[]): Promise<void> {
  const values = starts.map((start) => [
    start.id,
    start.kind,
    start.method,
    start.networkType,
    start.nodeUuid,
    start.conductorHost,
    start.requestId,
    'running',
    writeTime(start.startedAt),
  ]);
  await manager.query(
    `INSERT INTO operations
       (id, kind, method, network_type, node_uuid, conductor_host, request_id, status, started_at)
     VALUES ? ON DUPLICATE KEY UPDATE attempts = attempts + 1,
       result = IF(status = 'failed', NULL, result), finished_at = IF(status = 'failed', NULL, finished_at),
       status = IF(status = 'failed', 'running', status)`,
    [values],
  );
}

/** Longest text of an error that is noted, in characters. */
const MAX_ERROR = 2000;

/** Notes why an operation that is under way has to be tried again. */
export async function saveFault(manager: EntityManager, id: string, reason: string): Promise<void> {
  await manager.query(
    'UPDATE operations SET attempts = attempts + 1, last_error = ? WHERE id = ? AND finished_at IS NULL',
    [reason.slice(0, MAX_ERROR), id],
  );
}

/** Notes how operations ended. */
export async function saveEnds(manager: EntityManager, ends: readonly OperationEnd[]): Promise<void> {
  const finishedAt = writeTime(new Date());
  const rows = ends.map(({ start, result }) => ({
    id: start.id,
    kind: start.kind,
    method: start.method,
    network_type: start.networkType,
    network_provider: result.network_provider || null,
    node_uuid: start.nodeUuid,
    conductor_host: start.conductorHost,
    request_id: start.requestId,
    status: result.status,
    last_error: result.error?.message ?? null,
    result,
    started_at: writeTime(start.startedAt),
    finished_at: finishedAt,
  }));
  await insertOrUpdate(manager, 'operations', rows, ['id', 'started_at']);
}

/** Makes the recorded bindings of each operation's network type the ones that now stand. */
export async function saveBindings(manager: EntityManager, ends: readonly OperationEnd[]): Promise<void> {
  const written: Row[] = [];
  for (const { start, result, bindings, before } of ends) {
    if (bindings === null || start.nodeUuid === null) continue;
    const standing = new Set(bindings.map(({ neutron_port_id: id }) => id));
    const gone = (before?.bindings ?? [])
      .filter((binding) => binding.network_type === start.networkType && !standing.has(binding.neutron_port_id))
      .map(({ neutron_port_id: id }) => id);
    if (gone.length > 0) {
      await manager.query(
        'DELETE FROM port_bindings WHERE node_uuid = ? AND network_type = ? AND neutron_port_id IN (?)',
        [start.nodeUuid, start.networkType, gone],
      );
    }
    for (const binding of bindings) {
      written.push({
        ...binding,
        node_uuid: start.nodeUuid,
        network_type: start.networkType,
        network_provider: result.network_provider,
        operation_id: start.id,
      });
    }
  }
  // A binding that stood before keeps the operation that made it.
  await insertOrUpdate(manager, 'port_bindings', written, [
    'node_uuid',
    'network_type',
    'neutron_port_id',
    'operation_id',
  ]);
}
