import { randomUUID } from 'node:crypto';

import Table from 'cli-table3';

import type { TaskInput } from '../src/index.js';
import type { NeutronPort } from '../src/neutron/resources.js';
import { randomMac } from '../testkit/fixtures/samples.js';
import { TestNeutron } from '../testkit/servers/neutron.js';

export interface Network {
  id: string;
  name: string;
}

/** The networks in the demo. */
export interface Networks {
  provisioning: Network;
  cleaning: Network;
  tenantA: Network;
  tenantB: Network;
}

/** The bare-metal cloud of the demo: its networks in Neutron, and the state of a node in Neutron. */
export class Cloud {
  readonly neutron: TestNeutron;
  #names = new Map<string, string>();

  /** @param source the source of the tables, as printed for the reader */
  constructor(
    endpoint: string,
    private readonly source: string,
  ) {
    this.neutron = new TestNeutron(endpoint);
  }

  async makeNetworks(): Promise<Networks> {
    const run = randomUUID().slice(0, 4);
    const make = async (name: string): Promise<Network> => {
      const network = await this.neutron.makeNetwork(`${name}-${run}`);
      this.#names.set(network.id, network.name);
      return network;
    };
    return {
      provisioning: await make('provisioning'),
      cleaning: await make('cleaning'),
      tenantA: await make('tenant-a'),
      tenantB: await make('tenant-b'),
    };
  }

  /** Makes a tenant's port, as Nova or a user does; it is not yet bound. Returns its id. */
  async makeVif(network: Network): Promise<string> {
    return (await this.neutron.makePort(network.id, { device_owner: 'baremetal:demo' })).id;
  }

  /** The Neutron ports of a node: those bound to it, and the VIFs attached to it. */
  async portsOf({ node, ports = [], portgroups = [] }: TaskInput): Promise<NeutronPort[]> {
    const vifs = [...ports, ...portgroups].flatMap(({ internal_info: info }) => info?.['tenant_vif_port_id'] ?? []);
    const found: NeutronPort[] = [];
    for (const network of this.#names.keys()) found.push(...(await this.neutron.portsOn(network)));
    return found.filter((port) => port['binding:host_id'] === node.uuid || vifs.includes(port.id));
  }

  /** Prints on which networks the node is according to Neutron. */
  async show(task: TaskInput): Promise<void> {
    const table = new Table({
      head: ['node', 'connected by', 'network', 'Neutron port', 'VIF type', 'status', 'MAC address'],
      style: { head: [], border: [] },
    });
    const name = task.node.name ?? task.node.uuid;
    for (const port of await this.portsOf(task)) {
      table.push([
        name,
        connectedBy(port),
        this.#names.get(port.network_id) ?? port.network_id,
        port.id,
        port['binding:vif_type'],
        port.status,
        port.mac_address,
      ]);
    }
    if (table.length === 0) table.push([name, '-', 'no network', '-', '-', '-', '-']);
    console.log(`${this.source} shows:`);
    console.log(table.toString());
  }
}

function connectedBy(port: NeutronPort): string {
  const profile = (port['binding:profile'] as { local_link_information?: { port_id?: string }[] } | null) ?? {};
  const links = profile.local_link_information ?? [];
  const switchPorts = links.map(({ port_id: id }) => id ?? '?').join(' + ');
  if (switchPorts === '') return 'not bound';
  return links.length > 1 ? `LAG ${switchPorts}` : `NIC ${switchPorts}`;
}

const nic = (switchPort: string, fields: object = {}): NonNullable<TaskInput['ports']>[number] => ({
  uuid: randomUUID(),
  address: randomMac(),
  pxe_enabled: true,
  physical_network: 'physnet1',
  local_link_connection: { switch_id: '00:1c:73:00:00:01', port_id: switchPort, switch_info: 'leaf-1' },
  ...fields,
});

/** A node with two NICs. */
export function twoNics(): TaskInput {
  return {
    node: { uuid: randomUUID(), name: 'node-1', network_provider: 'neutron' },
    ports: [nic('Ethernet1'), nic('Ethernet2')],
    portgroups: [],
  };
}

/** A node whose two NICs form one LAG. */
export function oneLag(): TaskInput {
  const lag = { uuid: randomUUID(), name: 'bond0', address: randomMac(), mode: '802.3ad', properties: { miimon: 100 } };
  return {
    node: { uuid: randomUUID(), name: 'node-2', network_provider: 'neutron' },
    ports: [nic('Ethernet11', { portgroup_uuid: lag.uuid }), nic('Ethernet12', { portgroup_uuid: lag.uuid })],
    portgroups: [lag],
  };
}

/** The task with VIFs attached to its portgroups, or else to its ports, in their order. */
export function attachVifs(task: TaskInput, vifs: readonly string[]): TaskInput {
  const attach = <T extends object>(items: T[] | undefined): T[] =>
    (items ?? []).map((item, index) => {
      const vif = vifs[index];
      return vif === undefined ? item : { ...item, internal_info: { tenant_vif_port_id: vif } };
    });
  return task.portgroups?.length
    ? { ...task, portgroups: attach(task.portgroups) }
    : { ...task, ports: attach(task.ports) };
}
