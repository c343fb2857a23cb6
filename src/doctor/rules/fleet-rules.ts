import type { DoctorRule } from '../finding.js';

/** Seconds after which an undelivered result is reported. A worker tries again to deliver it after half a minute. */
export const OWED = 120;
/** Seconds within which a worker should check a node after the late window of its last unanswered request has ended. */
export const UNSETTLED = 600;

/** A worker in the database. */
export interface WorkerSeen {
  id: string;
  name: string;
  lives: boolean;
  /** How many queues it consumes. */
  queues: number;
}

export const WORKER_RULES: readonly DoctorRule<WorkerSeen>[] = [
  {
    check: 'workers',
    status: 'ok',
    when: ({ lives }) => lives,
    what: ({ name, queues }) => `worker ${name} is alive; queues that it consumes: ${queues}`,
  },
  {
    check: 'workers',
    status: 'warning',
    what: ({ name }) => `worker ${name} is on record, but it is not alive`,
    remedy: 'read its log; the other workers remove its record by themselves',
  },
];

export const NO_WORKER_RULES: readonly DoctorRule<null>[] = [
  {
    check: 'workers',
    status: 'problem',
    what: 'no worker is on record',
    remedy: 'start a worker: netprov worker --host H',
  },
];

interface OwnerFacts {
  host: string;
  /** The worker that acts for the host; null: none of those on record. */
  owner: Pick<WorkerSeen, 'name' | 'lives'> | null;
}

/** Which worker acts for a conductor host. */
export const OWNER_RULES: readonly DoctorRule<OwnerFacts>[] = [
  {
    check: 'owners',
    status: 'ok',
    when: ({ owner }) => owner === null,
    what: ({ host }) =>
      `no worker acts for conductor host ${host} at the moment: a worker takes it over with the next request`,
  },
  {
    check: 'owners',
    status: 'ok',
    when: ({ owner }) => owner?.lives === true,
    what: ({ host, owner }) => `${owner?.name ?? ''} acts for conductor host ${host}`,
  },
  {
    check: 'owners',
    status: 'warning',
    what: ({ host, owner }) => `${owner?.name ?? ''} acts for conductor host ${host}, but it is not alive`,
    remedy: ({ host }) =>
      `another worker takes over with the next request; if none runs, start one: netprov worker --host ${host}`,
  },
];

/** Operations with something in common. */
export interface SomeOperations {
  count: number;
  /** The id of the oldest one. */
  oldest: string;
  /** The number that they were compared with. */
  limit: number;
}

/** Operations that run for longer than worker.retry.deadline. */
export const LONG_RULES: readonly DoctorRule<SomeOperations>[] = [
  {
    check: 'operations',
    status: 'warning',
    when: ({ count }) => count > 0,
    what: ({ count, oldest, limit }) =>
      `operations that have been running for longer than worker.retry.deadline, ${limit} s: ${count}; the oldest: ${oldest}`,
    remedy: ({ oldest }) =>
      `see why it is retried: netprov operation show ${oldest}; if no worker runs it, start a worker for its conductor host`,
  },
  {
    check: 'operations',
    status: 'ok',
    what: 'no operation has been running for longer than worker.retry.deadline',
  },
];

/** Operations that crashed workers worker.poison.suspect_after times. */
export const POISON_RULES: readonly DoctorRule<SomeOperations>[] = [
  {
    check: 'poison',
    status: 'problem',
    when: ({ count }) => count > 0,
    what: ({ count, oldest, limit }) =>
      `operations that crashed workers ${limit} times or more: ${count}; the oldest: ${oldest}`,
    remedy: ({ oldest }) =>
      `read the workers' logs and netprov operation show ${oldest}; after more crashes it becomes a dead letter`,
  },
];

/** Operations whose result is owed for longer than OWED. */
export const OWED_RULES: readonly DoctorRule<SomeOperations>[] = [
  {
    check: 'owed',
    status: 'warning',
    when: ({ count }) => count > 0,
    what: ({ count, oldest }) => `results of casts that were not delivered: ${count}; the oldest: ${oldest}`,
    remedy:
      'workers of their conductor hosts deliver them: check that such a worker runs, and that RabbitMQ accepts its messages',
  },
];

/** How many nodes were not checked within UNSETTLED. */
export const LATE_RULES: readonly DoctorRule<number>[] = [
  {
    check: 'late',
    status: 'warning',
    when: (nodes) => nodes > 0,
    what: (nodes) => `nodes that had unanswered requests and were not checked for their effects in Neutron: ${nodes}`,
    remedy:
      'workers of their conductor hosts check them: see that such a worker runs; or run netprov reconcile --all --fix',
  },
];
