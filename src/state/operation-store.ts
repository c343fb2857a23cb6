import type { EntityManager } from 'typeorm';

import type { MethodName, NetworkType } from '../contract/methods.js';
import type { OperationResult, PortBinding, RecordedBinding } from '../contract/types.js';
import { packetLimitOf } from './database-hosts.js';
import type { StoredNode } from './node-store.js';
import type { Fence } from './ownership-store.js';
import { END_ID, type Replay } from './replay-store.js';
import {
  type Columns,
  DATABASE_TIME,
  insertOrUpdate,
  insertOrUpdateStatements,
  readJson,
  type Row,
  writeTime,
} from './rows.js';
import type { TaskRecord } from './task-record.js';

/** The properties of an operation that are known when it begins. */
export interface OperationStart {
  id: string;
  kind: 'call' | 'cast';
  method: MethodName;
  /** Null if the method is not about one network type. */
  networkType: NetworkType | null;
  nodeUuid: string | null;
  conductorHost: string | null;
  requestId: string | null;
  /** The encoding of the request, and so of the result: a content type. Null: JSON. */
  contentType: string | null;
  startedAt: Date;
  /** What a replayed or requeued message says about the stored ends of operations. Null: it says nothing. */
  replay?: Replay | null;
  /** Whether the stored task is needed, because the request only names the node. */
  needsTask: boolean;
}

/** A begin of an operation. It is stored before the operation may change anything outside. */
export interface OperationBegin {
  /**
   * Id of the begin, unique among the operation's begins. A begin that is stored twice counts once. It has no comma.
   */
  id: string;
  start: OperationStart;
  /** The queue and the epoch under which it is done. */
  fence: Fence;
  /** The node as it was at the look-up. It must not have changed since. */
  before: Pick<StoredNode, 'digest'> | null;
  /** Whether nothing else runs in this worker at the same time. */
  alone: boolean;
  /** Whether it still waits for the service on which its provider depends. Then it cannot crash the worker yet. */
  waits: boolean;
}

/** How often workers began an operation and did not report how it went, perhaps because it crashed them. */
export interface EarlierBegins {
  /** How often it was begun, without the begins that are known not to have crashed the worker. */
  begun: number;
  /** How many of these begins happened while nothing else ran in the worker. */
  triedAlone: number;
}

/** The end of an operation, as it is committed. */
export interface OperationEnd {
  /**
   * Id of the end, unique among the ends of all operations. The first end of an operation has the operation's own id.
   */
  id: string;
  /** The reason of the dead letter that its message must become. Null: it must not become one. */
  letter: string | null;
  start: OperationStart;
  /** The queue and the epoch under which it was done. */
  fence: Fence;
  result: OperationResult;
  /** The node as it was when the operation began. */
  before: StoredNode | null;
  /** The task to store. Null: leave the stored task as it is. */
  after: TaskRecord | null;
  /** The current bindings of the operation's network type. Null: leave the stored bindings as they are. */
  bindings: PortBinding[] | null;
  /** All current bindings of the node, if the operation was about all network types. Overrides `bindings`. */
  standing?: readonly RecordedBinding[];
  /** Seconds for which an unanswered request of the operation may still take effect. 0: there is none. */
  late: number;
  /** Whether the effects of earlier unanswered requests were repaired when no more of them could take effect. */
  settled: boolean;
  /** Whether its commit was tried before. It may have succeeded although the database's answer was lost. */
  repeated?: boolean;
}

/** The stored end of an operation. */
export interface PastEnd {
  id: string;
  result: OperationResult;
  /** The reason of the dead letter that its message must still become. Null: none. */
  letter: string | null;
}

/** What the database knows about an operation: its end, if it has ended, and its begins. */
export interface StoredOperation {
  ended: PastEnd | null;
  earlier: EarlierBegins;
}

/** Reads operations by their ids. Unknown operations are left out. */
export async function loadOperations(manager: EntityManager, ids: string[]): Promise<Map<string, StoredOperation>> {
  const rows = await manager.query<Row[]>(
    `SELECT id, result, begun, tried_alone AS triedAlone, ${END_ID} AS end_id, owed_letter AS letter
     FROM operations WHERE id IN (?)`,
    [ids],
  );
  return new Map(
    rows.map((row) => [
      row['id'] as string,
      { ended: readEnd(row), earlier: { begun: Number(row['begun']), triedAlone: Number(row['triedAlone']) } },
    ]),
  );
}

function readEnd({ end_id: id, result, letter }: Row): PastEnd | null {
  const read = readJson(result) as OperationResult | null;
  return read === null ? null : { id: id as string, result: read, letter: letter as string | null };
}

/** SQL of what a begin adds to a number: nothing if the same begin is stored again because the answer was lost. */
const once = (column: string): string => `IF(FIND_IN_SET(VALUES(open_begins), open_begins), 0, VALUES(${column}))`;

/**
 * SQL of the counted begins' ids plus a new one. If the column has no room for all, it keeps the newest. That does not
 * happen in practice: each id has 8 characters, and a poison message ends its operation after fewer begins.
 */
const WITH_THIS_BEGIN = `NULLIF(RIGHT(CONCAT_WS(',', open_begins, VALUES(open_begins)), 255), '')`;

/**
 * The columns of a begin. If the operation was begun before, it counts one more attempt. If it had failed, its result
 * is removed. The server evaluates the assignments in this order, with the values that it has already assigned. So
 * open_begins must come after the numbers, and status must be the last.
 */
const BEGIN_COLUMNS = {
  id: 'kept',
  kind: 'kept',
  method: 'kept',
  network_type: 'kept',
  node_uuid: 'kept',
  conductor_host: 'kept',
  request_id: 'kept',
  content_type: 'kept',
  started_at: 'kept',
  attempts: { sql: `attempts + ${once('attempts')}` },
  result: { sql: "IF(status = 'failed', NULL, result)" },
  finished_at: { sql: "IF(status = 'failed', NULL, finished_at)" },
  begun: { sql: `IF(status = 'failed', 0, begun) + ${once('begun')}` },
  tried_alone: { sql: `IF(status = 'failed', 0, tried_alone) + ${once('tried_alone')}` },
  open_begins: {
    sql: `CASE
      WHEN status = 'failed' THEN VALUES(open_begins)
      WHEN FIND_IN_SET(VALUES(open_begins), open_begins) THEN open_begins
      ELSE ${WITH_THIS_BEGIN} END`,
  },
  owed_letter: { sql: "IF(status = 'failed', NULL, owed_letter)" },
  status: { sql: "IF(status = 'failed', 'running', status)" },
} as const;

/** Stores that operations are running. */
export async function saveBegins(manager: EntityManager, begins: readonly OperationBegin[]): Promise<void> {
  const rows = begins.map(({ id, start, alone, waits }) => ({
    id: start.id,
    kind: start.kind,
    method: start.method,
    network_type: start.networkType,
    node_uuid: start.nodeUuid,
    conductor_host: start.conductorHost,
    request_id: start.requestId,
    content_type: start.contentType,
    started_at: writeTime(start.startedAt),
    attempts: waits ? 0 : 1,
    result: null,
    finished_at: null,
    begun: waits ? 0 : 1,
    owed_letter: null,
    tried_alone: alone && !waits ? 1 : 0,
    open_begins: waits ? null : id,
    status: 'running',
  }));
  await insertOrUpdate(manager, 'operations', BEGIN_COLUMNS, rows);
}

/**
 * Stores that an operation which the worker does not continue has not crashed the worker. It takes back only this
 * begin, and only if this begin is still counted.
 */
export async function saveAbandoned(manager: EntityManager, { id, start, alone }: OperationBegin): Promise<void> {
  const tried = alone ? 1 : 0;
  await manager.query(
    `UPDATE operations SET begun = begun - 1, tried_alone = tried_alone - ?,
       open_begins = NULLIF(TRIM(BOTH ',' FROM REPLACE(CONCAT(',', open_begins, ','), ?, ',')), '')
     WHERE id = ? AND finished_at IS NULL AND FIND_IN_SET(?, open_begins) AND begun > 0 AND tried_alone >= ?`,
    [tried, `,${id},`, start.id, id, tried],
  );
}

/** Why a running operation must be retried, or cannot be tried yet. */
export interface OperationFault {
  id: string;
  reason: string;
  /** Whether the operation was tried. */
  tried: boolean;
}

export async function saveFault(manager: EntityManager, { id, reason, tried }: OperationFault): Promise<void> {
  await manager.query(
    'UPDATE operations SET attempts = attempts + ?, last_error = ? WHERE id = ? AND finished_at IS NULL',
    [tried ? 1 : 0, reason, id],
  );
}

/** Deletes at most `limit` operations that ended more than `seconds` ago, oldest first. Returns how many it deleted. */
export async function deleteEnded(manager: EntityManager, seconds: number, limit: number): Promise<number> {
  const { affectedRows } = await manager.query<{ affectedRows: number }>(
    `DELETE FROM operations WHERE finished_at < UTC_TIMESTAMP(6) - INTERVAL ? SECOND ORDER BY finished_at LIMIT ?`,
    [seconds, limit],
  );
  return affectedRows;
}

/** The ends that must still be committed. It leaves out those whose commit succeeded although the answer was lost. */
export async function uncommitted(
  manager: EntityManager,
  ends: readonly OperationEnd[],
): Promise<readonly OperationEnd[]> {
  const doubtful = ends.filter(({ repeated }) => repeated);
  if (doubtful.length === 0) return ends;
  // This must be a locking read. A plain read would fix the transaction's snapshot now, but its later reads must see
  // the data as it is when the nodes are locked.
  const rows = await manager.query<Row[]>(
    `SELECT ${END_ID} AS end_id FROM operations WHERE id IN (?) AND finished_at IS NOT NULL FOR UPDATE`,
    [doubtful.map(({ start }) => start.id)],
  );
  const recorded = new Set(rows.map(({ end_id: id }) => id));
  return ends.filter((end) => !(doubtful.includes(end) && recorded.has(end.id)));
}

const END_COLUMNS: Columns<
  | 'id' | 'kind' | 'method' | 'network_type' | 'network_provider' | 'node_uuid' | 'conductor_host' | 'request_id'
  | 'content_type' | 'epoch' | 'end_id' | 'owed_to' | 'owed_letter' | 'status' | 'last_error' | 'result' | 'started_at' | 'finished_at'
> = {
  id: 'kept',
  kind: 'new',
  method: 'new',
  network_type: 'new',
  network_provider: 'new',
  node_uuid: 'new',
  conductor_host: 'new',
  request_id: 'new',
  content_type: 'new',
  epoch: 'new',
  end_id: 'new',
  owed_to: 'new',
  owed_letter: 'new',
  status: 'new',
  last_error: 'new',
  result: 'new',
  started_at: 'kept',
  finished_at: 'new',
}; // prettier-ignore

/** Stores how operations ended. */
export async function saveEnds(manager: EntityManager, ends: readonly OperationEnd[]): Promise<void> {
  for (const statement of endStatements(ends, packetLimitOf(manager.dataSource))) await manager.query(statement);
}

/** The statements that store how operations ended. @param limit bytes of the longest. @throws RowTooLarge */
export function endStatements(ends: readonly OperationEnd[], limit: number): string[] {
  const rows = ends.map(({ id, start, result, fence, letter }) => ({
    id: start.id,
    kind: start.kind,
    method: start.method,
    network_type: start.networkType,
    network_provider: result.network_provider || null,
    node_uuid: start.nodeUuid,
    conductor_host: start.conductorHost,
    request_id: start.requestId,
    content_type: start.contentType,
    epoch: fence.epoch,
    end_id: id === start.id ? null : id,
    // Only workers of an earlier version set it: see saveOwed.
    owed_to: null,
    owed_letter: letter,
    status: result.status,
    last_error: result.error?.message ?? null,
    result,
    started_at: writeTime(start.startedAt),
    finished_at: DATABASE_TIME,
  }));
  return insertOrUpdateStatements('operations', END_COLUMNS, rows, limit);
}
