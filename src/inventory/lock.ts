import { ExponentialBackoff, handleWhen, retry } from 'cockatiel';
import type { DataSource, EntityManager } from 'typeorm';

import { isDuplicate, isLockConflict, NodeChanged, NodeRow, runningOperation } from '../state/index.js';
import { InputRefused, notFound } from './errors.js';

/**
 * Retries a transaction that failed because of a concurrent one. Two transactions that change the same rows can
 * deadlock, and the database rolls one of them back. Two transactions that add the same row do not see each other's
 * row; the retry sees it.
 */
const again = retry(
  handleWhen((error) => error instanceof NodeChanged || isLockConflict(error) || isDuplicate(error)),
  {
    maxAttempts: 4,
    backoff: new ExponentialBackoff({ initialDelay: 20, maxDelay: 200 }),
  },
);

/**
 * Runs the work in a transaction, and retries it after a conflict with another transaction.
 *
 * @throws what the work throws, and the database's errors
 */
export function inTransaction<T>(dataSource: DataSource, work: (manager: EntityManager) => Promise<T>): Promise<T> {
  return again.execute(() => dataSource.transaction(work));
}

/**
 * Reads a node and locks it until the transaction ends. It must be the transaction's first read.
 *
 * @throws InputRefused when there is no such node
 */
export async function lockNode(manager: EntityManager, uuid: string): Promise<NodeRow> {
  const node = await manager.findOne(NodeRow, { where: { uuid }, lock: { mode: 'pessimistic_write' } });
  if (node === null) throw notFound('Node', uuid);
  return node;
}

/**
 * Checks that no operation of a locked node is under way. An operation that starts later notices that the node changed
 * after the operation looked it up.
 *
 * @throws InputRefused when one is under way
 */
export async function assertIdle(manager: EntityManager, uuid: string): Promise<void> {
  const running = await runningOperation(manager, uuid);
  if (running === null) return;
  throw new InputRefused(
    'locked',
    `Node ${uuid} is locked by operation ${running.id} (${running.method}), please retry after it is completed.`,
  );
}
