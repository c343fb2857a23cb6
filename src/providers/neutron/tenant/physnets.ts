import { InvalidParameterValue } from '../../../contract/errors.js';
import type { NeutronPort } from '../../../neutron/resources.js';
import { OpenStackError } from '../../../openstack/errors.js';
import type { NeutronOperation } from '../binding/operation.js';

/**
 * The physical networks on which a VIF can be; empty if any will do. Asks Neutron only if the node's ports or
 * portgroups name their physical networks.
 *
 * A node may have NICs on several of these networks; the VIF then goes to the best free one. Ironic refused such a node
 * before version 34.0.
 */
export async function physicalNetworksFor(
  port: NeutronPort,
  operation: NeutronOperation,
): Promise<ReadonlySet<string>> {
  const { ports, portgroups } = operation.context.task;
  const known = [...ports, ...portgroups].some(({ physical_network: name }) => name !== null);
  return known ? physicalNetworksOfVif(port, operation) : new Set();
}

/**
 * The physical networks of the VIF's network or address. Source: Ironic, common/neutron.py, get_physnets_by_port_uuid.
 */
async function physicalNetworksOfVif(port: NeutronPort, operation: NeutronOperation): Promise<Set<string>> {
  const [network] = await operation.client.listNetworks([port.network_id], operation.request);
  if (network === undefined) {
    throw new InvalidParameterValue(`VIF ${port.id} is on network ${port.network_id}, which Neutron does not show`);
  }
  const segments = network.segments ?? [network];
  const ofNetwork = new Set(segments.flatMap((segment) => segment['provider:physical_network'] ?? []));
  if (ofNetwork.size < 2) return ofNetwork;
  const ofAddress = await physicalNetworkOfAddress(port, operation);
  return ofAddress === null ? ofNetwork : new Set([ofAddress]);
}

/**
 * The physical network of the VIF's addresses, if its network is routed: each subnet is then on one segment. Else null.
 */
export async function physicalNetworkOfAddress(port: NeutronPort, operation: NeutronOperation): Promise<string | null> {
  const { client, request } = operation;
  const subnets = await client.listSubnets([...new Set(port.fixed_ips.map(({ subnet_id }) => subnet_id))], request);
  const ids = [...new Set(subnets.flatMap(({ segment_id }) => segment_id ?? []))];
  try {
    const segments = await client.listSegments(ids, request);
    return segments.find(({ physical_network }) => physical_network)?.physical_network ?? null;
  } catch (error) {
    if (error instanceof OpenStackError && error.status === 404) return null;
    throw error;
  }
}
