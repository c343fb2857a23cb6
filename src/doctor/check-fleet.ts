import type { EntityManager } from 'typeorm';

import { pause } from '../async/pause.js';
import { queueName } from '../rpc/index.js';
import { countOverdue, readJson } from '../state/index.js';
import type { DoctorContext, Findings } from './finding.js';
import {
  LATE_RULES,
  LONG_RULES,
  NO_WORKER_RULES,
  OWED,
  OWED_RULES,
  OWNER_RULES,
  POISON_RULES,
  type SomeOperations,
  UNSETTLED,
  WORKER_RULES,
  type WorkerSeen,
} from './rules/fleet-rules.js';

type Row = Record<string, unknown>;

/** Checks what the database says of workers, of the queues that they own, and of operations that do not end. */
export async function checkFleet(
  manager: EntityManager,
  { config }: DoctorContext,
  findings: Findings,
  signal: AbortSignal,
): Promise<void> {
  const living = await livingWorkers(manager, config.worker.lease, signal);
  for (const worker of living) findings.first(WORKER_RULES, worker);
  if (living.length === 0) findings.first(NO_WORKER_RULES, null);
  await checkOwners(manager, config, living, findings);
  await checkOperations(manager, config, findings);
}

/** Shortest time, in milliseconds, in which a living worker surely updates its beat: it does so every second. */
const SHOWN = 3000;

/** Reads the workers, and waits to see which of them live. A worker lives if its beat increases. */
async function livingWorkers(manager: EntityManager, lease: number, signal: AbortSignal): Promise<WorkerSeen[]> {
  const read = (): Promise<Row[]> => manager.query<Row[]>('SELECT id, name, beat, queues FROM workers');
  const before = await read();
  if (before.length === 0) return [];
  await pause(Math.max(lease * 2000, SHOWN), signal);
  signal.throwIfAborted();
  const after = new Map((await read()).map((row) => [row['id'], row]));
  return before.map(({ id, name, beat }) => {
    const now = after.get(id);
    const queues = (now === undefined ? {} : readJson(now['queues'])) as object;
    return {
      id: String(id),
      name: String(name),
      lives: now !== undefined && now['beat'] !== beat,
      queues: Object.keys(queues).length,
    };
  });
}

/** Checks which worker owns the queue of each conductor host of the configuration. */
async function checkOwners(
  manager: EntityManager,
  config: DoctorContext['config'],
  workers: readonly WorkerSeen[],
  findings: Findings,
): Promise<void> {
  const rows = await manager.query<Row[]>('SELECT queue, worker_id FROM queue_owners');
  const owners = new Map(rows.map((row) => [row['queue'], row['worker_id']]));
  for (const host of config.host) {
    const queue = queueName(config.rpc.topic, host);
    const owner = workers.find(({ id }) => id === owners.get(queue)) ?? null;
    findings.first(OWNER_RULES, { host, owner });
  }
}

async function checkOperations(
  manager: EntityManager,
  config: DoctorContext['config'],
  findings: Findings,
): Promise<void> {
  const { deadline } = config.worker.retry;
  const { suspect_after: suspect } = config.worker.poison;
  const of = async (where: string, limit: number): Promise<SomeOperations> => {
    const [row] = await manager.query<Row[]>(
      `SELECT COUNT(*) AS many, MIN(CONCAT(started_at, ' ', id)) AS oldest FROM operations WHERE ${where}`,
      [limit],
    );
    const oldest = String(row?.['oldest']).split(' ').at(-1) ?? '';
    return { count: Number(row?.['many'] ?? 0), oldest, limit };
  };
  const long = 'finished_at IS NULL AND started_at < UTC_TIMESTAMP(6) - INTERVAL ? SECOND';
  findings.first(LONG_RULES, await of(long, deadline));
  findings.first(POISON_RULES, await of('finished_at IS NULL AND begun >= ?', suspect));
  const owed = await countOverdue(manager, OWED);
  findings.first(OWED_RULES, { count: owed.count, oldest: owed.oldest ?? '', limit: OWED });
  const [row] = await manager.query<Row[]>(
    'SELECT COUNT(*) AS many FROM nodes WHERE late_until < UTC_TIMESTAMP(6) - INTERVAL ? SECOND',
    [UNSETTLED],
  );
  findings.first(LATE_RULES, Number(row?.['many']));
}
