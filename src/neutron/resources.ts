import { z } from 'zod';

import type { Json } from '../json.js';
import { VifDetails } from './mechanism-drivers.js';

/** vif_type of a port without a host. Source: neutron_lib/api/definitions/portbindings.py. */
export const VIF_TYPE_UNBOUND = 'unbound';
/** vif_type when no mechanism driver could bind the port to its host. */
export const VIF_TYPE_BINDING_FAILED = 'binding_failed';
export const VNIC_BAREMETAL = 'baremetal';
/**
 * vnic_type of a smart NIC. It is itself a host for Neutron: an agent on it plugs the port. Source:
 * portbindings.VNIC_SMARTNIC.
 */
export const VNIC_SMARTNIC = 'smart-nic';
/** device_owner of the ports that Ironic itself creates. */
export const DEVICE_OWNER_BAREMETAL = 'baremetal:none';

/** DHCP option 61, the client identifier. An InfiniBand port requests its address with it, not with a MAC address. */
export const DHCP_CLIENT_ID = '61';

const Text = z.string();

/** A Neutron port, with only the fields that we need. */
export const NeutronPort = z.object({
  id: Text,
  network_id: Text,
  mac_address: Text,
  admin_state_up: z.boolean(),
  /** ACTIVE, DOWN, BUILD or ERROR. */
  status: Text,
  /** The project to which the port belongs. */
  project_id: Text.nullish(),
  device_owner: z
    .string()
    .nullable()
    .transform((owner) => owner ?? ''),
  device_id: z
    .string()
    .nullable()
    .transform((id) => id ?? ''),
  fixed_ips: z.array(z.object({ subnet_id: Text, ip_address: Text })),
  'binding:host_id': Text,
  'binding:vnic_type': Text,
  'binding:vif_type': Text,
  'binding:vif_details': VifDetails,
  'binding:profile': z.record(z.string(), z.custom<Json>()),
  name: z
    .string()
    .nullish()
    .transform((name) => name ?? ''),
  /** immediate, deferred (addresses come when the port gets a host) or none. Absent without the extension. */
  ip_allocation: z.string().nullish(),
  security_groups: z.array(Text).nullish(),
  /** Absent without the extension. */
  extra_dhcp_opts: z.array(z.object({ opt_name: Text, opt_value: Text.nullable(), ip_version: z.number() })).nullish(),
});
export type NeutronPort = z.infer<typeof NeutronPort>;

export const NeutronNetwork = z.object({
  id: Text,
  name: Text,
  mtu: z.number().nullish(),
  /**
   * Only administrators see it. Null or absent if the network has several segments, or if its segment has no physical
   * network.
   */
  'provider:physical_network': z.string().nullish(),
  /** Set only for a network with several segments. */
  segments: z.array(z.object({ 'provider:physical_network': z.string().nullish() })).nullish(),
});
export type NeutronNetwork = z.infer<typeof NeutronNetwork>;

/** A network as people know it. Only administrators see the last three, and a network with several segments has none. */
export const NeutronNetworkDetails = z.object({
  id: Text,
  name: Text,
  'provider:network_type': z.string().nullish(),
  'provider:physical_network': z.string().nullish(),
  /** Such as the number of a VLAN. */
  'provider:segmentation_id': z.number().nullish(),
});
export type NeutronNetworkDetails = z.infer<typeof NeutronNetworkDetails>;

export const NeutronSubnet = z.object({
  id: Text,
  network_id: Text,
  cidr: Text,
  ip_version: z.union([z.literal(4), z.literal(6)]),
  gateway_ip: z.string().nullable(),
  host_routes: z.array(z.object({ destination: Text, nexthop: Text })),
  dns_nameservers: z.array(Text),
  /** dhcpv6-stateful, dhcpv6-stateless or slaac. Null for IPv4, or if a router outside Neutron gives the addresses. */
  ipv6_address_mode: z.string().nullish(),
  /** Absent without the segments service. */
  segment_id: z.string().nullish(),
});
export type NeutronSubnet = z.infer<typeof NeutronSubnet>;

export const NeutronSegment = z.object({ id: Text, physical_network: z.string().nullish() });
export type NeutronSegment = z.infer<typeof NeutronSegment>;

export const NeutronSecurityGroup = z.object({ id: Text });
export type NeutronSecurityGroup = z.infer<typeof NeutronSecurityGroup>;

export const NeutronAgent = z.object({ id: Text, host: Text, alive: z.boolean(), agent_type: Text });
export type NeutronAgent = z.infer<typeof NeutronAgent>;

/** Attributes to set on a port. In an update, a mac_address of null makes Neutron generate a new address. */
export interface PortAttributes {
  network_id?: string;
  admin_state_up?: boolean;
  mac_address?: string | null;
  device_owner?: string;
  device_id?: string;
  'binding:host_id'?: string;
  'binding:vnic_type'?: string;
  'binding:profile'?: NeutronPort['binding:profile'];
  security_groups?: readonly string[];
  /** For an item without ip_address, Neutron chooses an address. An empty list: the port has no address. */
  fixed_ips?: readonly { subnet_id?: string; ip_address?: string }[];
  /** Changes these options and leaves the others as they are. An opt_value of null removes the option. */
  extra_dhcp_opts?: readonly { opt_name: string; opt_value: string | null; ip_version?: number }[];
}

/** Filters of a list of ports. A list of values matches any of them; an empty list matches no port. */
export interface PortFilters {
  id?: readonly string[];
  network_id?: string;
  mac_address?: readonly string[];
  device_owner?: string;
  device_id?: readonly string[];
  'binding:host_id'?: readonly string[];
  /** The most ports per page, for lists that may be long. */
  limit?: string;
}
