import { format } from 'mysql2';
import type { EntityManager } from 'typeorm';

import type { OperationResult } from '../contract/types.js';
import type { OperationEnd } from './operation-store.js';
import { END_ID } from './replay-store.js';
import { Conditions, readJson, type Row, writeJson } from './rows.js';

/** One end of an operation: the operation's id and the end's id. */
export interface WhichEnd {
  id: string;
  endId: string;
}

/** Ends of one commit whose results are owed: a row of the table owed_results. */
export interface OwedCommit {
  /** Number of the row. */
  row: number;
  /** The queue whose owner owes them. */
  queue: string;
  ends: readonly WhichEnd[];
}

/** The most ends in a row of owed_results, so that no row is too long for a statement. */
const MOST_ENDS = 500;

/** Stores, in the transaction that commits ends of operations, that the results of the casts among them are owed. */
export async function saveOwed(manager: EntityManager, ends: readonly OperationEnd[]): Promise<OwedCommit[]> {
  const commits: OwedCommit[] = [];
  for (const { queue, owed, statement } of owedStatements(ends)) {
    const { insertId } = await manager.query<{ insertId: number | string }>(statement);
    commits.push({ row: Number(insertId), queue, ends: owed });
  }
  return commits;
}

/** The statements that store that the results of casts are owed. Each adds one row of owed_results. */
export function owedStatements(
  ends: readonly OperationEnd[],
): { queue: string; owed: readonly WhichEnd[]; statement: string }[] {
  const queues = new Map<string, WhichEnd[]>();
  for (const { id, start, fence } of ends) {
    if (start.kind !== 'cast') continue;
    const owed = queues.get(fence.queue) ?? [];
    queues.set(fence.queue, owed);
    owed.push({ id: start.id, endId: id });
  }
  return [...queues].flatMap(([queue, all]) =>
    partsOf(all).map((owed) => ({
      queue,
      owed,
      statement: format('INSERT INTO owed_results (queue, ends, committed_at) VALUES (?, ?, UTC_TIMESTAMP(6))', [
        queue,
        writeEnds(owed),
      ]),
    })),
  );
}

function partsOf(ends: readonly WhichEnd[]): WhichEnd[][] {
  const parts: WhichEnd[][] = [];
  for (let first = 0; first < ends.length; first += MOST_ENDS) parts.push(ends.slice(first, first + MOST_ENDS));
  return parts;
}

/** Stores that the results of whole commits are no longer owed. */
export async function deleteOwed(manager: EntityManager, rows: readonly number[]): Promise<void> {
  if (rows.length > 0) await manager.query('DELETE FROM owed_results WHERE id IN (?)', [rows]);
}

/** Filters for rows of owed_results: a row must match all that are set. */
export interface OwedFilter {
  /** Numbers of rows. */
  rows?: readonly number[];
  /** Rows to leave out. */
  without?: readonly number[];
  queues?: readonly string[];
  /** Only what has been owed for longer than this many seconds. */
  seconds?: number;
}

/** How many rows of owed_results are read at once. */
const PAGE = 100;

/** Reads rows of owed_results, oldest first, as they are needed. */
export async function* owedCommits(
  manager: EntityManager,
  { rows: only, without = [], queues, seconds }: OwedFilter,
): AsyncGenerator<OwedCommit> {
  for (let after = 0; ;) {
    const conditions = new Conditions();
    conditions.add('id > ?', after);
    conditions.among('id', only);
    conditions.among('queue', queues);
    if (without.length > 0) conditions.add('id NOT IN (?)', without);
    if (seconds !== undefined) conditions.add('committed_at < UTC_TIMESTAMP(6) - INTERVAL ? SECOND', seconds);
    const rows = await manager.query<Row[]>(
      `SELECT id, queue, ends FROM owed_results WHERE ${conditions.where} ORDER BY id LIMIT ?`,
      [...conditions.values, PAGE],
    );
    for (const { id, queue, ends } of rows) yield { row: Number(id), queue: queue as string, ends: readEnds(ends) };
    if (rows.length < PAGE) return;
    after = Number(rows.at(-1)?.['id']);
  }
}

/**
 * Removes ends from a row of owed_results, and the row when it has no more ends.
 * @returns whether the row was as it had been read; if not, nothing was changed
 */
export async function removeOwed(
  manager: EntityManager,
  { row, ends }: OwedCommit,
  isOwed: (end: WhichEnd) => boolean,
): Promise<boolean> {
  const left = ends.filter(isOwed);
  if (left.length === ends.length) return true;
  const { affectedRows } =
    left.length === 0
      ? await manager.query<{ affectedRows: number }>('DELETE FROM owed_results WHERE id = ? AND ends = ?', [
          row,
          writeEnds(ends),
        ])
      : await manager.query<{ affectedRows: number }>('UPDATE owed_results SET ends = ? WHERE id = ? AND ends = ?', [
          writeEnds(left),
          row,
          writeEnds(ends),
        ]);
  return affectedRows === 1;
}

function writeEnds(ends: readonly WhichEnd[]): string {
  return writeJson(ends.map(({ id, endId }) => [id, endId]));
}

function readEnds(ends: unknown): WhichEnd[] {
  return (readJson(ends) as [string, string][]).map(([id, endId]) => ({ id, endId }));
}

/**
 * Stores that results are no longer owed that workers of an earlier version owed. Those marked the operations.
 * A newer end of the operation still owes its own.
 */
export async function unmarkOwed(manager: EntityManager, ends: readonly WhichEnd[]): Promise<void> {
  if (ends.length === 0) return;
  await manager.query(
    `UPDATE operations SET owed_to = NULL WHERE id IN (?) AND ${END_ID} IN (?) AND owed_to IS NOT NULL`,
    [ends.map(({ id }) => id), ends.map(({ endId }) => endId)],
  );
}

/** Stores that the message of an operation has become the dead letter that it had to become. */
export async function saveLetter(manager: EntityManager, { id, endId }: WhichEnd): Promise<void> {
  await manager.query(`UPDATE operations SET owed_letter = NULL WHERE id = ? AND ${END_ID} = ?`, [id, endId]);
}

/** The result of a cast that was perhaps not delivered, with the data for its delivery. */
export interface OwedResult extends WhichEnd {
  /** Number of the row of owed_results that lists it. Null: a worker of an earlier version owed it. */
  row: number | null;
  conductorHost: string | null;
  requestId: string | null;
  contentType: string | null;
  result: OperationResult;
}

/**
 * Counts the results that the owners of these queues owe according to the database.
 * @param limit the most marked operations to count; rows of owed_results are few
 */
export async function countStored(manager: EntityManager, queues: readonly string[], limit: number): Promise<number> {
  if (queues.length === 0) return 0;
  const [row] = await manager.query<Row[]>(
    `SELECT (SELECT COUNT(*) FROM (SELECT 1 FROM operations WHERE owed_to IN (?) LIMIT ?) AS marked)
       + (SELECT COALESCE(SUM(JSON_LENGTH(ends)), 0) FROM owed_results WHERE queue IN (?)) AS owed`,
    [queues, limit, queues],
  );
  return Number(row?.['owed']);
}

/** Finds the queue whose owner owes the result of an end. Null: it is not owed. */
export async function owedTo(manager: EntityManager, end: WhichEnd): Promise<string | null> {
  const [row] = await manager.query<Row[]>('SELECT queue FROM owed_results WHERE LOCATE(?, ends) > 0 LIMIT 1', [
    writeEnds([end]).slice(1, -1),
  ]);
  return (row?.['queue'] ?? null) as string | null;
}

/**
 * Counts the results that have been owed for more than `seconds`, and finds the operation of the oldest one.
 * @throws the database's errors
 */
export async function countOverdue(
  manager: EntityManager,
  seconds: number,
): Promise<{ count: number; oldest: string | null }> {
  const [marked] = await manager.query<Row[]>(
    `SELECT COUNT(*) AS owed, MIN(CONCAT(finished_at, ' ', id)) AS oldest FROM operations
     WHERE owed_to IS NOT NULL AND finished_at < UTC_TIMESTAMP(6) - INTERVAL ? SECOND`,
    [seconds],
  );
  const listed = await manager.query<Row[]>(
    `SELECT JSON_LENGTH(ends) AS owed, JSON_UNQUOTE(JSON_EXTRACT(ends, '$[0][0]')) AS oldest FROM owed_results
     WHERE committed_at < UTC_TIMESTAMP(6) - INTERVAL ? SECOND ORDER BY id`,
    [seconds],
  );
  const oldest = (marked?.['oldest'] as string | null)?.split(' ').at(-1) ?? null;
  return {
    count: listed.reduce((sum, { owed }) => sum + Number(owed), Number(marked?.['owed'])),
    oldest: oldest ?? (listed[0]?.['oldest'] as string | undefined) ?? null,
  };
}

const RESULT = `id, ${END_ID} AS end_id, conductor_host, request_id, content_type, result`;

/** Reads the results of a commit's ends. Ends that were replaced by newer ones, or deleted, are left out. */
export async function loadResults(manager: EntityManager, { row: number, ends }: OwedCommit): Promise<OwedResult[]> {
  const rows = await manager.query<Row[]>(`SELECT ${RESULT} FROM operations WHERE id IN (?) AND result IS NOT NULL`, [
    ends.map(({ id }) => id),
  ]);
  const results = new Map(rows.map((row) => [row['id'] as string, readResult(row, number)]));
  return ends.flatMap(({ id, endId }) => {
    const result = results.get(id);
    return result?.endId === endId ? [result] : [];
  });
}

/**
 * Reads results that workers of an earlier version have owed for more than `seconds`, oldest first.
 * @param without ids of operations whose results are left out
 */
export async function loadMarked(
  manager: EntityManager,
  queues: readonly string[],
  seconds: number,
  limit: number,
  without: readonly string[],
): Promise<OwedResult[]> {
  const rows = await manager.query<Row[]>(
    `SELECT ${RESULT} FROM operations
     WHERE owed_to IN (?) AND finished_at < UTC_TIMESTAMP(6) - INTERVAL ? SECOND AND result IS NOT NULL
       AND id NOT IN (?)
     ORDER BY finished_at LIMIT ?`,
    [queues, seconds, ['', ...without], limit],
  );
  return rows.map((row) => readResult(row, null));
}

function readResult(row: Row, number: number | null): OwedResult {
  return {
    row: number,
    id: row['id'] as string,
    endId: row['end_id'] as string,
    conductorHost: row['conductor_host'] as string | null,
    requestId: row['request_id'] as string | null,
    contentType: row['content_type'] as string | null,
    result: readJson(row['result']) as OperationResult,
  };
}
