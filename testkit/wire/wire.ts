import type { MethodName } from '../../src/contract/methods.js';
import { type ArgumentsInput, NetworkProviderClient, type OperationResult, type TaskInput } from '../../src/index.js';
import { Cleanup } from '../fixtures/cleanup.js';
import { TestBroker } from '../servers/broker.js';
import { createDatabase } from '../servers/database.js';
import { required } from '../servers/environment.js';
import { Netprov } from '../servers/netprov.js';
import { TestNeutron } from '../servers/neutron.js';
import { SecondNeutron } from '../servers/second-neutron.js';
import { Rack } from './rack.js';
import { NETWORKS, PARKING_VLAN } from './stations.js';
import type { SwitchLogin } from './switch-login.js';

/** The conductor host whose casts the worker takes. */
const HOST = 'wire-conductor';

/**
 * A rack whose switch a real Neutron configures, with networking-generic-switch, and a worker that takes casts for its nodes:
 * everything between a cast and a frame.
 */
export class Wire {
  #worker: Netprov | null = null;
  readonly #results = new Map<string, (result: OperationResult) => void>();

  private constructor(
    readonly rack: Rack,
    readonly neutron: TestNeutron,
    /** The ids of the networks, by name. */
    readonly networks: Readonly<Record<string, string>>,
    private readonly server: SecondNeutron,
    private readonly client: NetworkProviderClient,
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
      const wire = new Wire(rack, neutron, networks, server, client, workerEnv, cleanup);
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
    this.#worker = new Netprov(['worker', '--host', HOST], { ...this.workerEnv, ...further });
    await this.#worker.says('the worker is ready');
  }

  async #stopWorker(): Promise<void> {
    await this.#worker?.stop();
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

  /** Neutron's own API, on the server that configures the switch. */
  get api(): TestNeutron {
    return new TestNeutron(this.server.endpoint);
  }

  /** Kills Neutron, and starts it again. */
  async restartNeutron(): Promise<void> {
    await this.server.kill();
    await this.server.again();
  }

  get neutronLog(): string {
    return this.server.log;
  }

  get workerLog(): string {
    return this.#worker?.stderr ?? '';
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
