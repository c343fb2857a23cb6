import type { EntityManager } from 'typeorm';

import type { OperationResult } from '../contract/types.js';
import { readJson, type Row } from './rows.js';

/** Notes that results were delivered, or that nobody listens for them. */
export async function saveDelivered(manager: EntityManager, ids: readonly string[]): Promise<void> {
  await manager.query('UPDATE operations SET owed_to = NULL WHERE id IN (?)', [ids]);
}

/** A result of a cast that was perhaps not delivered, with what it takes to deliver it. */
export interface OwedResult {
  id: string;
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

/** Results that the owners of some queues have owed for so many seconds, oldest first. */
export async function loadOwed(
  manager: EntityManager,
  queues: readonly string[],
  seconds: number,
  limit: number,
): Promise<OwedResult[]> {
  if (queues.length === 0) return [];
  const rows = await manager.query<Row[]>(
    `SELECT id, conductor_host, request_id, content_type, result FROM operations
     WHERE owed_to IN (?) AND finished_at < UTC_TIMESTAMP(6) - INTERVAL ? SECOND AND result IS NOT NULL
     ORDER BY finished_at LIMIT ?`,
    [queues, seconds, limit],
  );
  return rows.map((row) => ({
    id: row['id'] as string,
    conductorHost: row['conductor_host'] as string | null,
    requestId: row['request_id'] as string | null,
    contentType: row['content_type'] as string | null,
    result: readJson(row['result']) as OperationResult,
  }));
}
