import { InvalidParameterValue } from '../../contract/errors.js';
import type { JsonObject, Port, Portgroup, Task } from '../../contract/types.js';
import { tenantVif } from '../../contract/vifs.js';
import type { NeutronPort } from '../../neutron/resources.js';

/** Identifies the port or portgroup of a binding or failure: one of the two is null. */
export interface PortLikeRef {
  port_uuid: string | null;
  portgroup_uuid: string | null;
}

/** A port, or a portgroup in place of its members, that is bound to one Neutron port. The term is Ironic's. */
export interface PortLike {
  readonly ref: PortLikeRef;
  /** Its name in messages: "port <uuid>". */
  readonly label: string;
  /** The NICs; for a port, only the port itself. */
  readonly members: readonly Port[];
  /** Its MAC address in lower case; null for a portgroup without an address of its own. */
  readonly address: string | null;
  /** Whether one of its NICs boots from the network. */
  readonly boots: boolean;
  /** The MAC address that it uses on management networks, in lower case; null if it has no NIC. */
  readonly managementMac: string | null;
  /** The Neutron port that the tenant attached; null if there is none. */
  readonly vif: string | null;
  /** DHCP client id of an InfiniBand port; null for other ports. */
  readonly clientId: string | null;
  /** Name of the smart NIC as a host in Neutron; null if it is not a smart NIC. */
  readonly smartNicHost: string | null;
  /** binding:profile of its Neutron port. */
  readonly profile: JsonObject;
  /** Names of its physical networks as far as they are known: at most one, unless its members contradict each other. */
  readonly physnets: readonly string[];
}

/**
 * Finds the port or portgroup that has the MAC address of the Neutron port; both fields are null if none has. A
 * portgroup and its member may have the same address, and a portgroup without an address uses that of a member: then
 * the binding:profile of the Neutron port decides.
 */
export function refOf(found: NeutronPort, { task }: { task: Task }): PortLikeRef {
  const has = ({ address }: { address: string | null }): boolean =>
    address?.toLowerCase() === found.mac_address.toLowerCase();
  const port = task.ports.find(has);
  const { local_group_information: group, local_link_information: links } = found['binding:profile'];
  const { id } = Object(group) as { id?: unknown };
  const named = task.portgroups.find((own) => own.uuid === id && (has(own) || port?.portgroup_uuid === id));
  const ofNic = port !== undefined && Array.isArray(links) && links.length > 0;
  const portgroup = named ?? (ofNic ? undefined : task.portgroups.find(has));
  return portgroup === undefined
    ? { port_uuid: port?.uuid ?? null, portgroup_uuid: null }
    : { port_uuid: null, portgroup_uuid: portgroup.uuid };
}

/**
 * The portgroups of the task, and the ports that are in no portgroup.
 *
 * @throws InvalidParameterValue when the task lacks the portgroup of a port, or two ports have the same address
 */
export function portLikesOf(task: Task): PortLike[] {
  const groups = membersOf(task);
  const single = task.ports.filter((port) => port.portgroup_uuid === null);
  return [
    ...task.portgroups.map((group) => ofPortgroup(group, groups.get(group.uuid) ?? [])),
    ...single.map((port) => ofPort(port, null)),
  ];
}

/**
 * Each port of the task by itself, even if it is in a portgroup: firmware and ramdisk do not know portgroups.
 *
 * Source: Ironic, common/neutron.py, add_ports_to_network.
 *
 * @throws InvalidParameterValue as portLikesOf does
 */
export function nicsOf(task: Task): PortLike[] {
  membersOf(task);
  return task.ports.map((port) => {
    const group = task.portgroups.find(({ uuid }) => uuid === port.portgroup_uuid);
    return ofPort(port, group?.physical_network ?? null);
  });
}

function membersOf(task: Task): Map<string, Port[]> {
  const groups = new Map(task.portgroups.map((group) => [group.uuid, [] as Port[]]));
  const addresses = new Map<string, string>();
  for (const port of task.ports) {
    const twin = addresses.get(port.address.toLowerCase());
    if (twin !== undefined) {
      throw new InvalidParameterValue(`port ${port.uuid}: address ${port.address} is also that of port ${twin}`);
    }
    addresses.set(port.address.toLowerCase(), port.uuid);
    if (port.portgroup_uuid === null) continue;
    const members = groups.get(port.portgroup_uuid);
    if (members === undefined) {
      throw new InvalidParameterValue(
        `port ${port.uuid}: portgroup_uuid ${port.portgroup_uuid} is not among the task's portgroups`,
      );
    }
    members.push(port);
  }
  return groups;
}

/** @param physnet the physical network to use if the port names none */
function ofPort(port: Port, physnet: string | null): PortLike {
  const physical_network = port.physical_network ?? physnet;
  return {
    ref: { port_uuid: port.uuid, portgroup_uuid: null },
    label: `port ${port.uuid}`,
    members: [port],
    address: port.address.toLowerCase(),
    boots: boots(port),
    managementMac: port.address.toLowerCase(),
    vif: tenantVif(port),
    clientId: clientId(port),
    smartNicHost: smartNicHost(port),
    profile: {
      local_link_information: [port.local_link_connection],
      ...(physical_network === null ? {} : { physical_network }),
    },
    physnets: physical_network === null ? [] : [physical_network],
  };
}

function ofPortgroup(group: Portgroup, members: Port[]): PortLike {
  const address = group.address?.toLowerCase() ?? null;
  const booting = members.filter(boots);
  const named = [group.physical_network, ...members.map((port) => port.physical_network)];
  const physnets = [...new Set(named.filter((name) => name !== null))];
  const physical_network = group.physical_network ?? (physnets.length === 1 ? physnets[0] : null);
  return {
    ref: { port_uuid: null, portgroup_uuid: group.uuid },
    label: `portgroup ${group.uuid}`,
    members,
    address,
    boots: booting.length > 0,
    managementMac: members.length === 0 ? null : (address ?? lowestAddress(booting.length > 0 ? booting : members)),
    vif: tenantVif(group),
    clientId: null,
    smartNicHost: null,
    profile: {
      local_link_information: members.map((port) => port.local_link_connection),
      local_group_information: {
        id: group.uuid,
        name: group.name,
        bond_mode: group.mode,
        bond_properties: bondProperties(group.properties),
      },
      ...(physical_network ? { physical_network } : {}),
    },
    physnets,
  };
}

/** Ironic's default for pxe_enabled is true. */
function boots(port: Port): boolean {
  return port.pxe_enabled !== false;
}

/**
 * The lowest address of the ports. The ramdisk sends DHCP requests with the MAC address of a NIC, so a portgroup
 * without its own address uses the lowest address of its NICs that boot from the network, or of all if none does.
 */
function lowestAddress(ports: readonly Port[]): string | null {
  return ports.map((port) => port.address.toLowerCase()).sort()[0] ?? null;
}

/**
 * The DHCP client id of an InfiniBand port; null for other ports. DHCP identifies the port by this id, and the subnet
 * manager knows where the port is. Source: Ironic.
 */
export function clientId(port: Port): string | null {
  return text(port.extra['client-id']);
}

/** The name of the smart NIC as a host in Neutron; null if the port is not a smart NIC. */
export function smartNicHost(port: Port): string | null {
  return port.is_smartnic === true ? text(port.local_link_connection['hostname']) : null;
}

function text(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

/** The kernel's bonding options with the prefix bond, by which mechanism drivers and cloud-init know them. */
export function bondProperties(properties: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(properties).map(([name, value]) => [name.startsWith('bond') ? name : `bond_${name}`, value]),
  );
}

/**
 * Tells why this port or portgroup cannot be bound to any network; null if it can.
 *
 * @param wired whether the switch port must be known
 */
export function unusable(portLike: PortLike, wired: boolean): string | null {
  if (portLike.members.length === 0) return `${portLike.label} has no member ports`;
  for (const port of portLike.members) {
    const reason = unusableNic(port, wired);
    if (reason !== null) return `port ${port.uuid} ${reason}`;
  }
  const smart = portLike.members.find((port) => port.is_smartnic === true);
  if (smart !== undefined && portLike.ref.portgroup_uuid !== null) {
    return `port ${smart.uuid} is a smart NIC, and a member of ${portLike.label}: Neutron can bind it only by itself`;
  }
  return wired ? contradictionIn(portLike) : null;
}

/**
 * Maximum length of a binding's host, in characters. Neutron answers a longer one with 500.
 * Source: Neutron's table ml2_port_bindings.
 */
const MAX_HOST = 255;

/**
 * Tells why the members of a portgroup cannot act as one port in Neutron; null if they can.
 *
 * A member whose physical network is unknown contradicts no other. Source: Ironic, common/network.py,
 * get_physnets_by_portgroup_id, which Ironic calls when a VIF is attached.
 */
function contradictionIn({ label, members, physnets }: PortLike): string | null {
  if (physnets.length > 1) {
    return `${label} has members on different physical networks (${physnets.join(', ')}): give all its ports the same physical_network`;
  }
  const infiniband = members.filter((port) => clientId(port) !== null);
  if (infiniband.length === 0 || infiniband.length === members.length) return null;
  const which = infiniband.map(({ uuid }) => uuid).join(', ');
  return `${label} has InfiniBand ports (extra.client-id: ${which}) and other ports: they cannot form one portgroup`;
}

/** Tells why a port cannot be bound; null if it can. Source: Ironic, common/neutron.py, validate_port_info. */
function unusableNic(port: Port, wired: boolean): string | null {
  const link = port.local_link_connection;
  if (clientId(port) !== null) return null;
  if (wired && Object.keys(link).length === 0) {
    return 'has no local_link_connection: set switch_id and port_id of the switch port that it is cabled to';
  }
  const ofSmartNic = text(link['port_id']) !== null && text(link['hostname']) !== null;
  if (port.is_smartnic === true && !ofSmartNic) {
    return 'has is_smartnic true, but its local_link_connection lacks port_id or hostname: set both';
  }
  if ((smartNicHost(port)?.length ?? 0) > MAX_HOST) {
    return `has a hostname of more than ${MAX_HOST} characters in its local_link_connection: Neutron accepts no longer hostname`;
  }
  if (port.is_smartnic !== true && ofSmartNic) {
    return 'has port_id and hostname in its local_link_connection, which only smart NICs may have: set is_smartnic true, or remove hostname';
  }
  return null;
}
