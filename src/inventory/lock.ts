import { handleWhen, retry, ExponentialBackoff } from 'cockatiel';
import type { DataSource, EntityManager } from 'typeorm';

import { isDuplicate, isLockConflict, NodeRow, runningOperation } from '../state/index.js';
import { notFound, InputRefused } from './errors.js';

/**
 * Two that change the same rows may stand in each other's way; the database then ends one of them, unchanged. Two that add
 * the same row do not see each other's: the next try does.
 */
const again = retry(
  handleWhen((error) => isLockConflict(error) || isDuplicate(error)),
  {
    maxAttempts: 4,
    backoff: new ExponentialBackoff({ initialDelay: 20, maxDelay: 200 }),
  },
);

/** Does what belongs together, all of it or nothing. @throws what the work throws, and the database's errors */
export function inTransaction<T>(dataSource: DataSource, work: (manager: EntityManager) => Promise<T>): Promise<T> {
  return again.execute(() => dataSource.transaction(work));
}

/** The node, kept from others until the transaction ends. It must be the first that is read there. @throws InputRefused */
export async function lockNode(manager: EntityManager, uuid: string): Promise<NodeRow> {
  const node = await manager.findOne(NodeRow, { where: { uuid }, lock: { mode: 'pessimistic_write' } });
  if (node === null) throw notFound('Node', uuid);
  return node;
}

/**
 * Sees to it that no operation of a locked node is under way. One that begins later finds that the node has changed
 * since it was looked up.
 *
 * @throws InputRefused when one is
 */
export async function assertIdle(manager: EntityManager, uuid: string): Promise<void> {
  const running = await runningOperation(manager, uuid);
  if (running === null) return;
  throw new InputRefused(
    'locked',
    `Node ${uuid} is locked by operation ${running.id} (${running.method}), please retry after it is completed.`,
  );
}
