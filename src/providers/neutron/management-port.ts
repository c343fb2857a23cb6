import { NetworkError } from '../../contract/errors.js';
import type { ManagementNetworkType } from '../../contract/methods.js';
import { NeutronError } from '../../neutron/errors.js';
import {
  DEVICE_OWNER_BAREMETAL,
  DHCP_CLIENT_ID,
  type NeutronPort,
  type PortAttributes,
} from '../../neutron/resources.js';
import { isBound } from './changes.js';
import { withAddressesToBoot } from './dhcpv6.js';
import type { WantedNetwork } from './networks.js';
import { type Attempt, describe, hostOf, isOurs, type Operation, tenantVifs } from './operation.js';
import { type PortLike, unusable } from './port-like.js';
import { forgetSecurityGroups } from './security-groups.js';
import { noAgent } from './smart-nic.js';
import { changed, sendUpdate, updatePort, updatesTo } from './update.js';

/** What the ports of one operation have in common. */
export interface Target {
  readonly type: ManagementNetworkType;
  readonly network: WantedNetwork;
  readonly securityGroups: readonly string[];
  /** Hosts of smart NICs on which nobody would plug a port. */
  readonly hostsWithoutAgent: ReadonlySet<string>;
}

/** Every port on the network with the MAC of one of these, whoever it belongs to. A MAC is unique on a network. */
export async function portsWithMacs(
  portLikes: readonly PortLike[],
  network: string,
  { client, request }: Operation,
): Promise<NeutronPort[]> {
  const mac_address = portLikes.map((portLike) => portLike.managementMac).filter((mac) => mac !== null);
  return client.listPorts({ network_id: network, mac_address }, request);
}

/**
 * Has one Neutron port for the port-like object, bound to the node: the one that is there, if it is ours, or a new one.
 *
 * @throws NetworkError when the port-like object cannot be used, or somebody else's port has its MAC address
 */
export async function ensurePort(
  own: Attempt,
  existing: readonly NeutronPort[],
  target: Target,
  operation: Operation,
): Promise<NeutronPort> {
  const reason = unusable(own.portLike, operation.wired);
  if (reason !== null) throw new NetworkError(reason);
  const { smartNicHost: host, managementMac } = own.portLike;
  if (host !== null && target.hostsWithoutAgent.has(host)) throw new NetworkError(noAgent(host));
  const found = existing.find((port) => port.mac_address.toLowerCase() === managementMac);
  own.port =
    found === undefined ? await createPort(own, target, operation) : await adopt(own, found, target, operation);
  return withAddressesToBoot(own.port, operation);
}

/** Whether the port is a VIF of the node that only waits, with a NIC's MAC address, for its turn. */
function isIdleVif(port: NeutronPort, { context }: Operation): boolean {
  return tenantVifs(context.task).has(port.id) && !isBound(port);
}

/**
 * The tenant may have a VIF on the very network that the ramdisk boots on. A MAC address is unique on a network, so the VIF
 * gives it back for that time; configure_tenant_networks gives it to it again.
 */
async function createInPlaceOf(
  vif: NeutronPort,
  own: Attempt,
  target: Target,
  operation: Operation,
): Promise<NeutronPort> {
  await sendUpdate(vif, { mac_address: null }, operation);
  operation.context.log.info('VIF gave the MAC address to the ramdisk', { port: vif.id, mac: vif.mac_address });
  return createPort(own, target, operation);
}

async function adopt(own: Attempt, found: NeutronPort, target: Target, operation: Operation): Promise<NeutronPort> {
  try {
    return await adoptPort(own, found, target, operation);
  } catch (error) {
    // Somebody deleted it since it was listed.
    if (error instanceof NeutronError && error.status === 404) return createPort(own, target, operation);
    throw error;
  }
}

/** Everything in one request: Neutron binds the port while it makes it. */
function attributesOf(portLike: PortLike, target: Target, operation: Operation): PortAttributes {
  const { node } = operation.context.task;
  const { host, vnicType } = hostOf(portLike, operation);
  const { network, securityGroups } = target;
  return {
    network_id: network.id,
    admin_state_up: true,
    mac_address: portLike.managementMac,
    device_owner: DEVICE_OWNER_BAREMETAL,
    device_id: node.instance_uuid ?? node.uuid,
    'binding:host_id': host,
    'binding:vnic_type': vnicType,
    'binding:profile': portLike.profile,
    ...(securityGroups.length === 0 ? {} : { security_groups: securityGroups }),
    // A NIC that does not boot from the network asks for no address, and would only use one up.
    ...(portLike.boots ? {} : { fixed_ips: [] }),
    ...(portLike.clientId === null
      ? {}
      : { extra_dhcp_opts: [{ opt_name: DHCP_CLIENT_ID, opt_value: portLike.clientId }] }),
  };
}

async function createPort(own: Attempt, target: Target, operation: Operation): Promise<NeutronPort> {
  const { client, request, limits, networks, context } = operation;
  const attributes = attributesOf(own.portLike, target, operation);
  own.touched = true;
  try {
    const port = await limits.run(own.portLike.profile, () => client.createPort(attributes, request));
    context.log.info('Neutron port created', { port: port.id, network: port.network_id });
    return port;
  } catch (error) {
    forgetSecurityGroups(error, target.securityGroups, operation);
    if (!(error instanceof NeutronError)) throw error;
    if (error.type === 'NetworkNotFound') throw networks.gone(target.network);
    if (error.type !== 'MacAddressInUse') throw error;
    // The list did not show it: an earlier create of ours, whose answer was lost, may have been done only now.
    const [holder] = await portsWithMacs([own.portLike], target.network.id, operation);
    if (holder === undefined) throw error;
    return adoptPort(own, holder, target, operation);
  }
}

async function adoptPort(own: Attempt, port: NeutronPort, target: Target, operation: Operation): Promise<NeutronPort> {
  const { context } = operation;
  if (isIdleVif(port, operation)) return createInPlaceOf(port, own, target, operation);
  own.touched = isOurs(port, operation);
  if (!own.touched) {
    throw new NetworkError(`MAC address ${port.mac_address} is in use by ${describe(port)}, which is not ours`);
  }
  own.port = port;
  const updates = updatesTo(port, attributesOf(own.portLike, target, operation), operation.wired);
  if (updates.length === 0) return port;
  context.log.info('Neutron port adopted', { port: port.id, changes: changed(updates), anew: updates.length > 1 });
  return updatePort(port, updates, own.portLike.profile, operation);
}
