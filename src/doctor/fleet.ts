import type { EntityManager } from 'typeorm';

import { pause } from '../async/pause.js';
import { queueName } from '../rpc/index.js';
import { readJson } from '../state/index.js';
import type { Findings, DoctorContext } from './finding.js';

type Row = Record<string, unknown>;

/** Seconds after which an undelivered result is reported. A worker tries again to deliver it after half a minute. */
const OWED = 120;
/** Seconds within which a worker should check a node after the late window of its last unanswered request has ended. */
const UNSETTLED = 600;

/** Checks what the database says of workers, of the queues that they own, and of operations that do not end. */
export async function checkFleet(
  manager: EntityManager,
  { config }: DoctorContext,
  findings: Findings,
  signal: AbortSignal,
): Promise<void> {
  const living = await livingWorkers(manager, config.worker.lease, signal);
  tellWorkers(living, findings);
  await checkOwners(manager, config, living, findings);
  await checkOperations(manager, config, findings);
}

interface WorkerSeen {
  id: string;
  name: string;
  lives: boolean;
  queues: number;
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

function tellWorkers(workers: readonly WorkerSeen[], findings: Findings): void {
  for (const { name, lives, queues } of workers) {
    if (lives) findings.ok('workers', `worker ${name} is alive and consumes ${queues} queues`);
    else {
      findings.warning(
        'workers',
        `worker ${name} is on record, but it is not alive`,
        'read its log; the other workers remove its record by themselves',
      );
    }
  }
  if (workers.length === 0)
    findings.problem('workers', 'no worker is on record', 'start a worker: netprov worker --host H');
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
    const owner = workers.find(({ id }) => id === owners.get(queue));
    if (owner?.lives === true) findings.ok('owners', `${owner.name} acts for conductor host ${host}`);
    else if (owner !== undefined) {
      findings.warning(
        'owners',
        `${owner.name} acts for conductor host ${host}, but it is not alive`,
        `another worker takes over with the next request; if none runs, start one: netprov worker --host ${host}`,
      );
    } else {
      findings.ok(
        'owners',
        `no worker acts for conductor host ${host} at the moment: a worker takes it over with the next request`,
      );
    }
  }
}

async function checkOperations(
  manager: EntityManager,
  config: DoctorContext['config'],
  findings: Findings,
): Promise<void> {
  const { deadline } = config.worker.retry;
  const { suspect_after: suspect } = config.worker.poison;
  const of = async (where: string, ...values: unknown[]): Promise<{ count: number; oldest: string }> => {
    const [row] = await manager.query<Row[]>(
      `SELECT COUNT(*) AS many, MIN(CONCAT(started_at, ' ', id)) AS oldest FROM operations WHERE ${where}`,
      values,
    );
    return { count: Number(row?.['many'] ?? 0), oldest: String(row?.['oldest']).split(' ').at(-1) ?? '' };
  };
  const long = await of('finished_at IS NULL AND started_at < UTC_TIMESTAMP(6) - INTERVAL ? SECOND', deadline);
  if (long.count > 0) {
    findings.warning(
      'operations',
      `${long.count} operations have been running for longer than worker.retry.deadline, ${deadline} s; the oldest: ${long.oldest}`,
      `see why it is retried: netprov operation show ${long.oldest}; if no worker runs it, start a worker for its conductor host`,
    );
  } else findings.ok('operations', 'no operation has been running for longer than worker.retry.deadline');
  const poison = await of('finished_at IS NULL AND begun >= ?', suspect);
  if (poison.count > 0) {
    findings.problem(
      'poison',
      `${poison.count} operations crashed workers ${suspect} times or more; the oldest: ${poison.oldest}`,
      `read the workers' logs and netprov operation show ${poison.oldest}; after more crashes it becomes a dead letter`,
    );
  }
  const owed = await of('owed_to IS NOT NULL AND finished_at < UTC_TIMESTAMP(6) - INTERVAL ? SECOND', OWED);
  if (owed.count > 0) {
    findings.warning(
      'owed',
      `${owed.count} results of casts were not delivered; the oldest: ${owed.oldest}`,
      'workers of their conductor hosts deliver them: check that such a worker runs, and that RabbitMQ accepts its messages',
    );
  }
  const [row] = await manager.query<Row[]>(
    'SELECT COUNT(*) AS many FROM nodes WHERE late_until < UTC_TIMESTAMP(6) - INTERVAL ? SECOND',
    [UNSETTLED],
  );
  if (Number(row?.['many']) > 0) {
    findings.warning(
      'late',
      `${String(row?.['many'])} nodes had unanswered requests, and were not checked for their effects in Neutron`,
      'workers of their conductor hosts check them: see that such a worker runs; or run netprov reconcile --all --fix',
    );
  }
}
