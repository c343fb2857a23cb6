import { InvalidParameterValue, VifInvalidForAttach } from '../../contract/errors.js';
import type { Task } from '../../contract/types.js';
import { NeutronError } from '../../neutron/errors.js';
import type { NeutronPort } from '../../neutron/resources.js';
import type { Operation } from './operation.js';

/**
 * The physical networks on which a VIF can be; empty: whichever. Neutron is asked only when the node's ports say where
 * they are.
 *
 * @throws VifInvalidForAttach when the node is on several of them: Neutron may take the VIF's address from another one
 *   than the NIC is on
 */
export async function physicalNetworksFor(port: NeutronPort, operation: Operation): Promise<ReadonlySet<string>> {
  const { task } = operation.context;
  const ofNode = physicalNetworksOf(task);
  if (ofNode.size === 0) return ofNode;
  const physnets = await physicalNetworksOfVif(port, operation);
  const shared = [...physnets].filter((physnet) => ofNode.has(physnet)).sort();
  if (shared.length < 2) return physnets;
  throw new VifInvalidForAttach(
    `VIF ${port.id} cannot be attached to node ${task.node.uuid}, which has ports on several physical networks of its ` +
      `network ${port.network_id} (${shared.join(', ')}): give the VIF an address in a subnet of one of them first`,
  );
}

function physicalNetworksOf({ ports, portgroups }: Task): Set<string> {
  return new Set([...ports, ...portgroups].flatMap(({ physical_network }) => physical_network ?? []));
}

/** Source: Ironic, common/neutron.py, get_physnets_by_port_uuid. */
async function physicalNetworksOfVif(port: NeutronPort, operation: Operation): Promise<Set<string>> {
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

/** Of a routed network, each subnet is on one segment: the VIF's addresses then tell where it is. Null: they do not. */
async function physicalNetworkOfAddress(port: NeutronPort, operation: Operation): Promise<string | null> {
  const { client, request } = operation;
  const subnets = await client.listSubnets([...new Set(port.fixed_ips.map(({ subnet_id }) => subnet_id))], request);
  const ids = [...new Set(subnets.flatMap(({ segment_id }) => segment_id ?? []))];
  try {
    const segments = await client.listSegments(ids, request);
    return segments.find(({ physical_network }) => physical_network)?.physical_network ?? null;
  } catch (error) {
    if (error instanceof NeutronError && error.status === 404) return null;
    throw error;
  }
}
