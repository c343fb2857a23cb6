import type { EntityManager } from 'typeorm';

import type { NetworkType } from '../contract/methods.js';
import type { OperationStatus, WhichRequest } from '../contract/result.js';
import type { OperationResult } from '../contract/types.js';
import { type BindingRecord, loadBindings } from './binding-queries.js';
import { MarkerNotFound } from './errors.js';
import { owedTo } from './owed-store.js';
import { Conditions, readJson, type Row, TIME_FORMAT, writeTime } from './rows.js';

/** Filters for operations: an operation must match all that are set. */
export interface OperationFilter {
  /** Ids of operations. An empty list matches no operation. */
  ids?: readonly string[] | undefined;
  /** UUIDs of nodes. An empty list matches no operation. */
  nodes?: readonly string[] | undefined;
  /** Matches only operations of nodes that this project owns. */
  owner?: string | undefined;
  status?: OperationStatus | undefined;
  method?: string | undefined;
  networkType?: NetworkType | undefined;
  /** The conductor host whose queue had the message. */
  host?: string | undefined;
  /** The network provider that did the operation. */
  provider?: string | undefined;
  /** The caller's request id, req-... */
  requestId?: string | undefined;
  /** The operation began at `since` or later, and before `until`. */
  since?: Date | undefined;
  until?: Date | undefined;
}

/** An operation in a list. */
export interface OperationSummary {
  /** The message's _unique_id. */
  id: string;
  kind: 'call' | 'cast';
  method: string;
  /** Null if the method is not about one network type. */
  network_type: NetworkType | null;
  network_provider: string | null;
  /** Null if the request did not name a node. */
  node_uuid: string | null;
  /** The conductor host whose queue had the message. Null: it came from the any-host or the fanout queue. */
  conductor_host: string | null;
  request_id: string | null;
  status: OperationStatus;
  /** How often it was begun. 0 while it waits for the service on which its provider depends. */
  attempts: number;
  /** While it is running: why it is being retried. After its end: why it failed. */
  last_error: string | null;
  started_at: Date;
  finished_at: Date | null;
}

/** Everything that the database knows about an operation. */
export interface OperationDetail extends OperationSummary {
  /** Null while it is running. */
  result: OperationResult | null;
  /** The bindings that it made and that still exist. */
  standing: BindingRecord[];
  /** How often a worker began it and did not report how it went. */
  begun: number;
  /** How many of these begins happened while nothing else ran in the worker. */
  tried_alone: number;
  /** The epoch of its queue under which it ended. */
  epoch: number | null;
  /**
   * The queue whose owner still owes the result of this cast to its listeners. Null: it was delivered, or it is a call.
   */
  owed_to: string | null;
  /** The encoding of the request, a content type. Null: JSON. */
  content_type: string | null;
}

/** The columns of an OperationSummary, for a query in which `o` stands for the table operations. */
export const SUMMARY = `o.id, kind, method, network_type, network_provider, node_uuid, conductor_host, request_id, status, attempts,
  last_error, started_at, finished_at`;

/**
 * Reads a page of the operations that match the filter, the newest first: sorted by the time at which they began, then
 * by the order in which they were recorded.
 *
 * @param page at most `limit` operations, after the one whose id is `marker`; null: from the newest on
 * @throws MarkerNotFound when the marker is not an operation in the database; the database's errors
 */
export async function listOperations(
  manager: EntityManager,
  filter: OperationFilter,
  { marker, limit }: { marker: string | null; limit: number },
): Promise<OperationSummary[]> {
  const conditions = conditionsOf(filter);
  if (marker !== null) await addMarker(manager, conditions, marker);
  const { where, values } = conditions;
  // The inner query finds the page with an index only, so that the server reads only the rows of this page.
  const rows = await manager.query<Row[]>(
    `SELECT ${SUMMARY} FROM operations o
     JOIN (SELECT seq FROM operations WHERE ${where} ORDER BY started_at DESC, seq DESC LIMIT ?) page ON page.seq = o.seq
     ORDER BY o.started_at DESC, o.seq DESC`,
    [...values, limit],
  );
  return rows.map(readSummary);
}

/** Reads one operation. Null if the database has none with this id. @throws the database's errors */
export async function loadOperation(manager: EntityManager, id: string): Promise<OperationDetail | null> {
  const [[row], standing] = await Promise.all([
    manager.query<Row[]>('SELECT * FROM operations WHERE id = ?', [id]),
    loadBindings(manager, { operation: id }),
  ]);
  if (row === undefined) return null;
  const end = { id, endId: (row['end_id'] ?? id) as string };
  return {
    ...readSummary(row),
    result: readJson(row['result']) as OperationResult | null,
    standing,
    begun: Number(row['begun']),
    tried_alone: Number(row['tried_alone']),
    epoch: row['epoch'] === null ? null : Number(row['epoch']),
    owed_to: (row['owed_to'] as string | null) ?? (await owedTo(manager, end)),
    content_type: row['content_type'] as string | null,
  };
}

/**
 * The result of the last operation of a node that a request with this id was about. Null if it has not ended, or is not
 * on record. @throws the database's errors
 */
export async function loadResult(
  manager: EntityManager,
  { nodeUuid, requestId }: WhichRequest,
): Promise<OperationResult | null> {
  const [row] = await manager.query<Row[]>(
    `SELECT result FROM operations WHERE request_id = ? AND node_uuid = ? AND status <> 'running'
     ORDER BY seq DESC LIMIT 1`,
    [requestId, nodeUuid],
  );
  return row === undefined ? null : (readJson(row['result']) as OperationResult | null);
}

/** The conditions in SQL that an operation must meet to match the filter. */
export function conditionsOf(filter: OperationFilter): Conditions {
  const { ids, nodes, owner, status, method, networkType, host, provider, requestId, since, until } = filter;
  const conditions = new Conditions();
  conditions.among('id', ids);
  conditions.among('node_uuid', nodes);
  if (owner !== undefined) conditions.add('node_uuid IN (SELECT uuid FROM nodes WHERE owner = ?)', owner);
  conditions.equal('status', status);
  conditions.equal('method', method);
  conditions.equal('network_type', networkType);
  conditions.equal('conductor_host', host);
  conditions.equal('network_provider', provider);
  conditions.equal('request_id', requestId);
  if (since !== undefined) conditions.add('started_at >= ?', writeTime(since));
  if (until !== undefined) conditions.add('started_at < ?', writeTime(until));
  return conditions;
}

async function addMarker(manager: EntityManager, conditions: Conditions, marker: string): Promise<void> {
  const [row] = await manager.query<Row[]>(
    `SELECT DATE_FORMAT(started_at, ${TIME_FORMAT}) AS started, seq FROM operations WHERE id = ?`,
    [marker],
  );
  if (row === undefined) throw new MarkerNotFound('operation', marker);
  // Do not write (started_at, seq) < (?, ?): servers do not use an index for it.
  conditions.add('started_at <= ?', row['started']);
  conditions.add('(started_at < ? OR seq < ?)', row['started'], Number(row['seq']));
}

/** Reads a row with the columns of SUMMARY. */
export function readSummary(row: Row): OperationSummary {
  return {
    id: row['id'] as string,
    kind: row['kind'] as OperationSummary['kind'],
    method: row['method'] as string,
    network_type: row['network_type'] as NetworkType | null,
    network_provider: row['network_provider'] as string | null,
    node_uuid: row['node_uuid'] as string | null,
    conductor_host: row['conductor_host'] as string | null,
    request_id: row['request_id'] as string | null,
    status: row['status'] as OperationStatus,
    attempts: Number(row['attempts']),
    last_error: row['last_error'] as string | null,
    started_at: row['started_at'] as Date,
    finished_at: row['finished_at'] as Date | null,
  };
}
