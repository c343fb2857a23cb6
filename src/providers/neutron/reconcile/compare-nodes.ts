import { IronicError } from '../../../contract/errors.js';
import {
  isManagementNetworkType,
  MANAGEMENT_NETWORK_TYPES,
  type ManagementNetworkType,
} from '../../../contract/methods.js';
import type { Finding } from '../../../contract/types.js';
import type { NeutronRequestOptions } from '../../../neutron/paced-requests.js';
import { DEVICE_OWNER_BAREMETAL, type NeutronPort } from '../../../neutron/resources.js';
import type { NodeRecord } from '../../provider.js';
import { makesPorts, type Shared } from '../binding/operation.js';
import { attachments } from '../tenant/vifs.js';
import { compareNode, concerns, hasUnrecordedPort } from './compare.js';

/** Number of ports on one page of a list. */
const PAGE = '1000';

/** Compares some nodes with Neutron. Returns the differences of each node, in the order of the nodes. */
export async function compareNodes(
  nodes: readonly NodeRecord[],
  shared: Shared,
  request: NeutronRequestOptions,
): Promise<Finding[][]> {
  const ports = await portsConcerning(nodes, shared, request);
  return Promise.all(nodes.map((node) => compareWith(node, ports, node.recorded.length === 0, shared, request)));
}

/** @param unknown see ComparisonRules */
export async function compareWith(
  node: NodeRecord,
  ports: readonly NeutronPort[],
  unknown: boolean,
  shared: Shared,
  request: NeutronRequestOptions,
): Promise<Finding[]> {
  const { wired } = shared;
  const own = new Map(ports.filter((port) => concerns(port, node)).map((port) => [port.id, port]));
  // The management networks are looked up only if they matter, which is rare.
  const needed = hasUnrecordedPort(node, own, wired);
  const networks = needed ? await managementNetworksOf(node, shared, request) : new Map<string, never>();
  return compareNode(node, own, { wired, networks, unknown });
}

/**
 * The ports that may concern these nodes. This takes two lists for all nodes, and a third list for ports on record that
 * neither list contains. The client splits a list whose query would be too long.
 */
export async function portsConcerning(
  nodes: readonly NodeRecord[],
  { client }: Pick<Shared, 'client'>,
  request: NeutronRequestOptions,
): Promise<NeutronPort[]> {
  const uuids = nodes.map(({ task }) => task.node.uuid);
  const device_id = [...new Set([...uuids, ...nodes.flatMap(({ task }) => task.node.instance_uuid ?? [])])];
  const lists = await Promise.all([
    client.listPorts({ 'binding:host_id': uuids, limit: PAGE }, request),
    client.listPorts({ device_owner: DEVICE_OWNER_BAREMETAL, device_id, limit: PAGE }, request),
  ]);
  const found = new Map(lists.flat().map((port) => [port.id, port]));
  const missing = [...new Set(nodes.flatMap(idsOf))].filter((id) => !found.has(id));
  const others = missing.length === 0 ? [] : await client.listPorts({ id: missing, limit: PAGE }, request);
  return [...found.values(), ...others];
}

/** Ids of the node's recorded ports, and of its VIFs on smart NICs: these are bound to another host than the node. */
function idsOf({ task, recorded }: NodeRecord): string[] {
  const onSmartNics = attachments(task).filter(({ smartNicHost }) => smartNicHost !== null);
  return [...recorded.map((binding) => binding.neutron_port_id), ...onSmartNics.map(({ vif }) => vif)];
}

/**
 * The networks on which ports are made for the node: type by network id. A network that cannot be found is left out.
 */
async function managementNetworksOf(
  node: NodeRecord,
  shared: Shared,
  request: NeutronRequestOptions,
): Promise<Map<string, ManagementNetworkType>> {
  const networks = new Map<string, ManagementNetworkType>();
  for (const type of MANAGEMENT_NETWORK_TYPES) {
    if (!makesPorts(type, shared)) continue;
    try {
      const { id } = await shared.networks.find(type, node, request);
      if (!networks.has(id)) networks.set(id, type);
    } catch (error) {
      if (!(error instanceof IronicError)) throw error;
    }
  }
  for (const { network_id, network_type } of node.recorded) {
    if (isManagementNetworkType(network_type)) networks.set(network_id, network_type);
  }
  return networks;
}
