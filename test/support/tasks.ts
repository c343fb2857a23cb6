import { randomUUID } from 'node:crypto';
import type { Node, Port, PortBinding, Portgroup, Task } from '../../src/contract/types.js';
import { NO_ARGUMENTS } from '../../src/contract/arguments.js';
import type { MethodName, NetworkType } from '../../src/contract/methods.js';
import type {
  NetworkProvider,
  ProviderContext,
  ProviderOutcome,
  RecordedBinding,
} from '../../src/providers/provider.js';
import { silentLogger } from '../../src/log.js';
import { randomMac } from './samples.js';

let switchPorts = 0;

/** A NIC on a switch port of its own. */
export function makePort(fields: Partial<Port> = {}): Port {
  return {
    uuid: randomUUID(),
    address: randomMac(),
    portgroup_uuid: null,
    pxe_enabled: true,
    local_link_connection: { switch_id: '00:11:22:33:44:55', port_id: `Ethernet1/${++switchPorts}` },
    physical_network: 'physnet1',
    is_smartnic: null,
    internal_info: {},
    extra: {},
    ...fields,
  };
}

export function makePortgroup(fields: Partial<Portgroup> = {}): Portgroup {
  return {
    uuid: randomUUID(),
    name: 'bond0',
    address: null,
    mode: '802.3ad',
    properties: { miimon: '100', bond_xmit_hash_policy: 'layer3+4' },
    standalone_ports_supported: false,
    physical_network: null,
    internal_info: {},
    extra: {},
    ...fields,
  };
}

export function makeNode(fields: Partial<Node> = {}): Node {
  return {
    uuid: randomUUID(),
    name: 'node-1',
    network_provider: 'neutron',
    instance_uuid: null,
    driver_info: {},
    instance_info: {},
    provision_state: null,
    boot_interface: null,
    pxe_boot: null,
    network_data: {},
    ...fields,
  };
}

/** A node with two NICs, unless told otherwise. */
export function makeTask(fields: Partial<Task> = {}): Task {
  return { node: makeNode(), ports: [makePort(), makePort()], portgroups: [], ...fields };
}

/** A node with a portgroup of two NICs. */
export function makeLagTask(portgroup: Partial<Portgroup> = {}): Task {
  const group = makePortgroup(portgroup);
  const member = () => makePort({ portgroup_uuid: group.uuid });
  return makeTask({ ports: [member(), member()], portgroups: [group] });
}

/** Attaches a VIF as Ironic notes it. */
export function withVif<T extends Port | Portgroup>(portLike: T, vif: string): T {
  return { ...portLike, internal_info: { tenant_vif_port_id: vif } };
}

/** The bindings as they are on record after an operation. */
export function record(type: NetworkType, bindings: readonly PortBinding[]): RecordedBinding[] {
  return bindings.map((binding) => ({ ...binding, network_type: type }));
}

export function makeContext(task: Task, fields: Partial<ProviderContext> = {}): ProviderContext {
  const requestId = `req-${randomUUID()}`;
  const { signal } = new AbortController();
  return { task, args: NO_ARGUMENTS, recorded: [], requestId, signal, log: silentLogger(), ...fields };
}

/** Runs a method of a provider; what it does not say of its outcome is empty. */
export async function runMethod(
  provider: NetworkProvider,
  method: MethodName,
  context: ProviderContext,
): Promise<ProviderOutcome> {
  const work = provider[method];
  if (work === undefined) throw new Error(`the provider has no ${method}`);
  return { bindings: [], failures: [], ...(await work(context)) };
}

/** The VIF attached to a port. */
export function vifOf(portLike: Port | Portgroup): string {
  const vif = portLike.internal_info['tenant_vif_port_id'];
  return typeof vif === 'string' ? vif : '';
}

export function makeBinding(fields: Partial<PortBinding> = {}): PortBinding {
  return {
    port_uuid: randomUUID(),
    portgroup_uuid: null,
    neutron_port_id: randomUUID(),
    network_id: randomUUID(),
    host_id: randomUUID(),
    vnic_type: 'baremetal',
    vif_type: 'other',
    status: 'ACTIVE',
    mac_address: randomMac(),
    fixed_ips: [],
    profile: {},
    ...fields,
  };
}
