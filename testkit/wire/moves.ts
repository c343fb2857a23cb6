import type { MethodName } from '../../src/contract/methods.js';
import type { ArgumentsInput, TaskInput } from '../../src/index.js';
import { PARKED, type Phase } from './judge.js';

/** One cast of a walk, and where it takes the node. */
export interface Move {
  method: MethodName;
  /** Phases while the cast is under way, and after it. */
  during: string;
  after: string;
  /** Whether the node's VIFs are attached by then. */
  withVifs: boolean;
  /** The arguments beside the task. */
  args?: ArgumentsInput;
}

/** A node that walks: what Ironic says of it, and where its NICs go. */
export interface Walker {
  name: string;
  /** The port of the switch by which its first NIC is moved. */
  switchPort: string;
  task: TaskInput;
  /** The names of the tenant networks of its VIFs, in the order of its NICs. */
  tenants: readonly string[];
  /** Its NICs; the first boots from the network. */
  nics: readonly [string, ...string[]];
}

const LINK = { switch_id: '00:aa:bb:cc:dd:ee', switch_info: 'leaf1' };

/** Neutron knows a node by its UUID, and runs may share a Neutron. */
const nodeUuid = (node: number): string =>
  `${String(node).repeat(8)}-0000-4000-8000-${process.pid.toString(16).padStart(12, '0')}`;

const nic = (
  node: number,
  index: number,
  port_id: string,
  fields: object,
): NonNullable<TaskInput['ports']>[number] => ({
  uuid: `${String(node).repeat(8)}-0000-4000-8000-0000000000e${index}`,
  address: `52:54:00:0${node}:00:0${index}`,
  physical_network: 'physnet1',
  local_link_connection: { ...LINK, port_id },
  ...fields,
});

/** A node with two NICs, each on a tenant network of its own later. */
export function twoNics(): Walker {
  return {
    name: 'node1',
    switchPort: 'n1e0',
    task: {
      node: { uuid: nodeUuid(1), name: 'node1', network_provider: 'neutron' },
      ports: [nic(1, 0, 'n1e0', { pxe_enabled: true }), nic(1, 1, 'n1e1', { pxe_enabled: false })],
      portgroups: [],
    },
    tenants: ['tenant-a', 'tenant-b'],
    nics: ['eth0', 'eth1'],
  };
}

/** A node whose two NICs form a LAG, which the switch knows by one name. */
export function oneLag(): Walker {
  const portgroup_uuid = '22222222-0000-4000-8000-00000000000a';
  return {
    name: 'node2',
    switchPort: 'n2lag',
    task: {
      node: { uuid: nodeUuid(2), name: 'node2', network_provider: 'neutron' },
      ports: [0, 1].map((index) => nic(2, index, 'n2lag', { pxe_enabled: true, portgroup_uuid })),
      portgroups: [{ uuid: portgroup_uuid, name: 'bond0', address: '52:54:00:02:00:00', mode: '802.3ad' }],
    },
    tenants: ['tenant-a'],
    nics: ['bond0'],
  };
}

const move = (method: MethodName, from: string, to: string, withVifs = false): Move => ({
  method,
  during: `${from}>${to}`,
  after: to,
  withVifs,
});

/** Clean. */
export const CLEANING: readonly Move[] = [
  move('add_cleaning_network', PARKED, 'cleaning'),
  move('remove_cleaning_network', 'cleaning', PARKED),
];

/** Provision, up to the move to the tenant's networks. */
export const PROVISIONING: readonly Move[] = [
  move('add_provisioning_network', PARKED, 'provisioning'),
  move('remove_provisioning_network', 'provisioning', PARKED, true),
];

/** Rescue, and its end. */
export const RESCUING: readonly Move[] = [
  move('add_rescuing_network', PARKED, 'rescuing', true),
  move('remove_rescuing_network', 'rescuing', PARKED, true),
];

/** To the tenant's networks. */
export const TO_TENANT = move('configure_tenant_networks', PARKED, 'tenant', true);

/** Off the tenant's networks. */
export const FROM_TENANT = move('unconfigure_tenant_networks', 'tenant', PARKED, true);

/** A cast to a node that is on the tenant's networks, and is plugged in there again. */
export const atTenant = (method: MethodName, args: ArgumentsInput = {}): Move => ({
  ...move(method, PARKED, 'tenant', true),
  args,
});

/** Clean, provision, tenant, rescue, tenant again, unprovision. */
export const LIFE: readonly Move[] = [
  ...CLEANING,
  ...PROVISIONING,
  TO_TENANT,
  FROM_TENANT,
  ...RESCUING,
  TO_TENANT,
  FROM_TENANT,
];

/** Where the NICs of a walker are in each phase. */
export function phasesOf({ nics, tenants }: Walker): Record<string, Phase> {
  const placed = (place: string): Phase => {
    if (place === 'tenant') return Object.fromEntries(nics.map((nic, index) => [nic, [tenants[index] ?? PARKED]]));
    return { [nics[0]]: [place] };
  };
  const phase = (name: string): Phase => {
    const parts = name.split('>').map(placed);
    return Object.fromEntries(nics.map((nic) => [nic, parts.flatMap((part) => part[nic] ?? [PARKED])]));
  };
  const names = new Set([PARKED, ...LIFE.flatMap(({ during, after }) => [during, after])]);
  return Object.fromEntries([...names].map((name) => [name, phase(name)]));
}

/** The stations that a walker must reach by ping in a phase, among all networks: that of its first NIC. */
export function reachable({ tenants }: Walker, after: string): string[] {
  if (after === PARKED) return [];
  return after === 'tenant' ? tenants.slice(0, 1) : [after];
}
