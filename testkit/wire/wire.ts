import type { MethodName } from '../../src/contract/methods.js';
import { type ArgumentsInput, NetworkProviderClient, type OperationResult, type TaskInput } from '../../src/index.js';
import type { NeutronPort } from '../../src/neutron/resources.js';
import { Cleanup } from '../fixtures/cleanup.js';
import { TestBroker } from '../servers/broker.js';
import { createDatabase, type TestDatabase } from '../servers/database.js';
import { required } from '../servers/environment.js';
import { Netprov } from '../servers/netprov.js';
import { TestNeutron } from '../servers/neutron.js';
import { SecondNeutron } from '../servers/second-neutron.js';
import { Rack } from './rack.js';
import { NETWORKS, PARKING_VLAN } from './stations.js';
import type { SwitchLogin } from './switch-login.js';

/** The conductor host whose casts the worker takes. */
const HOST = 'wire-conductor';
/** An error of networking-generic-switch when it plugs a switch port in. */
const FAILED_PLUG = /'genericswitch' failed in \w+_port_postcommit/g;

/**
 * A rack whose switch a real Neutron configures, with networking-generic-switch, and a worker that takes casts for its nodes:
 * everything between a cast and a frame.
 */
export class Wire {
  #worker: Netprov | null = null;
  /** The further variables of the worker that runs. */
  #further: Record<string, string> = {};
  #earlierLog = '';
  readonly #results = new Map<string, (result: OperationResult) => void>();

  private constructor(
    readonly rack: Rack,
    readonly neutron: TestNeutron,
    /** The ids of the networks, by name. */
    readonly networks: Readonly<Record<string, string>>,
    private readonly server: SecondNeutron,
    private readonly client: NetworkProviderClient,
    private readonly database: TestDatabase,
    private readonly workerEnv: Record<string, string>,
    private readonly cleanup: Cleanup,
  ) {}

  /** @param patience seconds for which Neutron tries to reach the switch before a change of it fails */
  static async start(patience = 10): Promise<Wire> {
    const cleanup = new Cleanup();
    try {
      const python = required('NETPROV_WIRE_PYTHONPATH');
      const neutron = cleanup.add(new TestNeutron(), (made) => made.drop());
      const { networks, vlans } = await makeNetworks(neutron);
      const rack = cleanup.add(await Rack.build(vlans), (built) => built.remove());
      const server = await SecondNeutron.start(configuration(rack.login, patience), { PYTHONPATH: python });
      cleanup.add(server, (started) => started.stop());
      const broker = cleanup.add(await TestBroker.create(), (made) => made.drop());
      const database = cleanup.add(await createDatabase(), (made) => made.drop());
      const workerEnv = {
        NETPROV_TRANSPORT_URL: broker.url(),
        NETPROV_DATABASE_URL: database.connection,
        NETPROV_NEUTRON_ENDPOINT: server.endpoint,
        NETPROV_PROVISIONING_NETWORK: networks['provisioning'] ?? '',
        NETPROV_CLEANING_NETWORK: networks['cleaning'] ?? '',
        NETPROV_RESCUING_NETWORK: networks['rescuing'] ?? '',
        NETPROV_HEALTH_PORT: '0',
      };
      const client = new NetworkProviderClient({ transportUrl: broker.url() });
      cleanup.add(client, (opened) => opened.close());
      const wire = new Wire(rack, neutron, networks, server, client, database, workerEnv, cleanup);
      cleanup.add(wire, () => wire.#stopWorker());
      await wire.startWorker();
      await client.onResult(HOST, (result) => {
        wire.#results.get(`${result.node_uuid} ${result.method}`)?.(result);
      });
      return wire;
    } catch (error) {
      await cleanup.run();
      throw error;
    }
  }

  /** Starts the worker, in place of the one that runs, with further variables. */
  async startWorker(further: Record<string, string> = {}): Promise<void> {
    await this.#stopWorker();
    this.#further = further;
    this.#worker = new Netprov(['worker', '--host', HOST], { ...this.workerEnv, ...further });
    await this.#worker.says('the worker is ready');
  }

  async #stopWorker(): Promise<void> {
    await this.#worker?.stop();
    this.#earlierLog += this.#worker?.stderr ?? '';
    this.#worker = null;
  }

  /** Casts a method, and waits for the result. */
  async cast(method: MethodName, task: TaskInput, args: ArgumentsInput = {}): Promise<OperationResult> {
    const result = new Promise<OperationResult>((resolve) => {
      this.#results.set(`${task.node.uuid} ${method}`, resolve);
    });
    await this.client.cast(method, { task, args, host: HOST });
    return result;
  }

  /** Kills the worker, and starts it again. */
  async restartWorker(): Promise<void> {
    this.#worker?.kill('SIGKILL');
    await this.#worker?.ended;
    await this.startWorker(this.#further);
  }

  /** The networks on which a node is by the record: their names, sorted. */
  async recordedNetworks(node: string): Promise<string[]> {
    const statement = 'SELECT network_id FROM port_bindings WHERE node_uuid = ?';
    const rows = await this.database.dataSource.query<{ network_id: string }[]>(statement, [node]);
    return this.#names(rows.map(({ network_id: id }) => id));
  }

  /** Those of our networks on which Neutron has ports bound to a node, with the status of each port: sorted. */
  async boundNetworks(node: string): Promise<{ network: string; status: string }[]> {
    const { ports } = await this.api.api<{ ports: NeutronPort[] }>('GET', `ports?binding:host_id=${node}`);
    const own = ports.filter(({ network_id: id }) => Object.values(this.networks).includes(id));
    const bound = own.map(({ network_id: id, status }) => ({ network: this.#nameOf(id), status }));
    return bound.sort((one, other) => one.network.localeCompare(other.network));
  }

  #nameOf(id: string): string {
    return Object.entries(this.networks).find(([, own]) => own === id)?.[0] ?? id;
  }

  #names(ids: readonly string[]): string[] {
    return ids.map((id) => this.#nameOf(id)).sort();
  }

  /** Neutron's own API, on the server that configures the switch. */
  get api(): TestNeutron {
    return new TestNeutron(this.server.endpoint);
  }

  /** Kills Neutron, and starts it again. */
  async restartNeutron(): Promise<void> {
    await this.server.kill();
    await this.server.again();
  }

  /** How often networking-generic-switch could not plug a switch port in. */
  get failedPlugs(): number {
    return this.neutronLog.match(FAILED_PLUG)?.length ?? 0;
  }

  get neutronLog(): string {
    return this.server.log;
  }

  /** The log of the worker that runs, after those of the ones before it. */
  get workerLog(): string {
    return `${this.#earlierLog}${this.#worker?.stderr ?? ''}`;
  }

  async stop(): Promise<void> {
    await this.cleanup.run();
  }
}

/** The networks in Neutron, each with the VLAN that Neutron gave it. */
async function makeNetworks(
  neutron: TestNeutron,
): Promise<{ networks: Record<string, string>; vlans: Record<string, number> }> {
  const networks: Record<string, string> = {};
  const vlans: Record<string, number> = {};
  for (const name of NETWORKS) {
    const { id } = await neutron.makeNetwork(`wire-${name}-${process.pid}`);
    const { network } = await neutron.api<{ network: Record<string, number> }>('GET', `networks/${id}`);
    networks[name] = id;
    vlans[name] = network['provider:segmentation_id'] ?? 0;
  }
  return { networks, vlans };
}

function configuration(login: SwitchLogin, patience: number): Record<string, Record<string, string | number>> {
  return {
    ml2: { mechanism_drivers: 'genericswitch' },
    'genericswitch:leaf1': {
      device_type: 'netmiko_ovs_linux',
      ngs_mac_address: '00:aa:bb:cc:dd:ee',
      ip: '127.0.0.1',
      port: login.port,
      username: 'root',
      use_keys: 'True',
      key_file: login.key,
      ngs_physical_networks: 'physnet1',
      // Without it, an unplugged port is a trunk of all VLANs.
      ngs_port_default_vlan: PARKING_VLAN,
      // With the default of 60 s, a change takes longer than a worker waits for Neutron.
      ngs_ssh_connect_timeout: patience,
      ngs_ssh_connect_interval: 1,
    },
  };
}
