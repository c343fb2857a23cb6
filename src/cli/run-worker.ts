import { setFlagsFromString } from 'node:v8';

import type { Config } from '../config.js';
import { componentLogger, type Logger } from '../log.js';
import { NeutronClient } from '../neutron/client.js';
import { PortEvents } from '../neutron/port-events.js';
import { subscribeToEvents } from '../neutron-events.js';
import { BUILT_IN, ProviderRegistry } from '../providers/registry.js';
import { redactTransportUrl, RpcConnection } from '../rpc/index.js';
import type { WorkerOptions } from '../worker/options.js';
import { Worker } from '../worker/worker.js';
import { awaitDatabase } from './await-database.js';
import { connectionOptions, exchangeOptions, journalOptions } from './context.js';
import { databaseOf, leasesOf } from './database.js';
import { measureNeutron, measureWorker, watchWorker } from './measure.js';
import { openReconciler } from './open-reconciler.js';
import { reportPermissions } from './neutron-permissions.js';
import { runService, type Opening } from './service.js';

/** Seconds after which a result is delivered of which it is not known that it was: longer than any answer takes. */
const OWED_PATIENCE = 30;

/** What a worker needs to know, from what the configuration says. Seconds become milliseconds. */
export function workerOptions(config: Config): WorkerOptions {
  const { rpc, worker } = config;
  return {
    hosts: config.host,
    topic: rpc.topic,
    ...exchangeOptions(config),
    queueType: rpc.queue_type,
    journal: journalOptions(config),
    prefetch: rpc.prefetch,
    maxHeldBytes: rpc.max_held_bytes,
    pingEnabled: config.rpc_ping_enabled,
    maxMessageBytes: rpc.max_message_bytes,
    missingReplyTimeout: config.oslo_messaging_rabbit.kombu_missing_consumer_retry_timeout * 1000,
    defaultNetworkProvider: config.default_network_provider,
    retry: {
      maxAttempts: worker.retry.max_attempts,
      initialDelay: worker.retry.initial_delay * 1000,
      maxDelay: worker.retry.max_delay * 1000,
      deadline: worker.retry.deadline * 1000,
    },
    maxOperations: worker.max_operations,
    groupSize: worker.group_size,
    lease: worker.lease * 1000,
    poison: { suspectAfter: worker.poison.suspect_after, triesAlone: worker.poison.tries_alone },
    lateWindow: worker.late_window,
    owedPatience: OWED_PATIENCE,
    keepOperations: config.operations.keep,
    shutdownTimeout: worker.shutdown_timeout * 1000,
  };
}

/**
 * V8 lets the heap of a busy worker grow to four times what is in use before it collects. Growing by 60 % instead kept
 * it under 200 MB at the backlogs of docs/benchmarks.md, which also says what it costs. It is no limit.
 */
const HEAP_GROWTH = '--heap-growing-percent=60';

/**
 * Runs a worker until SIGTERM or SIGINT comes.
 * @param read reads the configuration once more: SIGHUP asks for it
 */
export function runWorker(config: Config, read: () => Config): Promise<void> {
  setFlagsFromString(HEAP_GROWTH);
  return runService(config, read, {
    name: 'worker',
    healthPort: config.health.port,
    serves: {
      hosts: config.host.join(','),
      topic: config.rpc.topic,
      default_network_provider: config.default_network_provider,
      transport_url: redactTransportUrl(config.transport_url),
    },
    open: (opening) => openWorker(config, opening),
  });
}

/** Opens what a worker works with. */
async function openWorker(config: Config, { log, closers, signal, onWait, registry }: Opening): Promise<Worker> {
  const stateLog = componentLogger(log, 'state');
  const dataSource = await awaitDatabase(() => databaseOf(config, stateLog), stateLog, signal, onWait);
  closers.push(() => dataSource.destroy());
  const leases = await awaitDatabase(() => leasesOf(config, stateLog), stateLog, signal, onWait);
  closers.push(() => leases.destroy());
  const neutronLog = componentLogger(log, 'neutron');
  const neutron = new NeutronClient(config.neutron, { observe: measureNeutron(registry), log: neutronLog });
  const probe = reportPermissions(config, neutron, neutronLog, signal);
  closers.push(async () => {
    await probe;
    await neutron.close();
  });
  const portEvents = new PortEvents(neutronLog);
  const providers = new ProviderRegistry({
    known: BUILT_IN,
    plugins: config.providers,
    defaultProvider: config.default_network_provider,
    services: { log: componentLogger(log, 'providers'), neutron, options: config, portEvents },
  });
  const [consumer, publisher] = ['consumer', 'publisher'].map((role) => {
    const name = `netprov worker ${config.host.join(',').slice(0, 100)} ${role}`;
    return new RpcConnection(connectionOptions(config, name, log.child({ connection: role })));
  }) as [RpcConnection, RpcConnection];
  closers.push(
    () => publisher.close(),
    () => consumer.close(),
  );
  closers.push(hearEvents(config, consumer, portEvents, neutronLog));
  const metrics = measureWorker(registry, config);
  const parts = { dataSource, providers, log: componentLogger(log, 'worker') };
  const worker = new Worker(workerOptions(config), { ...parts, leases, consumer, publisher, metrics });
  watchWorker(registry, config, { worker, consumer, publisher, dataSource, neutron });
  closers.push(openReconciler(config, { ...parts, hosts: () => worker.hosts() }));
  return worker;
}

/** Neutron's events, from whichever netprov api got them. */
function hearEvents(
  { rpc }: Config,
  connection: RpcConnection,
  portEvents: PortEvents,
  log: Logger,
): () => Promise<void> {
  const subscriber = subscribeToEvents({ connection, topic: rpc.topic, log: componentLogger(log, 'rpc') }, (event) => {
    portEvents.hear(event);
  });
  return () => subscriber.close();
}
