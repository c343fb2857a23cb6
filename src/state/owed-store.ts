import type { EntityManager } from 'typeorm';

import type { OperationResult } from '../contract/types.js';
import { END_ID } from './replay-store.js';
import { readJson, type Row } from './rows.js';

/** One end of an operation: the operation's id and the end's id. */
export interface WhichEnd {
  id: string;
  endId: string;
}

/**
 * Stores that results were delivered, or that nobody listens for them. A newer end of the operation still owes its own.
 */
export async function saveDelivered(manager: EntityManager, ends: readonly WhichEnd[]): Promise<void> {
  await forget(manager, 'owed_to', ends);
}

/** Stores that the message of an operation has become the dead letter that it had to become. */
export async function saveLetter(manager: EntityManager, end: WhichEnd): Promise<void> {
  await forget(manager, 'owed_letter', [end]);
}

async function forget(
  manager: EntityManager,
  debt: 'owed_to' | 'owed_letter',
  ends: readonly WhichEnd[],
): Promise<void> {
  await manager.query(`UPDATE operations SET ${debt} = NULL WHERE id IN (?) AND ${END_ID} IN (?)`, [
    ends.map(({ id }) => id),
    ends.map(({ endId }) => endId),
  ]);
}

/** The result of a cast that was perhaps not delivered, with the data for its delivery. */
export interface OwedResult extends WhichEnd {
  conductorHost: string | null;
  requestId: string | null;
  contentType: string | null;
  result: OperationResult;
}

/** Counts the results that the owners of these queues owe, up to `limit`. */
export async function countOwed(manager: EntityManager, queues: readonly string[], limit: number): Promise<number> {
  if (queues.length === 0) return 0;
  const [row] = await manager.query<Row[]>(
    'SELECT COUNT(*) AS owed FROM (SELECT 1 FROM operations WHERE owed_to IN (?) LIMIT ?) AS some',
    [queues, limit],
  );
  return Number(row?.['owed']);
}

/**
 * Reads the results that the owners of these queues have owed for more than `seconds`, oldest first.
 * @param without ids of operations whose results are left out
 */
export async function loadOwed(
  manager: EntityManager,
  queues: readonly string[],
  seconds: number,
  limit: number,
  without: readonly string[] = [],
): Promise<OwedResult[]> {
  if (queues.length === 0) return [];
  const rows = await manager.query<Row[]>(
    `SELECT id, ${END_ID} AS end_id, conductor_host, request_id, content_type, result FROM operations
     WHERE owed_to IN (?) AND finished_at < UTC_TIMESTAMP(6) - INTERVAL ? SECOND AND result IS NOT NULL
       AND id NOT IN (?)
     ORDER BY finished_at LIMIT ?`,
    [queues, seconds, ['', ...without], limit],
  );
  return rows.map((row) => ({
    id: row['id'] as string,
    endId: row['end_id'] as string,
    conductorHost: row['conductor_host'] as string | null,
    requestId: row['request_id'] as string | null,
    contentType: row['content_type'] as string | null,
    result: readJson(row['result']) as OperationResult,
  }));
}
