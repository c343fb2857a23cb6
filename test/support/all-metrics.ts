import { registerMetrics } from '../../src/api/metrics.js';
import { faultMetrics } from '../../src/metrics/faults.js';
import { neutronMetrics, watchNeutron } from '../../src/metrics/neutron.js';
import { watchConnections } from '../../src/metrics/rabbitmq.js';
import { createRegistry } from '../../src/metrics/registry.js';
import { watchReadiness, watchStatus } from '../../src/metrics/status.js';
import { workerMetrics } from '../../src/metrics/worker.js';
import { RpcConnection } from '../../src/rpc/index.js';
import { silentLogger } from '../../src/log.js';
import Fastify from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';

/** A metric, as its registry knows it. */
export interface KnownMetric {
  name: string;
  type: string;
  labels: string[];
}

/** Every metric that a process of ours may have: those of a worker, and those of the API. */
export function allMetrics(): KnownMetric[] {
  const registry = createRegistry();
  const connection = new RpcConnection({
    transportUrl: 'rabbit://127.0.0.1:1/',
    heartbeat: 0,
    reconnect: { initialDelay: 1, maxDelay: 1 },
    connectionName: 'never connected',
    log: silentLogger(),
  });
  const never = (): never => {
    throw new Error('nobody scrapes here');
  };
  watchReadiness(registry, never);
  faultMetrics(registry);
  workerMetrics(registry, []);
  neutronMetrics(registry);
  watchNeutron(registry, { availability: { away: null } });
  watchConnections(registry, { connection });
  watchStatus(registry, {
    worker: { status: never, owed: never },
    database: never,
    connection,
    maxOperations: 1,
    journal: true,
  });
  registerMetrics(Fastify().withTypeProvider<ZodTypeProvider>(), registry);
  return (registry.getMetricsAsArray() as unknown as { name: string; type: string; labelNames: string[] }[]).map(
    ({ name, type, labelNames }) => ({ name, type, labels: [...labelNames] }),
  );
}
