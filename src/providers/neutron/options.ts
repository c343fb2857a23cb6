import type { NeutronOptions } from '../../neutron/options.js';

/** How long to wait for Neutron's mechanism drivers. In seconds. */
export interface BindingOptions {
  /** One deadline for all ports of an operation to become ACTIVE. */
  binding_timeout: number;
  /** First and longest pause between two looks at the ports. */
  poll_interval_min: number;
  poll_interval_max: number;
}

/** Options of the neutron provider, by their paths in the configuration. */
export interface NeutronProviderOptions {
  /** Name or UUID of the network of the deploy ramdisk; null: only nodes whose driver_info names one can use it. */
  provisioning_network: string | null;
  /** Name or UUID of the network of the cleaning ramdisk; null: as above. */
  cleaning_network: string | null;
  neutron: NeutronOptions & BindingOptions;
}
