import { isIPv6 } from 'node:net';

import { NetworkError } from '../../../contract/errors.js';
import type { ManagementNetworkType } from '../../../contract/methods.js';
import {
  DEVICE_OWNER_BAREMETAL,
  DHCP_CLIENT_ID,
  type NeutronPort,
  type PortAttributes,
} from '../../../neutron/resources.js';
import { OpenStackError } from '../../../openstack/errors.js';
import { type PortLike, unusable } from '../../ports/port-like.js';
import type { WantedNetwork } from '../binding/networks.js';
import { type Attempt, describe, hostOf, isOurs, type NeutronOperation, tenantVifs } from '../binding/operation.js';
import { isTimeout, portBeingBound } from '../binding/unanswered.js';
import { changed, isBound, sendUpdate, updatePort, updatesTo } from '../binding/update.js';
import { noAgent } from '../binding/wait.js';

/** What all ports of one operation have in common. */
export interface ManagementTarget {
  readonly type: ManagementNetworkType;
  readonly network: WantedNetwork;
  readonly securityGroups: readonly string[];
  /** Smart NIC hosts without a live agent: nothing there would plug in a port. */
  readonly hostsWithoutAgent: ReadonlySet<string>;
}

/**
 * All ports on the network with the MAC address of one of these port-like objects, whoever owns them. Neutron allows
 * each MAC address only once on a network.
 */
export async function portsWithMacs(
  portLikes: readonly PortLike[],
  network: string,
  { client, request }: NeutronOperation,
): Promise<NeutronPort[]> {
  const mac_address = portLikes.map((portLike) => portLike.managementMac).filter((mac) => mac !== null);
  return client.listPorts({ network_id: network, mac_address }, request);
}

/**
 * Ensures that the port-like object has one Neutron port, bound to the node: adopts the existing port if it is ours, or
 * creates a port.
 *
 * @throws NetworkError when the port-like object cannot be used, or a port that is not ours has its MAC address
 */
export async function ensurePort(
  own: Attempt,
  existing: readonly NeutronPort[],
  target: ManagementTarget,
  operation: NeutronOperation,
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

/** Whether the port is an unbound VIF of the node. It may already have the MAC address of a NIC. */
function isIdleVif(port: NeutronPort, { context }: NeutronOperation): boolean {
  return tenantVifs(context.task).has(port.id) && !isBound(port);
}

/**
 * Creates a port whose MAC address an unbound VIF of the node has: the tenant may have a VIF on the same network from
 * which the ramdisk boots. A MAC address is unique on a network, so Neutron gives the VIF another one meanwhile.
 * configure_tenant_networks gives the VIF the NIC's address again.
 */
async function createInPlaceOf(
  vif: NeutronPort,
  own: Attempt,
  target: ManagementTarget,
  operation: NeutronOperation,
): Promise<NeutronPort> {
  await sendUpdate(vif, { mac_address: null }, operation);
  operation.context.log.info('removed the MAC address from a VIF, because the ramdisk needs it', {
    port: vif.id,
    mac: vif.mac_address,
  });
  return createPort(own, target, operation);
}

async function adopt(
  own: Attempt,
  found: NeutronPort,
  target: ManagementTarget,
  operation: NeutronOperation,
): Promise<NeutronPort> {
  try {
    return await adoptPort(own, found, target, operation);
  } catch (error) {
    // Somebody deleted the port after it was listed.
    if (error instanceof OpenStackError && error.status === 404) return createPort(own, target, operation);
    throw error;
  }
}

/** All attributes of the port. They are sent in one request, so that Neutron binds the port as it creates it. */
function attributesOf(portLike: PortLike, target: ManagementTarget, operation: NeutronOperation): PortAttributes {
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
    // A NIC that does not boot from the network requests no address, so an address would be wasted on it.
    ...(portLike.boots ? {} : { fixed_ips: [] }),
    ...(portLike.clientId === null
      ? {}
      : { extra_dhcp_opts: [{ opt_name: DHCP_CLIENT_ID, opt_value: portLike.clientId }] }),
  };
}

async function createPort(own: Attempt, target: ManagementTarget, operation: NeutronOperation): Promise<NeutronPort> {
  const { client, request, limits, networks, context } = operation;
  const attributes = attributesOf(own.portLike, target, operation);
  own.touched = true;
  try {
    const port = await limits.run(own.portLike.profile, () => client.createPort(attributes, request));
    own.made = true;
    context.log.info('Neutron port created', { port: port.id, network: port.network_id });
    return port;
  } catch (error) {
    if (isTimeout(error)) {
      const look = () => portsWithMacs([own.portLike], target.network.id, operation);
      return portBeingBound(error, own, attributes, look, operation);
    }
    forgetSecurityGroups(error, target.securityGroups, operation);
    if (!(error instanceof OpenStackError)) throw error;
    if (error.type === 'NetworkNotFound') throw networks.gone(target.network);
    if (error.status !== 409 || error.transient) throw error;
    // Something has the MAC address: a port of ours that was not looked for, or an unanswered create that took effect
    // only now. Neutron may call it otherwise, for example a quota that this port has used up.
    const [holder] = await portsWithMacs([own.portLike], target.network.id, operation);
    if (holder === undefined) throw error;
    return adoptPort(own, holder, target, operation);
  }
}

async function adoptPort(
  own: Attempt,
  port: NeutronPort,
  target: ManagementTarget,
  operation: NeutronOperation,
): Promise<NeutronPort> {
  const { context } = operation;
  if (isIdleVif(port, operation)) return createInPlaceOf(port, own, target, operation);
  own.touched = isOurs(port, operation);
  if (!own.touched) {
    throw new NetworkError(
      `MAC address ${port.mac_address} is in use by ${describe(port)}, which netprov did not create`,
    );
  }
  own.port = port;
  const wanted = attributesOf(own.portLike, target, operation);
  const updates = updatesTo(port, wanted, operation.wired);
  if (updates.length === 0) return port;
  context.log.info('Neutron port adopted', { port: port.id, changes: changed(updates), anew: updates.length > 1 });
  try {
    return await updatePort(port, updates, own.portLike.profile, operation);
  } catch (error) {
    const look = () => operation.client.listPorts({ id: [port.id] }, operation.request);
    return portBeingBound(error, own, wanted, look, operation);
  }
}

const STATEFUL = 'dhcpv6-stateful';

/**
 * Adds addresses to a port in a stateful DHCPv6 subnet, up to the number in dhcpv6_stateful_address_count. Firmware,
 * boot loader and ramdisk identify themselves differently to the DHCPv6 server (DUID, IAID), so each needs its own
 * address. As in Ironic, only the port's first address decides.
 */
async function withAddressesToBoot(port: NeutronPort, operation: NeutronOperation): Promise<NeutronPort> {
  const { client, options, request, limits, context } = operation;
  const [first] = port.fixed_ips;
  if (first === undefined || !isIPv6(first.ip_address)) return port;
  const has = port.fixed_ips.filter(({ subnet_id: id }) => id === first.subnet_id).length;
  const lacks = options.neutron.dhcpv6_stateful_address_count - has;
  if (lacks <= 0 || (await addressMode(first.subnet_id, operation)) !== STATEFUL) return port;
  const more = Array.from({ length: lacks }, () => ({ subnet_id: first.subnet_id }));
  const fixed_ips = [...port.fixed_ips, ...more];
  context.log.info('addresses added to Neutron port', { port: port.id, subnet: first.subnet_id, addresses: lacks });
  return limits.run(port['binding:profile'], () => client.updatePort(port.id, { fixed_ips }, request));
}

async function addressMode(
  subnet: string,
  { client, request, addressModes }: NeutronOperation,
): Promise<string | null> {
  const known = addressModes.get(subnet);
  if (known !== undefined) return known.mode;
  const [found] = await client.listSubnets([subnet], request);
  const mode = found?.ipv6_address_mode ?? null;
  addressModes.set(subnet, { mode });
  return mode;
}

/**
 * The security groups of the ports on a management network; empty for Neutron's default. Checks that all of them exist
 * before any port is made.
 *
 * @throws NetworkError that names the missing groups
 */
export async function securityGroupsFor(
  type: ManagementNetworkType,
  operation: NeutronOperation,
): Promise<readonly string[]> {
  const { options, client, request, securityGroups: known, wired } = operation;
  const wanted = wired ? options[`${type}_network_security_groups`] : [];
  const unknown = wanted.filter((id) => known.get(id) === undefined);
  if (unknown.length === 0) return wanted;
  const found = new Set((await client.listSecurityGroups(unknown, request)).map(({ id }) => id));
  for (const id of found) known.set(id, true);
  const missing = unknown.filter((id) => !found.has(id));
  if (missing.length === 0) return wanted;
  throw new NetworkError(
    `${type}_network_security_groups: Neutron has no security group ${missing.join(', ')}; create it, or correct the option`,
  );
}

/** Removes the groups from the cache if Neutron says that one does not exist. */
function forgetSecurityGroups(error: unknown, wanted: readonly string[], { securityGroups }: NeutronOperation): void {
  if (!(error instanceof OpenStackError && error.type === 'SecurityGroupNotFound')) return;
  for (const id of wanted) securityGroups.delete(id);
}
