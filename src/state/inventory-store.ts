import type { EntityManager } from 'typeorm';

import { loadTasks, recordOf } from './node-store.js';
import type { Row } from './rows.js';

/** An operation of the node that is under way; null: there is none. @throws the database's errors */
export async function runningOperation(
  manager: EntityManager,
  nodeUuid: string,
): Promise<{ id: string; method: string } | null> {
  const [row] = await manager.query<Row[]>(
    `SELECT id, method FROM operations WHERE node_uuid = ? AND status = 'running' LIMIT 1`,
    [nodeUuid],
  );
  return row === undefined ? null : { id: row['id'] as string, method: row['method'] as string };
}

/**
 * Notes on a node what its task now comes to. To be done whenever a part of the task was changed: whoever looked the node
 * up before sees by it that it is not as it was.
 *
 * @throws the database's errors
 */
export async function saveDigest(manager: EntityManager, uuid: string): Promise<void> {
  const task = (await loadTasks(manager, [uuid])).get(uuid);
  if (task === undefined) return;
  await manager.query('UPDATE nodes SET task_digest = ? WHERE uuid = ?', [recordOf(task).digest, uuid]);
}
