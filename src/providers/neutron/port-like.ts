import { InvalidParameterValue } from '../../contract/errors.js';
import type { BindingFailure, JsonObject, Port, Portgroup, Task } from '../../contract/types.js';
import { tenantVif } from '../../contract/vifs.js';

/** How bindings and failures name what is bound: one of the two is null. */
export interface PortLikeRef {
  port_uuid: string | null;
  portgroup_uuid: string | null;
}

/** Ironic's term for what one Neutron port is bound to: a port, or a portgroup in place of its member ports. */
export interface PortLike {
  readonly ref: PortLikeRef;
  /** For messages: "port <uuid>". */
  readonly label: string;
  /** The NICs: one for a port. */
  readonly members: readonly Port[];
  /** Its MAC address in lower case; null for a portgroup without one of its own. */
  readonly address: string | null;
  /** The MAC address it boots from the network with, in lower case; null: none of its NICs does. */
  readonly bootMac: string | null;
  /** The Neutron port that the tenant attached; null: none. */
  readonly vif: string | null;
  /** binding:profile of its Neutron port. */
  readonly profile: JsonObject;
}

/**
 * The portgroups of the task, and the ports that are in none.
 *
 * @throws InvalidParameterValue when a port is in a portgroup that is not there, or two NICs have one address
 */
export function portLikesOf(task: Task): PortLike[] {
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
  const single = task.ports.filter((port) => port.portgroup_uuid === null);
  return [...task.portgroups.map((group) => ofPortgroup(group, groups.get(group.uuid) ?? [])), ...single.map(ofPort)];
}

function ofPort(port: Port): PortLike {
  return {
    ref: { port_uuid: port.uuid, portgroup_uuid: null },
    label: `port ${port.uuid}`,
    members: [port],
    address: port.address.toLowerCase(),
    bootMac: lowestBootAddress([port]),
    vif: tenantVif(port),
    profile: {
      local_link_information: [port.local_link_connection],
      ...(port.physical_network === null ? {} : { physical_network: port.physical_network }),
    },
  };
}

function ofPortgroup(group: Portgroup, members: Port[]): PortLike {
  const address = group.address?.toLowerCase() ?? null;
  const lowest = lowestBootAddress(members);
  const physical_network = group.physical_network ?? common(members.map((port) => port.physical_network));
  return {
    ref: { port_uuid: null, portgroup_uuid: group.uuid },
    label: `portgroup ${group.uuid}`,
    members,
    address,
    bootMac: lowest === null ? null : (address ?? lowest),
    vif: tenantVif(group),
    profile: {
      local_link_information: members.map((port) => port.local_link_connection),
      local_group_information: {
        id: group.uuid,
        name: group.name,
        bond_mode: group.mode,
        bond_properties: bondProperties(group.properties),
      },
      ...(physical_network === null ? {} : { physical_network }),
    },
  };
}

/**
 * The ramdisk asks for its address by DHCP with the MAC of a NIC, so a portgroup without an address of its own goes by
 * the lowest of those that boot from the network. Ironic's default for pxe_enabled is true.
 */
function lowestBootAddress(ports: readonly Port[]): string | null {
  const boots = ports.filter((port) => port.pxe_enabled !== false).map((port) => port.address.toLowerCase());
  return boots.sort()[0] ?? null;
}

/** Mechanism drivers and cloud-init know the kernel's bonding options by names that begin with bond. */
function bondProperties(properties: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(properties).map(([name, value]) => [name.startsWith('bond') ? name : `bond_${name}`, value]),
  );
}

function common(values: (string | null)[]): string | null {
  const [first, ...others] = new Set(values);
  return others.length === 0 ? (first ?? null) : null;
}

/** Why this cannot be bound to any network; null when it can. */
export function unusable(portLike: PortLike): string | null {
  if (portLike.members.length === 0) return `${portLike.label} has no member ports`;
  for (const port of portLike.members) {
    if (port.is_smartnic === true) return `port ${port.uuid} is a smart NIC; only vnic_type baremetal is supported`;
    if (Object.keys(port.local_link_connection).length === 0) {
      return `port ${port.uuid} has no local_link_connection: set switch_id and port_id of the switch port it is cabled to`;
    }
  }
  return null;
}

export function failureOf(portLike: PortLike, reason: string): BindingFailure {
  return { ...portLike.ref, reason };
}
