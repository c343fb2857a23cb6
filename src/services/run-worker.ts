import { redactTransportUrl, RpcConnection } from '../amqp/index.js';
import { errorText } from '../async/error-text.js';
import type { Config } from '../config/load.js';
import { MANAGEMENT_NETWORK_TYPES } from '../contract/methods.js';
import { componentLogger, type Logger } from '../log/log.js';
import { subscribeToEvents } from '../messages/neutron-events.js';
import { NeutronClient } from '../neutron/client.js';
import { missingPermissions, PERMISSIONS_REMEDY, visibleNetworks } from '../neutron/permissions.js';
import { PortEvents } from '../neutron/port-events.js';
import type { NeutronProviderOptions } from '../providers/neutron/binding/options.js';
import { BUILT_IN, ProviderRegistry } from '../providers/provider-registry.js';
import { Reconciler, type ReconcilerParts } from '../recovery/reconciler.js';
import { versionAndCommit } from '../version.js';
import type { WorkerOptions } from '../worker/options.js';
import { Worker } from '../worker/worker.js';
import { awaitDatabase } from './await-database.js';
import { connectionOptions, exchangeOptions, journalOptions, withClient } from './connect.js';
import { databaseOf, leasesOf } from './database-access.js';
import { type Opening, runService } from './service.js';
import { measureNeutron, measureWorker, watchWorker } from './service-metrics.js';

/** Seconds after which a worker delivers a result whose delivery was not confirmed: longer than any answer takes. */
const OWED_AFTER = 30;

/** Options of a worker, from the configuration. Seconds become milliseconds. */
export function workerOptions(config: Config): WorkerOptions {
  const { rpc, worker } = config;
  return {
    hosts: config.host,
    build: versionAndCommit(),
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
    owedAfter: OWED_AFTER,
    keepOperations: config.operations.keep,
    shutdownTimeout: worker.shutdown_timeout * 1000,
  };
}

/**
 * Runs a worker until SIGTERM or SIGINT.
 *
 * @param read reads the configuration again, after SIGHUP
 */
export function runWorker(config: Config, read: () => Config): Promise<void> {
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

/** Opens the parts of a worker. */
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

/** Subscribes to Neutron's events, which any netprov api may have received. */
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

/**
 * Logs which configured networks the Neutron credentials cannot see, and which permissions they lack to create ports
 * there. A worker does not wait for it when it starts, so Neutron may be away.
 */
export async function reportPermissions(
  options: NeutronProviderOptions,
  client: NeutronClient,
  log: Logger,
  signal: AbortSignal,
): Promise<void> {
  if (options.neutron.auth_type === 'none' && options.neutron.endpoint_override === null) return;
  try {
    const networks = await configuredNetworks(options, client, log, signal);
    const [network] = networks;
    if (network === undefined) return;
    const missing = await missingPermissions(client, network, { signal });
    if (missing.length === 0) log.info('the credentials for Neutron may create ports', { networks: networks.length });
    else {
      log.error(`the credentials for Neutron lack permissions: ${PERMISSIONS_REMEDY}`, {
        missing: missing.join(', '),
        network,
      });
    }
  } catch (error) {
    if (signal.aborted) return;
    const reason = errorText(error);
    log.warn('could not check the permissions of the credentials for Neutron', { reason });
  }
}

/** Ids of the configured networks. The log names networks that do not exist or are not visible. */
async function configuredNetworks(
  options: NeutronProviderOptions,
  client: NeutronClient,
  log: Logger,
  signal: AbortSignal,
): Promise<string[]> {
  const set = MANAGEMENT_NETWORK_TYPES.flatMap((type): { option: string; value: string }[] => {
    const value = options[`${type}_network`];
    return value === null ? [] : [{ option: `${type}_network`, value }];
  });
  const visible = await visibleNetworks(
    client,
    set.map(({ value }) => value),
    { signal },
  );
  const ids = new Set<string>();
  for (const { option, value } of set) {
    const [network] = visible.get(value) ?? [];
    if (network !== undefined) ids.add(network.id);
    else {
      log.error('Neutron shows no such network: create it, correct the option, or let the credentials see it', {
        option,
        value,
      });
    }
  }
  return [...ids];
}

/**
 * Starts the periodic comparison if the configuration asks for it.
 *
 * @returns a function that stops it
 */
function openReconciler(config: Config, parts: Omit<ReconcilerParts, 'cast'>): () => Promise<void> {
  const { interval, fix } = config.reconcile;
  if (interval === 0) return () => Promise.resolve();
  const options = { interval: interval * 1000, fix, defaultNetworkProvider: config.default_network_provider };
  const reconciler = new Reconciler(options, {
    ...parts,
    // Differences are rare, so the connection is opened only for the cast.
    cast: (nodes) =>
      withClient(config, {}, async (client) => {
        for (const { node, host } of nodes) {
          await client.cast('reconcile', { nodeId: node, host: host ?? undefined, args: { fix: true } });
        }
      }),
  });
  reconciler.start();
  return () => reconciler.stop();
}
