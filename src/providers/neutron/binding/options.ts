import type { ManagementNetworkType } from '../../../contract/methods.js';
import type { NeutronOptions } from '../../../neutron/paced-requests.js';

/** How long to wait for Neutron's mechanism drivers, in seconds. */
export interface BindingOptions {
  /** One deadline for all ports of an operation to become ACTIVE. */
  binding_timeout: number;
  /** First and longest pause between two polls of the ports. */
  poll_interval_min: number;
  poll_interval_max: number;
  /** Longest pause while events from Neutron are expected; an event ends the pause early. */
  event_poll_interval: number;
}

/** How a node's NICs are attached to networks. */
export interface PortOptions {
  /** Whether NICs that do not boot from the network also get ports on management networks, without an address. */
  add_all_ports: boolean;
  /** Whether a portgroup gets one port on a management network, not one for each NIC; driver_info may override this. */
  one_port_per_portgroup: boolean;
  /** Number of addresses that a port gets in a subnet with stateful DHCPv6. */
  dhcpv6_stateful_address_count: number;
  /** Whether a port fails when Neutron cannot bind it; a node's driver_info may override this. */
  fail_on_port_binding_failure: boolean;
  /** Maximum number of changes that are under way at once for the ports of one switch. */
  max_changes_per_switch: number;
}

/**
 * For each management network type: name or UUID of the network, and UUIDs of the security groups of its ports. Without
 * a network (null), only nodes whose driver_info names one can use the type. Without security groups (empty), Neutron's
 * default applies.
 */
type NetworkOptions = Readonly<Record<`${ManagementNetworkType}_network`, string | null>> &
  Readonly<Record<`${ManagementNetworkType}_network_security_groups`, readonly string[]>>;

/** Options of the neutron and flat providers, by their paths in the configuration. */
export interface NeutronProviderOptions extends NetworkOptions {
  /** Name or UUID of the network on which NICs wait while they are taken off another; null: there is none. */
  quarantine_network: string | null;
  /** Boot option of a node whose instance_info names none: local, or anything else. */
  default_boot_option: string;
  neutron: NeutronOptions & BindingOptions & PortOptions;
}
