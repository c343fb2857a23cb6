import type { ManagementNetworkType } from '../../../contract/methods.js';
import type { NeutronOptions } from '../../../neutron/auth.js';

/** How long to wait for Neutron's mechanism drivers. In seconds. */
export interface BindingOptions {
  /** One deadline for all ports of an operation to become ACTIVE. */
  binding_timeout: number;
  /** First and longest pause between two looks at the ports. */
  poll_interval_min: number;
  poll_interval_max: number;
  /** Longest pause while Neutron's events are to be expected, which end it. */
  event_poll_interval: number;
}

/** How a node's NICs are put on networks. */
export interface PortOptions {
  /** Whether NICs that do not boot from the network are put on management networks too, without an address. */
  add_all_ports: boolean;
  /** Whether a portgroup has one port on a management network, not one for each NIC; a node's driver_info may say otherwise. */
  one_port_per_portgroup: boolean;
  /** How many addresses a port has in a subnet with stateful DHCPv6. */
  dhcpv6_stateful_address_count: number;
  /** Whether a binding that Neutron could not do fails its port; a node's driver_info may say otherwise. */
  fail_on_port_binding_failure: boolean;
  /** Most changes that are under way at once for the ports of one switch. */
  max_changes_per_switch: number;
}

/**
 * Name or UUID of the network of each type of ramdisk; null: only nodes whose driver_info names one can use it. And the
 * UUIDs of the security groups of its ports; empty: Neutron's default.
 */
type NetworkOptions = Readonly<Record<`${ManagementNetworkType}_network`, string | null>> &
  Readonly<Record<`${ManagementNetworkType}_network_security_groups`, readonly string[]>>;

/** Options of the neutron and flat providers, by their paths in the configuration. */
export interface NeutronProviderOptions extends NetworkOptions {
  /** What a node boots when its instance_info does not say: local, or anything else. */
  default_boot_option: string;
  neutron: NeutronOptions & BindingOptions & PortOptions;
}
