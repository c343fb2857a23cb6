import { Counter, Histogram, type Registry } from 'prom-client';

import { type QueueDepth, queueDepth, type RpcConnection } from '../amqp/index.js';
import type { RequestObserver } from '../openstack/http.js';
import type { Readiness, WorkerStatus } from '../worker/options.js';
import { gauge, number, Sample } from './registry.js';

/** Where the values of a scrape come from. */
interface StatusSources {
  worker: {
    status(): WorkerStatus;
    owed(limit: number): Promise<number>;
  };
  /** Resolves when the database answers. */
  database: () => Promise<unknown>;
  /**
   * A connection that does not publish. A broker short of memory or disk does not answer on connections that publish.
   */
  connection: RpcConnection;
  /** Most operations that are with their provider at the same time. */
  maxOperations: number;
  journal: boolean;
}

/** Most owed results that are counted, because counting a long backlog would be expensive for the database. */
const MOST_OWED = 10_000;

/** Adds a gauge with the answer of GET /readyz. */
export function watchReadiness(registry: Registry, readiness: () => Promise<Readiness>): void {
  const sample = new Sample(readiness);
  number(registry, 'netprov_ready', 'Whether the process is ready: 1 if /readyz answers 200.', async () => {
    return (await sample.read())?.ready ?? false;
  });
}

/** Adds gauges of a worker's state at the time of a scrape. */
export function watchStatus(registry: Registry, sources: StatusSources): void {
  const { worker, maxOperations, journal } = sources;
  const of = (read: (status: WorkerStatus) => number) => (): number => read(worker.status());
  const owed = new Sample(() => worker.owed(MOST_OWED));
  const database = new Sample(sources.database);
  number(
    registry,
    'netprov_messages_unsettled',
    'Messages that the worker took and has not settled.',
    of(({ messages }) => messages),
  );
  number(
    registry,
    'netprov_lanes',
    'Nodes with running or waiting operations in this worker.',
    of(({ lanes }) => lanes),
  );
  number(
    registry,
    'netprov_operations_running',
    'Operations that network providers are running.',
    of(({ running }) => running),
  );
  number(
    registry,
    'netprov_operations_limit',
    'Maximum of netprov_operations_running: worker.max_operations.',
    () => maxOperations,
  );
  number(registry, 'netprov_journal_enabled', 'Whether the journal keeps requests for replay.', () => journal);
  number(registry, 'netprov_results_owed', 'Results of casts whose delivery is not confirmed.', () => owed.read());
  number(registry, 'netprov_database_up', 'Whether the database answers.', async () => {
    return (await database.read()) !== null;
  });
  watchQueues(registry, sources);
}

function watchQueues(registry: Registry, { worker, connection }: StatusSources): void {
  const queue = ['queue'] as const;
  gauge(
    registry,
    'netprov_queue_consuming',
    'Whether this worker has a consumer on the queue, active or standby.',
    queue,
    (consuming) => {
      for (const one of worker.status().queues) consuming.set({ queue: one.queue }, Number(one.consuming));
    },
  );
  gauge(registry, 'netprov_queue_owned', 'Whether this worker acts for the queue.', queue, (owned) => {
    for (const one of worker.status().queues) owned.set({ queue: one.queue }, Number(one.owned));
  });
  const sample = new Sample(() => depths(worker.status(), connection));
  gauge(registry, 'netprov_queue_messages', 'Messages waiting in the queue.', queue, async (messages) => {
    for (const [name, depth] of (await sample.read()) ?? []) messages.set({ queue: name }, depth.messages);
  });
  gauge(registry, 'netprov_queue_consumers', 'Consumers of the queue, active or standby.', queue, async (consumers) => {
    for (const [name, depth] of (await sample.read()) ?? []) consumers.set({ queue: name }, depth.consumers);
  });
  const dead = new Sample(() => depthOf(worker.status().deadLetterQueue, connection));
  number(registry, 'netprov_dead_letter_queue_messages', 'Messages in the dead-letter queue.', async () => {
    return (await dead.read())?.messages ?? null;
  });
}

async function depths({ queues }: WorkerStatus, connection: RpcConnection): Promise<[string, QueueDepth][]> {
  const all = queues.map(async ({ queue }): Promise<[string, QueueDepth] | null> => {
    const depth = await depthOf(queue, connection).catch(() => null);
    return depth && [queue, depth];
  });
  return (await Promise.all(all)).filter((depth) => depth !== null);
}

/** @throws when there is no connection, or no such queue */
async function depthOf(queue: string, { model }: RpcConnection): Promise<QueueDepth> {
  if (model === null) throw new Error('not connected to RabbitMQ');
  return queueDepth(model, queue);
}

/** Upper bounds in seconds. Neutron takes half a second to bind a port, and much longer under load. */
const SECONDS = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

/** Counts and times requests to Neutron, and those to Keystone on its behalf. */
export function neutronMetrics(registry: Registry): RequestObserver {
  const requests = new Counter({
    name: 'netprov_neutron_requests_total',
    help: 'Requests to Neutron and Keystone, by status of the answer.',
    labelNames: ['call', 'status'] as const,
    registers: [registry],
  });
  const duration = new Histogram({
    name: 'netprov_neutron_request_duration_seconds',
    help: 'Time from a request to the end of its answer.',
    labelNames: ['call'] as const,
    buckets: SECONDS,
    registers: [registry],
  });
  return (call, outcome, seconds) => {
    requests.inc({ call, status: String(outcome) });
    duration.observe({ call }, seconds);
  };
}

/** The state of a client of Neutron. */
interface WatchedNeutron {
  availability: { away: string | null };
  requestLimit: number;
}

/** Adds gauges of how the client regards Neutron: as away, and as overloaded. */
export function watchNeutron(registry: Registry, neutron: WatchedNeutron): void {
  number(
    registry,
    'netprov_neutron_request_limit',
    'Most requests to Neutron at once: neutron.max_connections, or fewer while Neutron is overloaded.',
    () => neutron.requestLimit,
  );
  number(
    registry,
    'netprov_neutron_away',
    'Whether Neutron counts as down (even a test request gets no answer), so that operations are held.',
    () => neutron.availability.away !== null,
  );
}

/** Adds metrics of the connections to RabbitMQ, each under its name. */
export function watchConnections(registry: Registry, connections: Readonly<Record<string, RpcConnection>>): void {
  const all = Object.entries(connections);
  const labels = ['connection'] as const;
  gauge(registry, 'netprov_rabbitmq_connected', 'Whether the connection is open.', labels, (connected) => {
    for (const [connection, { state }] of all) connected.set({ connection }, Number(state === 'connected'));
  });
  gauge(
    registry,
    'netprov_rabbitmq_blocked',
    'Whether RabbitMQ accepts no messages (memory or disk alarm).',
    labels,
    (blocked) => {
      for (const [connection, { isBlocked }] of all) blocked.set({ connection }, Number(isBlocked));
    },
  );
  const made = new Counter({
    name: 'netprov_rabbitmq_connections_total',
    help: 'Number of times the connection was opened.',
    labelNames: labels,
    registers: [registry],
  });
  const lost = new Counter({
    name: 'netprov_rabbitmq_connection_losses_total',
    help: 'Number of times the connection was lost.',
    labelNames: labels,
    registers: [registry],
  });
  for (const [connection, events] of all) {
    made.inc({ connection }, 0);
    lost.inc({ connection }, 0);
    events.on('connected', () => {
      made.inc({ connection });
    });
    events.on('lost', () => {
      lost.inc({ connection });
    });
  }
}
