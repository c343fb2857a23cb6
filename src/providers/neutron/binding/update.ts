import { isDeepStrictEqual } from 'node:util';

import { dhcpOptionKey } from '../../../contract/dhcp-options.js';
import { TransientError } from '../../../contract/errors.js';
import type { BindingFailure, JsonObject } from '../../../contract/types.js';
import {
  type NeutronPort,
  type PortAttributes,
  VIF_TYPE_BINDING_FAILED,
  VIF_TYPE_UNBOUND,
} from '../../../neutron/resources.js';
import { OpenStackError } from '../../../openstack/errors.js';
import type { PortLike } from '../../ports/port-like.js';
import type { NeutronOperation } from './operation.js';

/**
 * The updates, in order, that give the port these attributes and bind it; empty if nothing has to change.
 *
 * The port is unbound first where Neutron would otherwise refuse the change (a new MAC address of a bound port, or a
 * new vnic_type of a port on a host), or would do nothing because the port is stuck.
 *
 * @param active whether the port should become ACTIVE; a port that would never do so by itself is then bound again
 */
export function updatesTo(port: NeutronPort, wanted: PortAttributes, active: boolean): PortAttributes[] {
  const changes = changesTo(port, wanted);
  const refused = changes !== null && isRefused(port, changes);
  const unbind = refused || (isBound(port) && active && isStuck(port, changes));
  if (!unbind) return changes === null ? [] : [changes];
  const left = changesTo({ ...port, ...UNBOUND, 'binding:vif_type': VIF_TYPE_UNBOUND }, wanted);
  return left === null ? [UNBOUND] : [UNBOUND, left];
}

/**
 * Whether Neutron refuses these changes as long as the port is on its host.
 *
 * Source: Neutron, plugins/ml2/plugin.py: PortBound for the MAC address; since Neutron 26 (2025.1) also PortInUse for
 * the vnic_type, even if the binding failed.
 */
export function isRefused(port: NeutronPort, changes: PortAttributes): boolean {
  const vnicType = changes['binding:vnic_type'];
  const otherVnicType = vnicType !== undefined && vnicType !== port['binding:vnic_type'];
  const otherMac = changes.mac_address !== undefined && changes.mac_address !== port.mac_address.toLowerCase();
  return (otherMac && isBound(port)) || (otherVnicType && port['binding:vif_type'] !== VIF_TYPE_UNBOUND);
}

/**
 * Whether a bound port will never become ACTIVE: Neutron's work on it was lost, for example when one of Neutron's
 * processes died, and Neutron does not try again by itself.
 *
 * @param changes the planned changes; a change of the binding makes Neutron bind the port again anyway
 */
function isStuck(port: NeutronPort, changes: PortAttributes | null): boolean {
  if (port.status === 'ACTIVE' || !port.admin_state_up) return false;
  return !Object.keys(changes ?? {}).some((name) => name.startsWith('binding:'));
}

/** Sends the updates as one change of the switches that the profile names. Returns the port after the last update. */
export function updatePort(
  port: NeutronPort,
  updates: readonly PortAttributes[],
  profile: JsonObject,
  operation: NeutronOperation,
): Promise<NeutronPort> {
  return operation.limits.run(profile, async () => {
    let now = port;
    for (const update of updates) now = await sendUpdate(port, update, operation);
    return now;
  });
}

/**
 * Sends one update. If Neutron accepts the update only for an unbound port, the caller must have unbound the port or
 * seen it unbound.
 *
 * @throws TransientError when the port is bound all the same, because an unanswered request took effect late; a retry
 *   looks at the port again
 */
export async function sendUpdate(
  { id }: NeutronPort,
  update: PortAttributes,
  { client, request }: NeutronOperation,
): Promise<NeutronPort> {
  try {
    return await client.updatePort(id, update, request);
  } catch (error) {
    const bound = error instanceof OpenStackError && (error.type === 'PortBound' || error.type === 'PortInUse');
    if (!bound) throw error;
    throw new TransientError(`Neutron port ${id} was bound while it was being changed`, { cause: error });
  }
}

/** The names of the attributes that the updates change, for the log. */
export function changed(updates: readonly PortAttributes[]): string[] {
  return [...new Set(updates.flatMap((update) => Object.keys(update)))];
}

/** The keys of binding:profile that say where a node is cabled. Other keys, such as Nova's, may differ. */
const PROFILE_KEYS = ['local_link_information', 'local_group_information', 'physical_network'];

/** Attributes that take a port off its host. */
export const UNBOUND = { 'binding:host_id': '', 'binding:profile': {} } as const;

/** Whether a mechanism driver has the port bound to some host. */
export function isBound(port: Pick<NeutronPort, 'binding:vif_type'>): boolean {
  return ![VIF_TYPE_UNBOUND, VIF_TYPE_BINDING_FAILED].includes(port['binding:vif_type']);
}

/** The changes that give the port these attributes and bind it; null if there are none. */
function changesTo(port: NeutronPort, wanted: PortAttributes): PortAttributes | null {
  const changes: PortAttributes = Object.fromEntries(
    Object.entries(wanted).filter(([name, value]) => !same(name, port[name as keyof NeutronPort], value)),
  );
  // If the host is sent again, Neutron tries the binding again, even if nothing else changes.
  const host = wanted['binding:host_id'];
  if (!isBound(port) && host !== undefined) changes['binding:host_id'] = host;
  return Object.keys(changes).length === 0 ? null : changes;
}

function same(name: string, has: unknown, wanted: unknown): boolean {
  if (name === 'mac_address') return String(has).toLowerCase() === String(wanted).toLowerCase();
  if (name === 'binding:profile') return isDeepStrictEqual(cabling(has), cabling(wanted));
  if (name === 'security_groups') return isDeepStrictEqual(new Set(has as string[]), new Set(wanted as string[]));
  if (name === 'extra_dhcp_opts') return optionsToChange(has as PortOption[], wanted as PortOption[]).length === 0;
  return isDeepStrictEqual(has, wanted);
}

export type PortOption = NonNullable<PortAttributes['extra_dhcp_opts']>[number];

/**
 * The DHCP options that must be sent so that the port has the wanted ones. A wanted opt_value of null removes an
 * option. Neutron treats some names as the same option; then the name that the port already has is used.
 */
export function optionsToChange(
  own: readonly PortOption[] | null | undefined,
  wanted: readonly PortOption[],
): PortOption[] {
  return wanted.flatMap((option) => {
    const key = dhcpOptionKey(option);
    const found = own?.find((candidate) => dhcpOptionKey(candidate) === key);
    if ((found?.opt_value ?? null) === option.opt_value) return [];
    return [found === undefined ? option : { ...option, opt_name: found.opt_name }];
  });
}

/** The part of a binding:profile that says where a node is cabled. */
export function cabling(profile: unknown): Record<string, unknown> {
  return Object.fromEntries(PROFILE_KEYS.map((key) => [key, (profile as Record<string, unknown>)[key]]));
}

/**
 * Keys of the switch ports that a binding:profile names: by the id and by the name of the switch, as drivers use both.
 */
export function switchPorts({ local_link_information: links }: JsonObject): string[] {
  if (!Array.isArray(links)) return [];
  return (links as (Partial<JsonObject> | null)[]).flatMap((link) => {
    // Ironic accepts any value as port_id, for example a number.
    const text = (key: string): string => {
      const value = link?.[key] ?? '';
      return typeof value === 'object' ? '' : String(value).toLowerCase();
    };
    const switches = ['switch_id', 'switch_info'].filter((key) => text(key) !== '');
    return text('port_id') === '' ? [] : switches.map((key) => JSON.stringify([key, text(key), text('port_id')]));
  });
}

/**
 * Tells why this port-like object cannot have a port on a management network beside the others: it has the MAC address
 * of another one. Null if it has not.
 */
export function sameMac(portLike: PortLike, others: readonly PortLike[]): string | null {
  const { label, managementMac: mac } = portLike;
  const twin = others.find((other) => other !== portLike && other.managementMac === mac);
  return twin === undefined ? null : `MAC address ${String(mac)} of ${label} is also that of ${twin.label}`;
}

/**
 * Warns about NICs that have the same switch port in local_link_connection. This may be correct, for example for the
 * functions of one card, or if the switch port is the name of a LAG. If it is wrong, only the port that was bound last
 * is connected, although Neutron calls all of them bound.
 */
export function sharedSwitchPorts(portLikes: readonly PortLike[]): BindingFailure[] {
  const seen = new Map<string, string>();
  return portLikes.flatMap(({ ref, members }) =>
    members.flatMap(({ uuid, local_link_connection: link }) => {
      const names = switchPorts({ local_link_information: [link] });
      const other = names.map((name) => seen.get(name)).find((found) => found !== undefined);
      for (const name of names) seen.set(name, uuid);
      if (other === undefined) return [];
      const { port_id: switchPort } = link;
      const reason =
        `port ${uuid} is on the same switch port ${JSON.stringify(switchPort)} as port ${other}, by their ` +
        `local_link_connection: the port that is bound last configures the switch port; correct local_link_connection if it is wrong`;
      return [{ ...ref, reason }];
    }),
  );
}
