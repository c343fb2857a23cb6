import { isIPv6 } from 'node:net';

import { NetworkError } from '../../contract/errors.js';
import type { JsonObject, Port, Portgroup, Task } from '../../contract/types.js';
import type { NeutronNetwork, NeutronPort, NeutronSubnet } from '../../neutron/resources.js';
import { type CurrentVif, currentVifs } from '../ports/current.js';
import { bondProperties } from '../ports/port-like.js';
import type { ProviderContext, ProviderOutcome } from '../provider.js';
import type { NeutronOperation } from './binding/operation.js';

/** What Neutron knows about the node's VIFs. */
interface Found {
  readonly ports: readonly NeutronPort[];
  readonly networks: readonly NeutronNetwork[];
  readonly subnets: readonly NeutronSubnet[];
}

/**
 * Returns the node's network_data.json in Nova's format: the node's own static data if there is any, or else data from
 * Neutron about the VIFs that the node uses now. A list that would be empty is left out.
 *
 * Source: for ports, Ironic's common/neutron.py, get_neutron_port_data; for portgroups, which that function omits,
 * Nova's virt/ironic/driver.py, _get_network_metadata.
 *
 * @throws NetworkError when Neutron does not show a VIF, its network or its subnet
 */
export async function getNodeNetworkData(
  operation: Pick<NeutronOperation, 'context' | 'client' | 'request'>,
): Promise<Partial<ProviderOutcome>> {
  const { context } = operation;
  const { network_data } = context.task.node;
  if (Object.keys(network_data).length > 0) return { network_data };
  const vifs = currentVifs(context);
  if (vifs.length === 0) return { network_data: {} };
  const found = await lookUp(vifs, operation);
  return { network_data: layOut(vifs, found, context) };
}

async function lookUp(
  vifs: readonly CurrentVif[],
  { client, request }: Pick<NeutronOperation, 'client' | 'request'>,
): Promise<Found> {
  const ports = await client.listPorts({ id: vifs.map(({ id }) => id) }, request);
  const subnetIds = new Set(ports.flatMap(({ fixed_ips }) => fixed_ips.map(({ subnet_id }) => subnet_id)));
  const [networks, subnets] = await Promise.all([
    client.listNetworks([...new Set(ports.map(({ network_id }) => network_id))], request),
    client.listSubnets([...subnetIds], request),
  ]);
  return { ports, networks, subnets };
}

function layOut(vifs: readonly CurrentVif[], found: Found, { task }: ProviderContext): JsonObject {
  const links: JsonObject[] = [];
  const members: JsonObject[] = [];
  const networks: JsonObject[] = [];
  const nameservers = new Set<string>();
  for (const vif of vifs) {
    const port = shown(found.ports, vif.id, 'VIF');
    const link = linkOf(port, shown(found.networks, port.network_id, 'network'), idOf(port, vif, links));
    const portgroup = task.portgroups.find(({ uuid }) => uuid === vif.ref.portgroup_uuid);
    links.push(portgroup === undefined ? link : { ...link, ...bondOf(portgroup, task) });
    if (portgroup !== undefined) members.push(...membersOf(portgroup, task).map(memberLink));
    for (const { subnet_id, ip_address } of port.fixed_ips) {
      const subnet = shown(found.subnets, subnet_id, 'subnet');
      networks.push(networkOf(subnet, ip_address, link));
      for (const address of subnet.dns_nameservers) nameservers.add(address);
    }
  }
  const services = [...nameservers].map((address) => ({ type: 'dns', address }));
  const all = { links: [...links, ...members], networks, services };
  return Object.fromEntries(Object.entries(all).filter(([, items]) => items.length > 0));
}

function shown<T extends { id: string }>(items: readonly T[], id: string, what: string): T {
  const item = items.find((candidate) => candidate.id === id);
  if (item !== undefined) return item;
  throw new NetworkError(`Neutron does not show ${what} ${id}: network data needs it`);
}

/**
 * The id of a link: as in Ironic, the name of its Neutron port. Names need not be unique, but ids must be, so a port
 * without a name, or with the name of another link, gets the UUID of the Ironic port or portgroup.
 */
function idOf({ name }: NeutronPort, { ref }: CurrentVif, links: readonly JsonObject[]): string {
  const taken = links.some(({ id }) => id === name);
  return name === '' || taken ? (ref.port_uuid ?? ref.portgroup_uuid ?? '') : name;
}

function linkOf(port: NeutronPort, { mtu }: NeutronNetwork, id: string): JsonObject {
  return { id, type: 'vif', ethernet_mac_address: port.mac_address, vif_id: port.id, mtu: mtu ?? null };
}

/** The fields of a bond. Its MAC address is the portgroup's: the Neutron port may not have it before it is attached. */
function bondOf(portgroup: Portgroup, task: Task): JsonObject {
  return {
    type: 'bond',
    bond_mode: portgroup.mode,
    bond_links: membersOf(portgroup, task).map(({ uuid }) => uuid),
    ...(portgroup.address === null ? {} : { ethernet_mac_address: portgroup.address }),
    ...bondProperties(portgroup.properties),
  };
}

function membersOf({ uuid }: Portgroup, { ports }: Task): Port[] {
  return ports.filter(({ portgroup_uuid }) => portgroup_uuid === uuid);
}

function memberLink({ uuid, address }: Port): JsonObject {
  return { id: uuid, type: 'phy', ethernet_mac_address: address };
}

function networkOf(subnet: NeutronSubnet, ip_address: string, link: JsonObject): JsonObject {
  const anywhere = subnet.ip_version === 6 ? '::0' : '0.0.0.0';
  const gateway = subnet.gateway_ip;
  const byDefault = gateway === null ? [] : [{ network: anywhere, netmask: anywhere, gateway }];
  const routes = subnet.host_routes.map(({ destination, nexthop }) => ({
    ...networkAndNetmask(destination),
    gateway: nexthop,
  }));
  return {
    id: subnet.id,
    network_id: subnet.network_id,
    type: `ipv${subnet.ip_version}`,
    link: link['id'] ?? null,
    ip_address,
    netmask: networkAndNetmask(subnet.cidr).netmask,
    routes: [...byDefault, ...routes],
  };
}

/**
 * The address and netmask of a network in the form of network_data.json: 10.0.0.0/8 becomes 10.0.0.0 and 255.0.0.0, and
 * 2001:db8::/32 becomes 2001:db8:: and ffff:ffff::. IPv6 is written as in Python's ipaddress, which follows RFC 5952.
 *
 * @param cidr as Neutron has it: without host bits, but in any spelling
 */
export function networkAndNetmask(cidr: string): { network: string; netmask: string } {
  const [address = '', length = ''] = cidr.split('/');
  const prefix = Number(length);
  if (!isIPv6(address)) return { network: address, netmask: maskParts(prefix, 4, 8).join('.') };
  const parts = maskParts(prefix, 8, 16).map((part) => part.toString(16));
  return { network: canonical(address), netmask: canonical(parts.join(':')) };
}

/** The netmask of a prefix, as `count` numbers of `bits` bits each. */
function maskParts(prefix: number, count: number, bits: number): number[] {
  return Array.from({ length: count }, (_, index) => {
    const zeros = bits - Math.min(Math.max(prefix - index * bits, 0), bits);
    return 2 ** bits - 2 ** zeros;
  });
}

/**
 * An IPv6 address as in RFC 5952: lower case, the longest run of zeros as two colons. URL writes a host in this form.
 */
function canonical(address: string): string {
  return new URL(`http://[${address}]`).hostname.slice(1, -1);
}
