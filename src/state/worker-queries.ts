import type { EntityManager } from 'typeorm';

import { readBoolean, readJson, type Row } from './rows.js';

/** A worker, as the database last heard of it. */
export interface WorkerSummary {
  id: string;
  /** Its machine and process. */
  name: string;
  /** Version and commit. Null: a worker of an older version, which does not tell. */
  build: string | null;
  started_at: Date;
  /** When it last said that it is alive. Null: a worker of an older version, which does not tell when. */
  seen_at: Date | null;
  /** Whether that was just now. Null: unknown. */
  lives: boolean | null;
  /** Names of the queues that it consumes. It acts for some of them, and stands by for the others. */
  queues: string[];
}

/** Who acts for a queue. */
export interface QueueOwner {
  queue: string;
  /** Null: nobody since the last owner released it. The worker need not be alive. */
  worker_id: string | null;
  epoch: number;
  taken_at: Date;
  /** Milliseconds for which the worker may act without asking whether it still owns the queue. Null: unknown. */
  lease: number | null;
}

/** Seconds after which a worker that said nothing is not alive. It tells the database every second. */
const SILENT = 10;

/** Reads at most `limit` workers, by name. @throws the database's errors */
export async function listWorkers(manager: EntityManager, limit: number): Promise<WorkerSummary[]> {
  const rows = await manager.query<Row[]>(
    `SELECT id, name, build, started_at, seen_at, queues, seen_at > UTC_TIMESTAMP(6) - INTERVAL ? SECOND AS lives
     FROM workers ORDER BY name, id LIMIT ?`,
    [SILENT, limit],
  );
  return rows.map((row) => ({
    id: row['id'] as string,
    name: row['name'] as string,
    build: row['build'] as string | null,
    started_at: row['started_at'] as Date,
    seen_at: row['seen_at'] as Date | null,
    lives: readBoolean(row['lives']),
    queues: Object.keys(readJson(row['queues']) as object).sort(),
  }));
}

/** Reads the owners of at most `limit` queues, by name. @throws the database's errors */
export async function listQueueOwners(manager: EntityManager, limit: number): Promise<QueueOwner[]> {
  const rows = await manager.query<Row[]>(
    'SELECT queue, worker_id, epoch, taken_at, lease FROM queue_owners ORDER BY queue LIMIT ?',
    [limit],
  );
  return rows.map((row) => ({
    queue: row['queue'] as string,
    worker_id: row['worker_id'] as string | null,
    epoch: Number(row['epoch']),
    taken_at: row['taken_at'] as Date,
    lease: row['lease'] === null ? null : Number(row['lease']),
  }));
}
