import type { NetworkType } from '../../contract/methods.js';
import type { BindingRecord, NodeRow, PortgroupRow, PortRow, Whereabouts } from '../../state/index.js';
import { formatTime, nicOf, printable, table } from './output.js';

/** The columns of a node that a list shows. */
export const LISTED_COLUMNS = ['uuid', 'name', 'network_provider', 'conductor_host', 'instance_uuid'] as const;

/** A node in a list. */
export interface ListedNode extends Pick<NodeRow, (typeof LISTED_COLUMNS)[number]> {
  /** Type of the network that it is on; null: it has no binding. */
  network_type: NetworkType | null;
}

/** A node with everything that is shown about it. */
interface ShownNode {
  node: NodeRow;
  network: Whereabouts;
  ports: PortRow[];
  portgroups: PortgroupRow[];
}

/**
 * A table of nodes for people, one per row.
 *
 * @param fallback the provider of nodes that have none of their own
 */
export function nodeTable(nodes: readonly ListedNode[], fallback: string): string {
  if (nodes.length === 0) return 'no node';
  const rows = nodes.map((node) => [
    node.uuid,
    node.name ?? '-',
    providerOf(node, fallback),
    node.network_type ?? '-',
    node.conductor_host ?? '-',
    node.instance_uuid ?? '-',
  ]);
  return table(['UUID', 'Name', 'Provider', 'Network', 'Host', 'Instance'], rows);
}

/** Everything about a node, for programs. */
export function nodeToJson({ node, network, ports, portgroups }: ShownNode): object {
  const { uuid, name, network_provider, conductor_host, instance_uuid, provision_state } = node;
  const { owner, lessee, driver_info, updated_at } = node;
  const shown = {
    uuid,
    name,
    network_provider,
    conductor_host,
    instance_uuid,
    provision_state,
    owner,
    lessee,
    driver_info,
    updated_at,
  };
  return { ...shown, network, ports, portgroups };
}

/** Everything about a node, for people. */
export function describeNode({ node, network, ports, portgroups }: ShownNode, fallback: string): string {
  const { network_type: type, since, operation_id: operation, bindings } = network;
  const facts: [string, string | null][] = [
    ['uuid', node.uuid],
    ['name', node.name],
    ['network provider', providerOf(node, fallback)],
    ['conductor host', node.conductor_host],
    ['instance', node.instance_uuid],
    ['provision state', node.provision_state],
    ['owner', node.owner],
    ['lessee', node.lessee],
    ['network', type ?? 'none'],
    ['since', since && formatTime(since)],
    ['by operation', operation],
  ];
  return [
    ...facts.map(([name, value]) => `${name}: ${printable(value ?? '-')}`),
    ...(bindings.length === 0 ? [] : ['bindings:', bindingRecordTable(bindings)]),
    ...(ports.length === 0 ? [] : ['ports:', portTable(ports)]),
    ...(portgroups.length === 0 ? [] : ['portgroups:', portgroupTable(portgroups)]),
  ].join('\n');
}

function providerOf({ network_provider: own }: Pick<NodeRow, 'network_provider'>, fallback: string): string {
  return own ?? `${fallback} (default)`;
}

function portTable(ports: readonly PortRow[]): string {
  const rows = ports.map((port) => [
    port.uuid,
    port.address,
    port.portgroup_uuid ?? '-',
    port.pxe_enabled === false ? 'no' : 'yes',
    port.physical_network ?? '-',
    switchOf(port),
  ]);
  return table(['UUID', 'MAC address', 'Portgroup', 'PXE', 'Physical network', 'Switch'], rows);
}

function switchOf({ local_link_connection: link }: PortRow): string {
  const parts = [link['switch_info'] ?? link['switch_id'] ?? link['hostname'], link['port_id']];
  return parts.filter((part) => typeof part === 'string').join(' ') || '-';
}

function portgroupTable(portgroups: readonly PortgroupRow[]): string {
  const rows = portgroups.map(({ uuid, name, address, mode }) => [uuid, name ?? '-', address ?? '-', mode ?? '-']);
  return table(['UUID', 'Name', 'MAC address', 'Mode'], rows);
}

/** A table of existing bindings, one per row. */
export function bindingRecordTable(bindings: readonly BindingRecord[]): string {
  if (bindings.length === 0) return 'no binding';
  const head = ['Node', 'Type', 'NIC', 'Neutron port', 'Network', 'Status', 'MAC address', 'Addresses', 'Since'];
  const rows = bindings.map((binding) => [
    binding.node_name ?? binding.node_uuid,
    binding.network_type,
    nicOf(binding),
    binding.neutron_port_id,
    binding.network_id,
    binding.status,
    binding.mac_address,
    binding.fixed_ips.map(({ ip_address }) => ip_address).join(' '),
    formatTime(binding.bound_at),
  ]);
  return table(head, rows);
}
