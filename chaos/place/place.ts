import { fileURLToPath } from 'node:url';

import { HttpProxy } from '../../testkit/proxies/http-proxy.js';
import { TcpProxy } from '../../testkit/proxies/tcp-proxy.js';
import { BaremetalAgents } from '../../testkit/servers/baremetal-agent.js';
import { TestBroker } from '../../testkit/servers/broker.js';
import { createDatabase, type TestDatabase } from '../../testkit/servers/database.js';
import { TestNeutron } from '../../testkit/servers/neutron.js';
import { PLUGIN } from '../plan/answers.js';
import { CLOCK_WORKER, WORKERS } from '../plan/plan.js';
import type { Plan } from '../plan/types.js';
import { NeutronFaults } from './neutron-faults.js';
import { ResultsQueue } from './results-queue.js';
import type { Services } from './services.js';
import { installWitness } from './witness.js';
import { WorkerProcess } from './worker.js';

/** Beside this file, once both are compiled. */
const PLUGIN_FILE = fileURLToPath(new URL('plugin.js', import.meta.url));

export const EXCHANGE = 'ironic';
export const TOPIC = 'ironic.network_provider';

/**
 * Seconds after which a worker gives up a request to Neutron. Shorter than the default of 30: a late answer comes soon.
 */
export const NEUTRON_TIMEOUT = 10;
/**
 * Seconds between signs of life with RabbitMQ. Shorter than the default of 60: a stop or partition outlasts it soon.
 */
const HEARTBEAT = 4;
/** Seconds that a worker waits at most between two attempts to connect. Shorter than the default of 30. */
const RECONNECT = 2;
/**
 * Seconds for which a request without an answer may still take effect. Shorter than the default of 120: Neutron gets a
 * late one at most two seconds after the worker gave it up (chaos/faults/network.ts), and does it at once.
 */
export const LATE_WINDOW = 12;

export type NetworkKind = 'cleaning' | 'provisioning' | 'tenant';

export interface Network {
  id: string;
  name: string;
}

/** A worker, and what stands between it and each of its servers. */
export interface Member {
  worker: WorkerProcess;
  rabbitmq: TcpProxy;
  database: TcpProxy;
  neutron: HttpProxy;
  neutronFaults: NeutronFaults;
}

/** Where a run takes place: its servers, its virtual host, its database, its networks, and its workers. */
export class Place {
  readonly members: Member[] = [];
  readonly neutron: TestNeutron;
  readonly results: ResultsQueue;

  private constructor(
    readonly services: Services,
    readonly broker: TestBroker,
    readonly database: TestDatabase,
    readonly networks: Record<NetworkKind, Network>,
    /** Neutron's port that the tenant has made for a NIC, by the NIC's UUID. */
    readonly vifs: ReadonlyMap<string, string>,
    neutron: TestNeutron,
  ) {
    this.neutron = neutron;
    this.results = new ResultsQueue(broker, EXCHANGE, TOPIC);
  }

  /** @param folder for the logs */
  static async make(plan: Plan, services: Services, folder: string, secret: string): Promise<Place> {
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
    for (let index = 0; index < WORKERS; index++) await place.#addMember(index, plan.hosts, folder, secret);
    for (const { worker } of place.members) worker.start();
    await Promise.all(place.members.map(({ worker }) => worker.ready()));
    return place;
  }

  /** Ends the workers in good order. */
  async stopWorkers(): Promise<void> {
    await Promise.all(this.members.map(({ worker }) => worker.end('SIGTERM')));
    await this.#closeProxies();
  }

  /** Closes what this process has open, and leaves the rest as it is. */
  async leave(): Promise<void> {
    const { dataSource } = this.database;
    if (dataSource.isInitialized) await dataSource.destroy();
  }

  /** Removes what was made in the servers. */
  async drop(): Promise<void> {
    await this.database.drop();
    await this.broker.drop();
    await this.neutron.drop();
  }

  /** Kills the workers, and leaves the rest to script/services down. */
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

  async #addMember(index: number, hosts: readonly string[], folder: string, secret: string): Promise<void> {
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
      NETPROV_NEUTRON_PASSWORD: secret,
      NETPROV_NEUTRON_TIMEOUT: String(NEUTRON_TIMEOUT),
      NETPROV_WORKER_LATE_WINDOW: String(LATE_WINDOW),
      // Faults come one on the other here: what the plan makes succeed must not give up first.
      NETPROV_WORKER_RETRY_MAX_ATTEMPTS: '50',
      NETPROV_WORKER_RETRY_MAX_DELAY: '5',
      NETPROV_PROVIDERS: JSON.stringify({ [PLUGIN]: PLUGIN_FILE }),
      NETPROV_CLEANING_NETWORK: this.networks.cleaning.id,
      NETPROV_PROVISIONING_NETWORK: this.networks.provisioning.id,
      // Exchange and bindings outlive RabbitMQ: what a conductor sends before the workers are back is not dropped.
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

/** Neutron binds ports only where the node has been reported. */
async function report(nodes: readonly string[]): Promise<void> {
  const agents = new BaremetalAgents();
  for (const node of nodes) await agents.report(node);
  await agents.close();
}
