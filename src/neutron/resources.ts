import { z } from 'zod';

/** vif_type of a port on no host. Source: neutron_lib/api/definitions/portbindings.py. */
export const VIF_TYPE_UNBOUND = 'unbound';
/** vif_type when no mechanism driver could bind the port to its host. */
export const VIF_TYPE_BINDING_FAILED = 'binding_failed';
export const VNIC_BAREMETAL = 'baremetal';
/** device_owner of the ports that Ironic itself makes. */
export const DEVICE_OWNER_BAREMETAL = 'baremetal:none';

const Text = z.string();

/** A Neutron port, as far as it is needed here. */
export const NeutronPort = z.object({
  id: Text,
  network_id: Text,
  mac_address: Text,
  admin_state_up: z.boolean(),
  /** ACTIVE, DOWN, BUILD or ERROR. */
  status: Text,
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
  'binding:profile': z.record(z.string(), z.json()),
});
export type NeutronPort = z.infer<typeof NeutronPort>;

export const NeutronNetwork = z.object({ id: Text, name: Text });
export type NeutronNetwork = z.infer<typeof NeutronNetwork>;

/** Attributes that a port is given. In an update, mac_address null has Neutron generate a new address. */
export interface PortAttributes {
  network_id?: string;
  admin_state_up?: boolean;
  mac_address?: string | null;
  device_owner?: string;
  device_id?: string;
  'binding:host_id'?: string;
  'binding:vnic_type'?: string;
  'binding:profile'?: NeutronPort['binding:profile'];
}

/** What the ports of a list have in common. A list of values matches any of them; an empty one matches no port. */
export interface PortFilters {
  id?: readonly string[];
  network_id?: string;
  mac_address?: readonly string[];
  device_owner?: string;
  device_id?: readonly string[];
}
