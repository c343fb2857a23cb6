import { fileURLToPath } from 'node:url';

import { HttpProxy } from '../../testkit/proxies/http-proxy.js';
import { TcpProxy } from '../../testkit/proxies/tcp-proxy.js';
import { BaremetalAgents } from '../../testkit/servers/baremetal-agent.js';
import { TestBroker } from '../../testkit/servers/broker.js';
import { createDatabase, type TestDatabase } from '../../testkit/servers/database.js';
import { required } from '../../testkit/servers/environment.js';
import { TestNeutron } from '../../testkit/servers/neutron.js';
import { PLUGIN } from '../plan/answers.js';
import { CLOCK_WORKER, WORKERS } from '../plan/plan.js';
import type { Plan } from '../plan/types.js';
import { NeutronFaults } from './neutron-faults.js';
import { ResultsQueue } from './results-queue.js';
import type { Services } from './services.js';
import { installWitness } from './witness.js';
import { WorkerProcess } from './worker.js';

/** The compiled plug-in, beside this file's own compiled form. */
const PLUGIN_FILE = fileURLToPath(new URL('plugin.js', import.meta.url));

export const EXCHANGE = 'ironic';
export const TOPIC = 'ironic.network_provider';

/**
 * Seconds after which a worker gives up waiting for Neutron. Shorter than the default of 30, so that late answers come
 * soon.
 */
export const NEUTRON_TIMEOUT = 10;
/**
 * Seconds after which a worker gives up a change. One Neutron process with the changes of all nodes at once, as after
 * its restart, needs about that long for the last of them.
 */
export const NEUTRON_CHANGE_TIMEOUT = 30;
/**
 * Seconds between heartbeats with RabbitMQ. Shorter than the default of 60, so that a stop or partition soon outlasts
 * it.
 */
const HEARTBEAT = 4;
/** Maximum seconds between two attempts of a worker to connect. Shorter than the default of 30. */
const RECONNECT = 2;
/**
 * Seconds during which an unanswered request may still take effect. Shorter than the default of 120: Neutron gets a
 * late request at most two seconds after the worker gave it up (chaos/faults/network.ts), and does it at once.
 */
export const LATE_WINDOW = 12;

export type NetworkKind = 'cleaning' | 'provisioning' | 'tenant';

export interface Network {
  id: string;
  name: string;
}

/** A worker, and the proxy before each of its servers. */
export interface Member {
  worker: WorkerProcess;
  rabbitmq: TcpProxy;
  database: TcpProxy;
  neutron: HttpProxy;
  neutronFaults: NeutronFaults;
}

/** Everything that a run uses: servers, virtual host, database, networks and workers. */
export class Place {
  readonly members: Member[] = [];
  readonly neutron: TestNeutron;
  readonly results: ResultsQueue;

  private constructor(
    readonly services: Services,
    readonly broker: TestBroker,
    readonly database: TestDatabase,
    readonly networks: Record<NetworkKind, Network>,
    /** The tenant's Neutron port for each NIC, by the NIC's UUID. */
    readonly vifs: ReadonlyMap<string, string>,
    neutron: TestNeutron,
  ) {
    this.neutron = neutron;
    this.results = new ResultsQueue(broker, EXCHANGE, TOPIC);
  }

  /** @param folder folder for the logs */
  static async make(plan: Plan, services: Services, folder: string): Promise<Place> {
    const neutron = new TestNeutron();
    const networks = {
      cleaning: await neutron.makeNetwork(),
      provisioning: await neutron.makeNetwork(),
      tenant: await neutron.makeNetwork(),
    };
    const vifs = new Map<string, string>();
    const nodes = plan.nodes.filter(({ provider }) => provider === 'neutron');
    for (const { nics } of nodes) {
      for (const { uuid } of nics) vifs.set(uuid, (await neutron.makePort(networks.tenant.id)).id);
    }
    const broker = await TestBroker.create();
    const database = await createDatabase();
    await installWitness(database.connection);
    const place = new Place(services, broker, database, networks, vifs, neutron);
    await place.results.declare(plan.hosts);
    await report(nodes.map(({ uuid }) => uuid));
    for (let index = 0; index < WORKERS; index++) await place.#addMember(index, plan.hosts, folder);
    for (const { worker } of place.members) worker.start();
    await Promise.all(place.members.map(({ worker }) => worker.ready()));
    return place;
  }

  /** Stops the workers with SIGTERM. */
  async stopWorkers(): Promise<void> {
    await Promise.all(this.members.map(({ worker }) => worker.end('SIGTERM')));
    await this.#closeProxies();
  }

  /** Closes this process's connections, and leaves everything else as it is. */
  async leave(): Promise<void> {
    const { dataSource } = this.database;
    if (dataSource.isInitialized) await dataSource.destroy();
  }

  /** Removes everything that was made in the servers. */
  async drop(): Promise<void> {
    await this.database.drop();
    await this.broker.drop();
    await this.neutron.drop();
  }

  /** Kills the workers; `script/services down` removes everything else. */
  async abandon(): Promise<void> {
    await Promise.all(this.members.map(({ worker }) => worker.end('SIGKILL')));
    await this.#closeProxies();
    await this.leave();
  }

  async #closeProxies(): Promise<void> {
    for (const { rabbitmq, database, neutron } of this.members) {
      await Promise.all([rabbitmq.stop(), database.stop(), neutron.stop()]);
    }
  }

  async #addMember(index: number, hosts: readonly string[], folder: string): Promise<void> {
    const url = new URL(this.database.connection);
    const rabbitmq = await TcpProxy.start(this.broker.host);
    const database = await TcpProxy.start({ hostname: url.hostname, port: Number(url.port) });
    const neutron = await HttpProxy.start(this.neutron.endpoint);
    url.port = String(database.port);
    const env = {
      NETPROV_HOST: hosts.join(','),
      NETPROV_TRANSPORT_URL: this.broker.url(rabbitmq.port),
      NETPROV_DATABASE_URL: url.toString(),
      NETPROV_NEUTRON_ENDPOINT: neutron.url,
      NETPROV_NEUTRON_AUTH_TYPE: 'password',
      NETPROV_NEUTRON_AUTH_URL: required('NETPROV_KEYSTONE_URL'),
      NETPROV_NEUTRON_USERNAME: required('NETPROV_KEYSTONE_USERNAME'),
      NETPROV_NEUTRON_PASSWORD: required('NETPROV_KEYSTONE_PASSWORD'),
      NETPROV_NEUTRON_PROJECT_NAME: required('NETPROV_KEYSTONE_PROJECT'),
      NETPROV_NEUTRON_TIMEOUT: String(NEUTRON_TIMEOUT),
      NETPROV_NEUTRON_CHANGE_TIMEOUT: String(NEUTRON_CHANGE_TIMEOUT),
      NETPROV_WORKER_LATE_WINDOW: String(LATE_WINDOW),
      // Here faults follow each other closely; an operation that the plan makes succeed must not run out of retries.
      NETPROV_WORKER_RETRY_MAX_ATTEMPTS: '50',
      NETPROV_WORKER_RETRY_MAX_DELAY: '5',
      NETPROV_PROVIDERS: JSON.stringify({ [PLUGIN]: PLUGIN_FILE }),
      NETPROV_CLEANING_NETWORK: this.networks.cleaning.id,
      NETPROV_PROVISIONING_NETWORK: this.networks.provisioning.id,
      // Exchange and bindings survive a restart of RabbitMQ, so casts that come before the workers return are not
      // dropped.
      NETPROV_OSLO_MESSAGING_RABBIT_AMQP_DURABLE_QUEUES: 'true',
      NETPROV_OSLO_MESSAGING_RABBIT_HEARTBEAT_TIMEOUT_THRESHOLD: String(HEARTBEAT),
      NETPROV_OSLO_MESSAGING_RABBIT_RABBIT_INTERVAL_MAX: String(RECONNECT),
      NETPROV_HEALTH_PORT: '0',
      NETPROV_LOG_FORMAT: 'json',
    };
    const options = { movableClock: index === CLOCK_WORKER };
    const worker = new WorkerProcess(`worker-${index}`, folder, env, options);
    this.members.push({ worker, rabbitmq, database, neutron, neutronFaults: new NeutronFaults(neutron) });
  }
}

/** Reports the nodes to Neutron, because it binds ports only to reported nodes. */
async function report(nodes: readonly string[]): Promise<void> {
  const agents = new BaremetalAgents();
  for (const node of nodes) await agents.report(node);
  await agents.close();
}
