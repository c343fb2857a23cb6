import type { DataSource, EntityManager } from 'typeorm';

import { EpochLost } from './errors.js';
import { readJson, type Row } from './rows.js';

/** What a commit is made under: it is refused when the queue has a newer owner. */
export interface Fence {
  queue: string;
  epoch: number;
}

/** A worker, as it tells the others of itself. */
export interface WorkerRecord {
  id: string;
  name: string;
  /** The queues that it consumes, and how often it has begun to consume each. */
  queues: Readonly<Record<string, number>>;
}

/** Another worker, and a number that goes up while it lives. */
export interface Peer extends WorkerRecord {
  beat: number;
}

/** Who acts for which queue, and which workers there are. All methods throw the database's errors. */
export class OwnershipStore {
  readonly #dataSource: DataSource;
  readonly #leases: DataSource;

  /**
   * @param dataSource for what may have to wait for others' rows.
   * @param leases for what must not wait, for other work of the same worker neither: the signs that it is the owner still,
   * and alive.
   */
  constructor(dataSource: DataSource, leases: DataSource) {
    this.#dataSource = dataSource;
    this.#leases = leases;
  }

  /**
   * Makes a worker the owner of a queue, under the next epoch. From its commit on, commits under older ones are refused.
   *
   * @param lease milliseconds for which the worker will act without asking whether it is the owner still
   * @returns the epoch, and the milliseconds after which nobody acts any more under an older one: 0 where the owner before
   * released the queue, or there was none. Otherwise the longest lease since it was released last: an owner that took it and
   * died while it waited may have had a shorter one than the owner before, which acts still.
   */
  async take(queue: string, workerId: string, lease: number): Promise<{ epoch: number; predecessorLease: number }> {
    return this.#dataSource.transaction(async (manager) => {
      await manager.query(
        `INSERT INTO queue_owners (queue, epoch, worker_id, taken_at, lease) VALUES (?, 1, NULL, UTC_TIMESTAMP(6), ?)
         ON DUPLICATE KEY UPDATE epoch = epoch + 1, taken_at = UTC_TIMESTAMP(6),
           lease = IF(worker_id IS NULL, VALUES(lease), GREATEST(COALESCE(lease, 0), VALUES(lease)))`,
        [queue, Math.ceil(lease)],
      );
      const [row] = await manager.query<Row[]>('SELECT epoch, worker_id, lease FROM queue_owners WHERE queue = ?', [
        queue,
      ]);
      await manager.query('UPDATE queue_owners SET worker_id = ? WHERE queue = ?', [workerId, queue]);
      return {
        epoch: Number(row?.['epoch']),
        predecessorLease: row?.['worker_id'] === null ? 0 : Number(row?.['lease']),
      };
    });
  }

  /** The epochs under which a worker owns queues now. */
  async held(workerId: string): Promise<Map<string, number>> {
    const rows = await this.#leases.query<Row[]>('SELECT queue, epoch FROM queue_owners WHERE worker_id = ?', [
      workerId,
    ]);
    return new Map(rows.map((row) => [row['queue'] as string, Number(row['epoch'])]));
  }

  /** Says that the owner of this epoch has ended all it did. Nothing changes where there is a newer one. */
  async release({ queue, epoch }: Fence): Promise<void> {
    await this.#dataSource.query('UPDATE queue_owners SET worker_id = NULL WHERE queue = ? AND epoch = ?', [
      queue,
      epoch,
    ]);
  }

  /** Shows that a worker lives, and which queues it consumes. Answers with all workers on record. */
  async beat({ id, name, queues }: WorkerRecord): Promise<Peer[]> {
    await this.#leases.query(
      `INSERT INTO workers (id, name, queues, started_at) VALUES (?, ?, ?, UTC_TIMESTAMP(6))
       ON DUPLICATE KEY UPDATE queues = VALUES(queues), beat = beat + 1`,
      [id, name, JSON.stringify(queues)],
    );
    const rows = await this.#leases.query<Row[]>('SELECT id, name, queues, beat FROM workers');
    return rows.map((row) => ({
      id: row['id'] as string,
      name: row['name'] as string,
      queues: readJson(row['queues']) as Record<string, number>,
      beat: Number(row['beat']),
    }));
  }

  /** Takes a worker off the record: itself when it stops; one that died, unless it was heard of since. */
  async forget(id: string, beat?: number): Promise<void> {
    const unlessHeardOf = beat === undefined ? '' : ' AND beat = ?';
    await this.#leases.query(`DELETE FROM workers WHERE id = ?${unlessHeardOf}`, [id, beat]);
  }
}

/**
 * Checks in a transaction that its queues have no newer owner, and sees to it that none gets one before it is committed.
 * It writes the rows: on a Galera cluster a lock alone does not hold off a transaction on another node.
 *
 * @throws EpochLost
 */
export async function checkFences(manager: EntityManager, fences: readonly Fence[]): Promise<void> {
  const distinct = [...new Map(fences.map((fence) => [`${fence.queue}\n${fence.epoch}`, fence])).values()];
  const conditions = distinct.map(() => '(queue = ? AND epoch = ?)').join(' OR ');
  const { affectedRows } = await manager.query<{ affectedRows: number }>(
    `UPDATE queue_owners SET commits = commits + 1 WHERE ${conditions}`,
    distinct.flatMap(({ queue, epoch }) => [queue, epoch]),
  );
  if (affectedRows !== distinct.length) throw new EpochLost(distinct.map(({ queue }) => queue));
}
