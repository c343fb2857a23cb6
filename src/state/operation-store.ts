import type { EntityManager } from 'typeorm';

import type { MethodName, NetworkType } from '../contract/methods.js';
import type { OperationResult, PortBinding } from '../contract/types.js';
import type { StoredNode } from './node-store.js';
import type { Fence } from './ownership-store.js';
import { END_ID, type Replay } from './replay-store.js';
import { DATABASE_TIME, insertOrUpdate, readJson, writeTime, type Columns, type Row } from './rows.js';
import type { TaskRecord } from './task-record.js';

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
  /** The encoding of the request, and so of the result; null: JSON. */
  contentType: string | null;
  startedAt: Date;
  /** What its message says of its ends on record, as one that was replayed or requeued does; null: nothing. */
  replay?: Replay | null;
  /** Whether the task on record is needed: the request only names the node. */
  needsTask: boolean;
}

/** What is noted before an operation may change anything outside. */
export interface OperationBegin {
  /** Which begin it is: no other of the operation has this id. Noted twice, it counts once. No comma is in it. */
  id: string;
  start: OperationStart;
  /** What it is done under. */
  fence: Fence;
  /** The node as it was looked up; it must be so still. */
  before: Pick<StoredNode, 'digest'> | null;
  /** Whether nothing else runs in this worker meanwhile. */
  alone: boolean;
  /** Whether it still waits for what its provider cannot do without, and nobody can die of it yet. */
  waits: boolean;
}

/** Operations of a worker that began them and did not come back to say how it went. */
export interface EarlierBegins {
  /** How often it was begun, without those times of which it is known that nobody died of it. */
  begun: number;
  /** How often of these nothing else ran in the worker. */
  triedAlone: number;
}

/** What an operation ends with. */
export interface OperationEnd {
  /** Which end it is: no other end of any operation has this id. The first of an operation has the operation's own. */
  id: string;
  /** The reason of the dead letter that its message has to become; null: none. */
  letter: string | null;
  start: OperationStart;
  /** What it was done under. */
  fence: Fence;
  result: OperationResult;
  /** The node as it was when the operation began. */
  before: StoredNode | null;
  /** The task to put on record; null: leave the record as it is. */
  after: TaskRecord | null;
  /** The bindings that now stand for the operation's network type; null: leave the record as it is. */
  bindings: PortBinding[] | null;
  /** Every binding that now stands, where the operation was about all types of network; wins over bindings. */
  standing?: readonly (PortBinding & { network_type: NetworkType })[];
  /** Seconds for which a request of the operation whose answer was not seen may still take effect; 0: there is none. */
  late: number;
  /** Whether it was made sure that what such requests did before is put right, and no more can come. */
  settled: boolean;
  /** Whether its commit was tried before, and may have been done although the database's answer was lost. */
  repeated?: boolean;
}

/** The end of an operation that is on record. */
export interface PastEnd {
  id: string;
  result: OperationResult;
  /** The reason of the dead letter that its message is still to become; null: none. */
  letter: string | null;
}

/** What is on record of an operation: its end when it has ended, else how it was begun. */
export interface StoredOperation {
  ended: PastEnd | null;
  earlier: EarlierBegins;
}

/** Those operations that are on record, by id. */
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

/** What a begin adds to a number: nothing when it is noted again, since the answer to it was lost. */
const once = (column: string): string => `IF(FIND_IN_SET(VALUES(open_begins), open_begins), 0, VALUES(${column}))`;

/**
 * The begins that are counted, with a further one: of more than find room, the newest. Each has an id of 8 characters, and
 * poison ends an operation after fewer.
 */
const WITH_THIS_BEGIN = `NULLIF(RIGHT(CONCAT_WS(',', open_begins, VALUES(open_begins)), 255), '')`;

/**
 * One that was begun before counts one attempt more; one that had failed has no result any more. The assignments count from
 * left to right: the begins have to come after the numbers, and the status has to be the last.
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

/** Notes that operations are under way. */
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
 * Notes of an operation that is not gone on with that its worker did not die of it. Takes back this begin and no other: one
 * that is not counted, or not any more, is none to take back.
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

/** Why an operation that is under way has to be tried again, or cannot be tried yet. */
export interface OperationFault {
  id: string;
  reason: string;
  /** Whether it was tried. */
  tried: boolean;
}

export async function saveFault(manager: EntityManager, { id, reason, tried }: OperationFault): Promise<void> {
  await manager.query(
    'UPDATE operations SET attempts = attempts + ?, last_error = ? WHERE id = ? AND finished_at IS NULL',
    [tried ? 1 : 0, reason, id],
  );
}

/** Forgets at most so many operations that ended so many seconds ago, oldest first. Answers how many. */
export async function deleteEnded(manager: EntityManager, seconds: number, limit: number): Promise<number> {
  const { affectedRows } = await manager.query<{ affectedRows: number }>(
    `DELETE FROM operations WHERE finished_at < UTC_TIMESTAMP(6) - INTERVAL ? SECOND ORDER BY finished_at LIMIT ?`,
    [seconds, limit],
  );
  return affectedRows;
}

/** Those ends that are still to be committed: one whose commit was done, and its answer lost, is on record once. */
export async function uncommitted(
  manager: EntityManager,
  ends: readonly OperationEnd[],
): Promise<readonly OperationEnd[]> {
  const doubtful = ends.filter(({ repeated }) => repeated);
  if (doubtful.length === 0) return ends;
  // A locking read: what else the transaction reads is to be as it is once its nodes are locked, and not as it is now.
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

/** Notes how operations ended. */
export async function saveEnds(manager: EntityManager, ends: readonly OperationEnd[]): Promise<void> {
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
    owed_to: start.kind === 'cast' ? fence.queue : null,
    owed_letter: letter,
    status: result.status,
    last_error: result.error?.message ?? null,
    result,
    started_at: writeTime(start.startedAt),
    finished_at: DATABASE_TIME,
  }));
  await insertOrUpdate(manager, 'operations', END_COLUMNS, rows);
}
