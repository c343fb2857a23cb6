import type { MethodName } from '../../src/contract/methods.js';
import { NetworkProviderClient, type TaskInput } from '../../src/index.js';
import { freePort } from '../proxies/free-port.js';
import { HttpProxy } from '../proxies/http-proxy.js';
import { type ApiProcess, startApi } from './api-process.js';
import { BaremetalAgents } from './baremetal-agent.js';
import { TestBroker } from './broker.js';
import { createDatabase, type TestDatabase } from './database.js';
import { Netprov } from './netprov.js';
import { TestNeutron } from './neutron.js';

const HOST = 'conductor-1';

interface WorldOptions {
  /** Variables of the API that differ from those of an API without authentication. */
  api: Record<string, string>;
  /** Seconds for which the worker tries again: then a cast becomes a dead letter. */
  retryDeadline: number;
}

interface Parts extends WorldOptions {
  /** The port of the API, also after it was started again. */
  port: number;
  database: TestDatabase;
  broker: TestBroker;
  neutron: TestNeutron;
  guard: HttpProxy;
  networks: { provisioning: string; cleaning: string; tenant: string };
}

/** All that a console shows: an API and a worker as processes, with RabbitMQ, MariaDB and a real Neutron. */
export class ConsoleWorld {
  readonly client: NetworkProviderClient;
  readonly #agents = new BaremetalAgents();
  #api: ApiProcess | null = null;
  #worker: Netprov | null = null;

  private constructor(private readonly parts: Parts) {
    this.client = new NetworkProviderClient({ transportUrl: parts.broker.url() });
  }

  static async start({ api = {}, retryDeadline = 300 }: Partial<WorldOptions> = {}): Promise<ConsoleWorld> {
    const [database, broker, neutron] = [await createDatabase(), await TestBroker.create(), new TestNeutron()];
    const guard = await HttpProxy.start(neutron.endpoint);
    const network = async (): Promise<string> => (await neutron.makeNetwork()).id;
    const networks = { provisioning: await network(), cleaning: await network(), tenant: await network() };
    const port = await freePort();
    const world = new ConsoleWorld({ api, retryDeadline, port, database, broker, neutron, guard, networks });
    await world.#startWorker();
    await world.startApi();
    return world;
  }

  get url(): string {
    return `http://127.0.0.1:${this.parts.port}/console/`;
  }

  get networks(): Parts['networks'] {
    return this.parts.networks;
  }

  get neutron(): TestNeutron {
    return this.parts.neutron;
  }

  /** Stands before Neutron: it decides what the worker gets of it. */
  get guard(): HttpProxy {
    return this.parts.guard;
  }

  get database(): TestDatabase {
    return this.parts.database;
  }

  /** From now on Neutron takes no changes; guard.reset() ends that. */
  beginOutage(): void {
    this.guard.fate = ({ method }) => (method === 'GET' ? 'pass' : { status: 503 });
  }

  async #startWorker(): Promise<void> {
    const { networks, guard, retryDeadline } = this.parts;
    this.#worker = new Netprov(['worker', '--host', HOST], {
      ...this.#servers(),
      NETPROV_NEUTRON_ENDPOINT: guard.url,
      NETPROV_PROVISIONING_NETWORK: networks.provisioning,
      NETPROV_CLEANING_NETWORK: networks.cleaning,
      NETPROV_HEALTH_PORT: 'null',
      NETPROV_WORKER_RETRY_DEADLINE: String(retryDeadline),
      // If Neutron was busy, and an attempt was repeated, the worker would look again after two minutes, and undo what a test
      // has done behind its back.
      NETPROV_WORKER_LATE_WINDOW: '86400',
    });
    await this.#worker.says('the worker is ready');
  }

  /** Starts the API, or starts it again. */
  async startApi(): Promise<void> {
    await this.stopApi();
    const { api, port, guard } = this.parts;
    const own = { NETPROV_NEUTRON_ENDPOINT: guard.url, NETPROV_API_PORT: String(port) };
    this.#api = await startApi({ ...this.#servers(), ...own, ...api });
  }

  async stopApi(): Promise<void> {
    await this.#api?.stop();
    this.#api = null;
  }

  /** The URL of a page. */
  page(path = ''): string {
    return `${this.url}${path}`;
  }

  /** Has Neutron know the node, so that its ports can be bound. */
  report(task: TaskInput): Promise<void> {
    return this.#agents.report(task.node.uuid);
  }

  /** Takes the node from its network by hand, behind our back: Neutron then differs from the record. */
  async unbind({ node }: TaskInput): Promise<string[]> {
    const { neutron, networks } = this.parts;
    const ports = await neutron.portsOn(networks.cleaning);
    const own = ports.filter((port) => port['binding:host_id'] === node.uuid).map(({ id }) => id);
    if (own.length === 0) throw new Error(`${node.uuid} has no port on the cleaning network`);
    for (const id of own) await neutron.changePort(id, { 'binding:host_id': '', 'binding:profile': {} });
    return own;
  }

  cast(method: MethodName, task: TaskInput): Promise<string> {
    return this.client.cast(method, { host: HOST, task });
  }

  async drop(): Promise<void> {
    this.guard.reset();
    await this.stopApi();
    await this.#worker?.stop();
    await this.client.close();
    await this.#agents.drop();
    await this.guard.stop();
    await this.parts.neutron.drop();
    await this.parts.broker.drop();
    await this.parts.database.drop();
  }

  #servers(): Record<string, string> {
    return {
      NETPROV_TRANSPORT_URL: this.parts.broker.url(),
      NETPROV_DATABASE_URL: this.parts.database.connection,
    };
  }
}
