import type { DataSource, EntityManager } from 'typeorm';

import { queueName } from '../../rpc/index.js';
import {
  countOverdue,
  listQueueOwners,
  listWorkers,
  operationSeries,
  type QueueOwner,
  type WorkerSummary,
} from '../../state/index.js';
import { accessOf } from '../auth/guard.js';
import type { ApiServer } from '../http/types.js';
import { HEALTH, QUEUES, SERIES, WORKERS } from '../operators/schemas.js';
import { SharedAnswer } from '../operators/shared-answer.js';
import type { HealthFinding, OperatorTools } from '../operators/tools.js';

/** Milliseconds for which the findings are kept. The checks take some seconds, because they watch the workers. */
const KEEP_HEALTH = 10_000;
/** Milliseconds for which the depths of queues are kept. */
const KEEP_QUEUES = 2_000;
/** Milliseconds for which the series are kept. */
const KEEP_SERIES = 5_000;
/** The series: how many minutes, and seconds of a point. */
const MINUTES = 15;
const SPAN = 15;

export interface FleetRoutes {
  dataSource: DataSource;
  tools: Pick<OperatorTools, 'examine' | 'queues'>;
  /** Topic of the requests. */
  topic: string;
  maxLimit: number;
}

/**
 * Adds /v1/workers, /v1/health, /v1/queues and /v1/metrics/series: how the whole is. The answers come from the database and the
 * servers, not from this process, because workers are other processes.
 */
export function fleetRoutes(server: ApiServer, { dataSource, tools, topic, maxLimit }: FleetRoutes): void {
  const { manager } = dataSource;
  server.get(
    '/v1/workers',
    { schema: { summary: 'List the workers', response: WORKERS }, config: { policy: 'netprov:worker:list' } },
    async (request) => {
      accessOf(request).assert('netprov:worker:list');
      const [workers, owners] = await Promise.all([listWorkers(manager, maxLimit), listQueueOwners(manager, maxLimit)]);
      return workersAnswer(workers, owners, topic);
    },
  );
  const hosts = async (): Promise<string[]> => {
    const [workers, owners] = await Promise.all([listWorkers(manager, maxLimit), listQueueOwners(manager, maxLimit)]);
    const queues = [...owners.map(({ queue }) => queue), ...workers.flatMap((worker) => worker.queues)];
    return hostsOf([...new Set(queues)].sort(), topic);
  };
  const health = new SharedAnswer(async () => {
    // Without the database, the checks are needed most.
    return healthAnswer(await tools.examine(await hosts().catch(() => [])));
  }, KEEP_HEALTH);
  server.get(
    '/v1/health',
    {
      schema: { summary: 'Show what netprov doctor finds', response: HEALTH },
      config: { policy: 'netprov:health:get' },
    },
    async (request) => {
      accessOf(request).assert('netprov:health:get');
      return health.get();
    },
  );
  queueRoute(server, manager, tools, hosts);
  const series = new SharedAnswer(async () => {
    const found = await operationSeries(manager, { minutes: MINUTES, span: SPAN });
    return { span: SPAN, ...found };
  }, KEEP_SERIES);
  server.get(
    '/v1/metrics/series',
    {
      schema: { summary: 'Show rate, duration and retries of the last minutes', response: SERIES },
      config: { policy: 'netprov:metrics:get' },
    },
    async (request) => {
      accessOf(request).assert('netprov:metrics:get');
      return series.get();
    },
  );
}

/** @param hosts the conductor hosts that have, or have had, a worker */
function queueRoute(
  server: ApiServer,
  manager: EntityManager,
  tools: Pick<OperatorTools, 'queues'>,
  hosts: () => Promise<string[]>,
): void {
  const depths = new SharedAnswer(async () => {
    const [queues, owed] = await Promise.all([hosts().then((all) => tools.queues(all)), countOverdue(manager, 0)]);
    return { queues, owed_results: owed.count };
  }, KEEP_QUEUES);
  server.get(
    '/v1/queues',
    {
      schema: { summary: 'Show what waits in the queues', response: QUEUES },
      config: { policy: 'netprov:metrics:get' },
    },
    async (request) => {
      accessOf(request).assert('netprov:metrics:get');
      return depths.get();
    },
  );
}

function workersAnswer(workers: readonly WorkerSummary[], owners: readonly QueueOwner[], topic: string): object {
  const isHosts = ({ queue }: QueueOwner): boolean => hostsOf([queue], topic).length > 0;
  return {
    workers: workers.map(({ queues, ...worker }) => {
      const own = owners.filter(({ worker_id }) => worker_id === worker.id).map(({ queue }) => queue);
      const others = queues.filter((queue) => !own.includes(queue));
      return { ...worker, owns: hostsOf(own, topic), stands_by: hostsOf(others, topic) };
    }),
    hosts: owners.filter(isHosts).map(({ queue, worker_id, epoch, taken_at, lease }) => ({
      conductor_host: hostsOf([queue], topic)[0],
      worker_id,
      since: taken_at,
      epoch,
      lease: lease === null ? null : lease / 1000,
    })),
  };
}

function healthAnswer(findings: HealthFinding[]): object {
  const counts = { ok: 0, warning: 0, problem: 0 };
  for (const { status } of findings) counts[status] += 1;
  return { checked_at: new Date(), counts, findings };
}

/** The conductor hosts of the queues that belong to one. */
function hostsOf(queues: readonly string[], topic: string): string[] {
  const prefix = queueName(topic, '');
  return queues.filter((queue) => queue.startsWith(prefix)).map((queue) => queue.slice(prefix.length));
}
