import { format } from 'mysql2';
import type { DataSource, EntityManager } from 'typeorm';

import { EpochLost } from './errors.js';
import { readJson, type Row } from './rows.js';

/** The queue and the epoch under which a commit is made. The commit is refused if the queue has a newer owner. */
export interface Fence {
  queue: string;
  epoch: number;
}

/** What a worker publishes about itself to the other workers. */
export interface WorkerRecord {
  id: string;
  name: string;
  /** Its version and commit, for people. */
  build: string;
  /** The queues that it consumes, and for each how often it has begun to consume it. */
  queues: Readonly<Record<string, number>>;
}

/** A worker, with a number that increases as long as the worker lives. */
export interface Peer extends Omit<WorkerRecord, 'build'> {
  beat: number;
}

/** Stores which worker owns which queue, and which workers exist. All methods throw the database's errors. */
export class OwnershipStore {
  readonly #dataSource: DataSource;
  readonly #leases: DataSource;

  /**
   * @param dataSource for statements that may have to wait for rows that others have locked
   * @param leases for statements that must not wait, not even for other work of the same worker: they confirm that the
   *   worker still owns its queues and is alive
   */
  constructor(dataSource: DataSource, leases: DataSource) {
    this.#dataSource = dataSource;
    this.#leases = leases;
  }

  /**
   * Makes a worker the owner of a queue, under the next epoch. After this, commits under older epochs are refused.
   *
   * @param lease milliseconds for which the worker will act without asking whether it is still the owner
   * @returns the new epoch, and the milliseconds after which nobody acts under an older epoch any more. These are 0 if
   *   the previous owner released the queue, or if there was none. Otherwise they are the longest lease since the last
   *   release. The lease of the previous owner is not enough: it may have died while it waited to begin, and the owner
   *   before it may have a longer lease and still act.
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

  /** The queues that a worker owns now, and the epoch of each. */
  async held(workerId: string): Promise<Map<string, number>> {
    const rows = await this.#leases.query<Row[]>('SELECT queue, epoch FROM queue_owners WHERE worker_id = ?', [
      workerId,
    ]);
    return new Map(rows.map((row) => [row['queue'] as string, Number(row['epoch'])]));
  }

  /** Stores that the owner of this epoch has ended all its work. Changes nothing if there is a newer epoch. */
  async release({ queue, epoch }: Fence): Promise<void> {
    await this.#dataSource.query('UPDATE queue_owners SET worker_id = NULL WHERE queue = ? AND epoch = ?', [
      queue,
      epoch,
    ]);
  }

  /** Stores that a worker is alive, and which queues it consumes. Returns all workers in the database. */
  async beat({ id, name, build, queues }: WorkerRecord): Promise<Peer[]> {
    await this.#leases.query(
      `INSERT INTO workers (id, name, build, queues, started_at, seen_at)
         VALUES (?, ?, ?, ?, UTC_TIMESTAMP(6), UTC_TIMESTAMP(6))
       ON DUPLICATE KEY UPDATE queues = VALUES(queues), beat = beat + 1, seen_at = VALUES(seen_at)`,
      [id, name, build, JSON.stringify(queues)],
    );
    const rows = await this.#leases.query<Row[]>('SELECT id, name, queues, beat FROM workers');
    return rows.map((row) => ({
      id: row['id'] as string,
      name: row['name'] as string,
      queues: readJson(row['queues']) as Record<string, number>,
      beat: Number(row['beat']),
    }));
  }

  /**
   * Deletes a worker from the database: the worker itself when it stops, or one that has died.
   * @param beat the worker's last known beat: it is deleted only if its beat has not changed since. Default: always.
   */
  async forget(id: string, beat?: number): Promise<void> {
    const unlessHeardOf = beat === undefined ? '' : ' AND beat = ?';
    await this.#leases.query(`DELETE FROM workers WHERE id = ?${unlessHeardOf}`, [id, beat]);
  }
}

/**
 * Checks in a transaction that its queues have no newer owner, and prevents that they get one before the commit.
 * @throws EpochLost, and the database's errors
 */
export async function checkFences(manager: EntityManager, fences: readonly Fence[]): Promise<void> {
  assertOwned(fences, await manager.query<{ affectedRows: number }>(fenceStatement(fences)));
}

/**
 * The statement of checkFences. It writes the rows, because on a Galera cluster a lock alone does not stop a transaction
 * on another node.
 */
export function fenceStatement(fences: readonly Fence[]): string {
  const conditions = distinct(fences).map(({ queue, epoch }) => format('(queue = ? AND epoch = ?)', [queue, epoch]));
  return `UPDATE queue_owners SET commits = commits + 1 WHERE ${conditions.join(' OR ')}`;
}

/** Checks the server's answer to fenceStatement. @throws EpochLost */
export function assertOwned(fences: readonly Fence[], { affectedRows }: { affectedRows: number }): void {
  const all = distinct(fences);
  if (affectedRows !== all.length) throw new EpochLost(all.map(({ queue }) => queue));
}

function distinct(fences: readonly Fence[]): Fence[] {
  return [...new Map(fences.map((fence) => [`${fence.queue}\n${fence.epoch}`, fence])).values()];
}
