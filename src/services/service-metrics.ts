import type { DataSource } from 'typeorm';

import type { RpcConnection } from '../amqp/index.js';
import type { Config } from '../config/load.js';
import type { Registry } from '../metrics/registry.js';
import { neutronMetrics, watchConnections, watchNeutron, watchStatus } from '../metrics/status.js';
import { workerMetrics } from '../metrics/worker.js';
import type { NeutronClient } from '../neutron/client.js';
import type { RequestObserver } from '../openstack/http.js';
import { BUILT_IN } from '../providers/provider-registry.js';
import { NO_METRICS, type WorkerMetrics } from '../worker/metrics.js';
import type { Worker } from '../worker/worker.js';

/** Observer of the requests to Neutron; undefined: metrics are off. */
export function measureNeutron(registry: Registry | null): RequestObserver | undefined {
  return registry ? neutronMetrics(registry) : undefined;
}

/** Metrics of the worker itself; they do nothing when metrics are off. */
export function measureWorker(registry: Registry | null, { providers }: Config): WorkerMetrics {
  return registry ? workerMetrics(registry, [...Object.keys(BUILT_IN), ...Object.keys(providers)]) : NO_METRICS;
}

/** Parts of a worker whose state is read when Prometheus asks. */
export interface WatchedParts {
  worker: Worker;
  consumer: RpcConnection;
  publisher: RpcConnection;
  dataSource: DataSource;
  neutron: NeutronClient;
}

/** Adds metrics whose values are read at each scrape. */
export function watchWorker(registry: Registry | null, config: Config, parts: WatchedParts): void {
  if (registry === null) return;
  const { worker, consumer, publisher, dataSource, neutron } = parts;
  watchConnections(registry, { consumer, publisher });
  watchNeutron(registry, neutron);
  watchStatus(registry, {
    worker,
    database: () => dataSource.query('SELECT 1'),
    connection: consumer,
    maxOperations: config.worker.max_operations,
    journal: config.journal.enabled,
  });
}
