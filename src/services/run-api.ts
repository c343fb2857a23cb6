import { RpcConnection } from '../amqp/index.js';
import { type ApiOptions, type ApiParts, createApi } from '../api/api-server.js';
import { hostNamesOf } from '../api/auth/host-names.js';
import { renewCertificates, type TlsFiles } from '../api/http/tls.js';
import type { ApiServer } from '../api/http/types.js';
import type { SeesPort } from '../api/routes/vif-routes.js';
import { errorText } from '../async/error-text.js';
import { type Config, ConfigurationError } from '../config/load.js';
import { Nodes } from '../inventory/nodes.js';
import { Portgroups } from '../inventory/portgroups.js';
import { Ports } from '../inventory/ports.js';
import { componentLogger, type Logger } from '../log/log.js';
import { EventsPublisher } from '../messages/neutron-events.js';
import { NeutronClient } from '../neutron/client.js';
import { BUILT_IN } from '../providers/provider-registry.js';
import { version } from '../version.js';
import type { Readiness } from '../worker/options.js';
import { openAuthenticator, tlsFiles } from './api-access.js';
import { awaitDatabase } from './await-database.js';
import { connectionOptions, openClient } from './connect.js';
import { databaseOf } from './database-access.js';
import { openOperatorTools } from './operator-tools.js';
import { type Closers, type Opening, runService, type Service } from './service.js';

/** Options of the API, from the configuration. */
export function apiOptions(config: Config): ApiOptions {
  const { api, oslo_policy, rbac_service_project_name, rbac_service_role_elevated_access } = config;
  const { project_admin_can_manage_own_nodes } = api;
  const rbac = { rbac_service_project_name, rbac_service_role_elevated_access };
  return {
    version,
    authStrategy: config.auth_strategy,
    publicEndpoint: api.public_endpoint,
    topic: config.rpc.topic,
    maxLimit: api.max_limit,
    maxBodyBytes: api.max_body_bytes,
    trustedProxies: api.trusted_proxies,
    tls: tlsFiles(config),
    console: api.console,
    guard: {
      policy: { ...rbac, ...oslo_policy, project_admin_can_manage_own_nodes },
      rateLimit: api.rate_limit,
      maxAuthFailures: api.max_auth_failures,
      // Whoever has to log in is known by that, whatever name the request is for.
      hostNames: config.auth_strategy === 'noauth' ? hostNamesOf(api) : null,
    },
  };
}

/**
 * Serves the REST API until SIGTERM or SIGINT.
 *
 * @param read reads the configuration again, after SIGHUP
 */
export function runApi(config: Config, read: () => Config): Promise<void> {
  const options = apiOptions(config);
  return runService(config, read, {
    name: 'API',
    healthPort: config.api.health_port,
    serves: { host: config.api.bind_host, port: config.api.port, auth_strategy: config.auth_strategy },
    open: async (opening) => new RunningApi(config, options, await openParts(config, opening)),
  });
}

/** The API, after its parts were opened. */
class RunningApi implements Service {
  #server: ApiServer | null = null;
  #stopRenewing: () => void = () => undefined;

  constructor(
    private readonly config: Config,
    private readonly options: ApiOptions,
    private readonly parts: ApiParts,
  ) {}

  /** @throws ConfigurationError when it cannot listen on its address */
  async start(): Promise<void> {
    const { bind_host: host, port } = this.config.api;
    this.#server = await createApi(this.options, this.parts);
    const address = await this.#server.listen({ host, port }).catch((error: unknown) => {
      const where = `api.bind_host is ${host}, and api.port is ${port}`;
      throw new ConfigurationError([`${where}: cannot listen there: ${errorText(error)}`]);
    });
    this.parts.log.info('the API answers', { address });
    if (this.options.tls !== null) {
      this.#stopRenewing = renewOnHangUp(this.#server, this.options.tls, this.parts.log);
    }
  }

  /** Takes no new requests, and answers those that are under way. */
  async stop(): Promise<void> {
    this.#stopRenewing();
    await this.#server?.close();
  }

  /**
   * The API is ready when the database answers. Without RabbitMQ, only requests that need a worker fail: events,
   * validation, VIF changes, and changes of ports that Neutron must know.
   */
  async readiness(): Promise<Readiness> {
    const reasons = await this.parts.dataSource.query('SELECT 1').then(
      () => [],
      () => ['the database does not answer'],
    );
    return { ready: reasons.length === 0, reasons };
  }
}

async function openParts(config: Config, { log, closers, signal, onWait, registry }: Opening): Promise<ApiParts> {
  const apiLog = componentLogger(log, 'api');
  const authenticator = await openAuthenticator(config, apiLog);
  closers.push(() => authenticator.close());
  const stateLog = componentLogger(log, 'state');
  const dataSource = await awaitDatabase(() => databaseOf(config, stateLog), stateLog, signal, onWait);
  closers.push(() => dataSource.destroy());
  const client = openClient(config, 'netprov api', componentLogger(log, 'rpc'));
  closers.push(() => client.close());
  const providers = [...Object.keys(BUILT_IN), ...Object.keys(config.providers)];
  return {
    dataSource,
    nodes: new Nodes(dataSource, () => providers),
    ports: new Ports(dataSource, async ({ uuid, conductor_host: host }, port) => {
      const target = { nodeId: uuid, host: host ?? undefined, served: true };
      await client.call('port_changed', { ...target, args: { port_obj: port } });
    }),
    portgroups: new Portgroups(dataSource),
    client,
    seesPort: openBoundary(config, closers),
    tools: openOperatorTools(config, { dataSource, client, log, closers }),
    events: openEvents(config, componentLogger(log, 'rpc'), closers),
    registry,
    authenticator,
    log: apiLog,
  };
}

/**
 * Asks Neutron which ports callers can see; null: Neutron treats every caller as an administrator, or callers have no
 * tokens.
 */
function openBoundary({ auth_strategy, neutron }: Config, closers: Closers): SeesPort | null {
  if (auth_strategy !== 'keystone' || neutron.auth_type === 'none') return null;
  const client = new NeutronClient(neutron);
  closers.push(() => client.close());
  return (id, token) => client.isVisible(id, token);
}

/** Connects to RabbitMQ in the background. Until it is connected, events get 503 and everything else works. */
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

/** Reads the certificates again at SIGHUP. If the files are unusable, the old certificates stay in use. */
function renewOnHangUp({ server }: ApiServer, files: TlsFiles, log: Logger): () => void {
  const renew = (): void => {
    try {
      renewCertificates(server, files);
      log.info('SIGHUP: read the files of section ssl again', { ...files });
    } catch (error) {
      log.error(
        'SIGHUP: cannot use the new files of section ssl; the API keeps the old certificate: correct the files and send SIGHUP again',
        { error },
      );
    }
  };
  process.on('SIGHUP', renew);
  return () => {
    process.off('SIGHUP', renew);
  };
}
