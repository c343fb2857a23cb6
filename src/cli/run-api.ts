import { createRequire } from 'node:module';

import { createApi, type ApiOptions, type ApiParts } from '../api/server.js';
import { renewCertificates, type TlsFiles } from '../api/tls.js';
import type { ApiServer } from '../api/types.js';
import { type Config, ConfigurationError } from '../config.js';
import { componentLogger, type Logger } from '../log.js';
import { EventsPublisher } from '../neutron-events.js';
import { RpcConnection } from '../rpc/index.js';
import { createRegistry, type Registry } from '../metrics/registry.js';
import { watchReadiness } from '../metrics/status.js';
import { Nodes } from '../inventory/nodes.js';
import { Portgroups } from '../inventory/portgroups.js';
import { Ports } from '../inventory/ports.js';
import { serveHealth, type Readiness } from '../worker/health.js';
import { openAuthenticator, tlsFiles } from './api-access.js';
import { BUILT_IN } from '../providers/registry.js';
import { awaitDatabase } from './await-database.js';
import { openServiceLog } from './service-log.js';
import { connectionOptions, openClient } from './context.js';
import { stopOnSignal } from './stop.js';

const { version } = createRequire(import.meta.url)('../../../package.json') as { version: string };

/** What the API needs to know, from what the configuration says. */
export function apiOptions(config: Config): ApiOptions {
  const { api, rbac_service_project_name, rbac_service_role_elevated_access } = config;
  return {
    version,
    publicEndpoint: api.public_endpoint,
    maxLimit: api.max_limit,
    maxBodyBytes: api.max_body_bytes,
    trustedProxies: api.trusted_proxies,
    tls: tlsFiles(config),
    guard: {
      policy: { rbac_service_project_name, rbac_service_role_elevated_access },
      rateLimit: api.rate_limit,
      maxAuthFailures: api.max_auth_failures,
    },
  };
}

/** What is closed, and in which order: what was opened last comes first. */
type Closers = (() => Promise<unknown>)[];

/**
 * Serves the REST API from its parts' opening to their closing, in the opposite order, when SIGTERM or SIGINT comes.
 * @param read reads the configuration once more: SIGHUP asks for it
 */
export async function runApi(config: Config, read: () => Config): Promise<void> {
  const options = apiOptions(config);
  const { log, release } = openServiceLog(config, read);
  const closers: Closers = [];
  const stop = stopOnSignal();
  const closing = new AbortController();
  let waitsFor: string | null = 'the API has not started yet';
  const readiness = (): Promise<Readiness> =>
    Promise.resolve({ ready: waitsFor === null, reasons: waitsFor === null ? [] : [waitsFor] });
  const onWait = (reason: string): void => {
    waitsFor = reason;
  };
  const registry = config.metrics.enabled ? createRegistry() : null;
  if (registry) watchReadiness(registry, readiness);
  const starting = openHealth(config, readiness, registry, log, closers)
    .then(() => openParts(config, log, registry, closers, closing.signal, onWait))
    .then(async (parts) => {
      await listen(config, options, parts, closers);
      waitsFor = null;
    });
  try {
    await Promise.race([stop.requested, starting]);
    log.info('the API stops', { reason: await stop.requested });
  } finally {
    closing.abort();
    await starting.catch(() => undefined);
    for (const close of closers.reverse()) await close();
    stop.dispose();
    release();
  }
}

async function openParts(
  config: Config,
  log: Logger,
  registry: Registry | null,
  closers: Closers,
  signal: AbortSignal,
  onWait: (reason: string) => void,
): Promise<ApiParts> {
  const apiLog = componentLogger(log, 'api');
  const authenticator = await openAuthenticator(config, apiLog);
  closers.push(() => authenticator.close());
  const dataSource = await awaitDatabase(config, componentLogger(log, 'state'), signal, onWait);
  closers.push(() => dataSource.destroy());
  const client = openClient(config, 'netprov api', componentLogger(log, 'rpc'));
  closers.push(() => client.close());
  const providers = [...Object.keys(BUILT_IN), ...Object.keys(config.providers)];
  return {
    dataSource,
    nodes: new Nodes(dataSource, () => providers),
    ports: new Ports(dataSource, async ({ uuid, conductor_host: host }, port) => {
      await client.call('port_changed', { nodeId: uuid, host: host ?? undefined, args: { port_obj: port } });
    }),
    portgroups: new Portgroups(dataSource),
    client,
    events: openEvents(config, componentLogger(log, 'rpc'), closers),
    registry,
    authenticator,
    log: apiLog,
  };
}

/** Connects by itself, now or later: until then events are answered with 503, and all else goes on. */
function openEvents(config: Config, log: Logger, closers: Closers): EventsPublisher {
  const connection = new RpcConnection(connectionOptions(config, 'netprov api events', log));
  const events = new EventsPublisher({ connection, topic: config.rpc.topic, log });
  closers.push(
    () => connection.close(),
    () => events.close(),
  );
  connection.connect().catch(() => undefined);
  return events;
}

async function listen({ api }: Config, options: ApiOptions, parts: ApiParts, closers: Closers): Promise<void> {
  const server = await createApi(options, parts);
  // Requests under way are answered; no new ones are taken.
  closers.push(() => server.close());
  const address = await server.listen({ host: api.bind_host, port: api.port }).catch((error: unknown) => {
    const where = `api.bind_host is ${api.bind_host}, and api.port is ${api.port}`;
    throw new ConfigurationError([`${where}, which cannot be listened on: ${(error as Error).message}`]);
  });
  parts.log.info('the API answers', { address });
  if (options.tls !== null) closers.push(renewOnHangUp(server, options.tls, parts.log));
}

/** SIGHUP has the certificates read again; with files that are of no use, those of before stay. */
function renewOnHangUp({ server }: ApiServer, files: TlsFiles, log: Logger): () => Promise<void> {
  const renew = (): void => {
    try {
      renewCertificates(server, files);
      log.info('SIGHUP: the files of section ssl were read again', { ...files });
    } catch (error) {
      log.error('SIGHUP: the files of section ssl cannot be used, and those of before stay', { error });
    }
  };
  process.on('SIGHUP', renew);
  return () => {
    process.off('SIGHUP', renew);
    return Promise.resolve();
  };
}

async function openHealth(
  { api, health }: Config,
  readiness: () => Promise<Readiness>,
  registry: Registry | null,
  log: Logger,
  closers: Closers,
): Promise<void> {
  if (api.health_port === null) return;
  const server = await serveHealth({ host: health.bind_host, port: api.health_port }, readiness, registry);
  closers.push(() => server.close());
  log.info('health checks answer', { address: `http://${health.bind_host}:${server.port}` });
}
