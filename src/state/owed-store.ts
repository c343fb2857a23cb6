import type { EntityManager } from 'typeorm';

import type { OperationResult } from '../contract/types.js';
import { END_ID } from './replay-store.js';
import { readJson, type Row } from './rows.js';

/** The end of an operation, and which of its ends it is. */
export interface WhichEnd {
  id: string;
  endId: string;
}

/** Notes that results were delivered, or that nobody listens for them. An end that came since owes its own. */
export async function saveDelivered(manager: EntityManager, ends: readonly WhichEnd[]): Promise<void> {
  await forget(manager, 'owed_to', ends);
}

/** Notes that the message of an operation has become the dead letter that it had to. */
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

/** A result of a cast that was perhaps not delivered, with what it takes to deliver it. */
export interface OwedResult extends WhichEnd {
  conductorHost: string | null;
  requestId: string | null;
  contentType: string | null;
  result: OperationResult;
}

/** How many results the owners of some queues owe; no more than a limit are counted. */
export async function countOwed(manager: EntityManager, queues: readonly string[], limit: number): Promise<number> {
  if (queues.length === 0) return 0;
  const [row] = await manager.query<Row[]>(
    'SELECT COUNT(*) AS owed FROM (SELECT 1 FROM operations WHERE owed_to IN (?) LIMIT ?) AS some',
    [queues, limit],
  );
  return Number(row?.['owed']);
}

/** Results that the owners of some queues have owed for so many seconds, oldest first; without those of some operations. */
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
