import { OpenStackError } from '../openstack/errors.js';
import type { NeutronClient } from './client.js';
import type { NeutronRequestOptions } from './paced-requests.js';
import type { NeutronNetwork, PortAttributes } from './resources.js';

/** For each of these names or ids, the networks that are visible to our credentials. @throws OpenStackError */
export async function visibleNetworks(
  client: NeutronClient,
  wanted: readonly string[],
  options: NeutronRequestOptions = {},
): Promise<Map<string, NeutronNetwork[]>> {
  const found = new Map<string, NeutronNetwork[]>();
  for (const name of wanted) {
    const byId = await client.listNetworks([name], options);
    found.set(name, byId.length > 0 ? byId : await client.findNetworks(name, options));
  }
  return found;
}

/**
 * What to do about missing permissions. Up to Neutron 25, administrators may do everything. From 26 (2025.1) on, its
 * default policy gives create_port:binding:profile and update_port:binding:profile only to the role service.
 */
export const PERMISSIONS_REMEDY =
  'give their user the roles admin and service in its project (in Neutron 26, 2025.1, and later, only the role service ' +
  "may set binding:profile), or allow these in Neutron's policy";

/** A subnet that does not exist. Neutron checks the permissions first, then finds no subnet, and creates nothing. */
const NO_SUBNET = '00000000-0000-0000-0000-000000000000';

/** The attributes of a new bare-metal port, besides its network. Each has its own rule in Neutron's policy. */
const ATTRIBUTES: PortAttributes = {
  mac_address: '02:00:00:00:00:01',
  device_owner: 'baremetal:none',
  'binding:host_id': 'netprov-probe',
  'binding:vnic_type': 'baremetal',
  'binding:profile': { local_link_information: [] },
};

/**
 * The permissions that the credentials lack for creating ports on a network, by their names in Neutron's policy, such
 * as create_port:binding:host_id. It creates nothing, because each requested port has an address in a subnet that does
 * not exist. It does not test updating and deleting, which would need a port; by Neutron's default policy, a caller
 * that may create a port may also update and delete it.
 *
 * Source: neutron/conf/policies/port.py; a refusal is 403 PolicyNotAuthorized, and SubnetNotFound comes after it.
 *
 * @param network id of a network on which the credentials must be able to create ports
 * @throws OpenStackError when Neutron does not answer, or does not show the network
 */
export async function missingPermissions(
  client: NeutronClient,
  network: string,
  options: NeutronRequestOptions = {},
): Promise<string[]> {
  const may = (attributes: PortAttributes): Promise<boolean> => mayCreate(client, network, attributes, options);
  if (await may(ATTRIBUTES)) return [];
  if (!(await may({}))) return ['create_port', 'create_port:fixed_ips'];
  const missing: string[] = [];
  for (const name of Object.keys(ATTRIBUTES) as (keyof PortAttributes)[]) {
    if (!(await may({ [name]: ATTRIBUTES[name] }))) missing.push(`create_port:${name}`);
  }
  return missing;
}

async function mayCreate(
  client: NeutronClient,
  network: string,
  attributes: PortAttributes,
  options: NeutronRequestOptions,
): Promise<boolean> {
  try {
    const fixed_ips = [{ subnet_id: NO_SUBNET }];
    const port = await client.createPort({ network_id: network, fixed_ips, ...attributes }, options);
    // This Neutron accepted an address without a subnet and created the port, so delete it.
    await client.deletePort(port.id, options);
    return true;
  } catch (error) {
    if (!(error instanceof OpenStackError)) throw error;
    if (error.status === 403) return false;
    if (error.type === 'SubnetNotFound' || error.status === 400) return true;
    throw error;
  }
}
