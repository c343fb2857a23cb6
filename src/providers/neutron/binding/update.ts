import { isDeepStrictEqual } from 'node:util';

import { dhcpOptionKey } from '../../../contract/dhcp-options.js';
import { TransientError } from '../../../contract/errors.js';
import type { BindingFailure, JsonObject } from '../../../contract/types.js';
import { NeutronError } from '../../../neutron/errors.js';
import {
  type NeutronPort,
  type PortAttributes,
  VIF_TYPE_BINDING_FAILED,
  VIF_TYPE_UNBOUND,
} from '../../../neutron/resources.js';
import type { PortLike } from '../../ports/port-like.js';
import type { NeutronOperation } from './operation.js';

/**
 * The updates, one after the other, after which the port has these attributes and is bound; none: it is so already.
 *
 * A port is unbound first where Neutron would refuse the change, as it does with another MAC address of a bound port and
 * another vnic_type of a port on a host, or would do nothing, as when the port is stuck.
 *
 * @param active whether the port is to be ACTIVE; one that is not, and never would be by itself, is then bound anew
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
 * Whether Neutron refuses these changes while the port is on its host.
 *
 * Source: Neutron, plugins/ml2/plugin.py: PortBound for the MAC address; from Neutron 26 (2025.1) on, PortInUse for the
 * vnic_type, also where the binding failed.
 */
export function isRefused(port: NeutronPort, changes: PortAttributes): boolean {
  const vnicType = changes['binding:vnic_type'];
  const otherVnicType = vnicType !== undefined && vnicType !== port['binding:vnic_type'];
  const otherMac = changes.mac_address !== undefined && changes.mac_address !== port.mac_address.toLowerCase();
  return (otherMac && isBound(port)) || (otherVnicType && port['binding:vif_type'] !== VIF_TYPE_UNBOUND);
}

/**
 * Whether Neutron has the port bound, but is not going to make it ACTIVE: what it had begun was lost, with a process of
 * its own, say, and it does not try again by itself.
 *
 * @param changes what is to be changed of it: it may have Neutron bind it again
 */
function isStuck(port: NeutronPort, changes: PortAttributes | null): boolean {
  if (port.status === 'ACTIVE' || !port.admin_state_up) return false;
  return !Object.keys(changes ?? {}).some((name) => name.startsWith('binding:'));
}

/** Sends the updates, as one change to the switches that the profile names. Answers with the port as it then is. */
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
 * Sends an update of a port that was seen unbound, or was unbound, where that matters.
 *
 * @throws TransientError when it is bound all the same: a request without an answer came late. It has to be looked at anew.
 */
export async function sendUpdate(
  { id }: NeutronPort,
  update: PortAttributes,
  { client, request }: NeutronOperation,
): Promise<NeutronPort> {
  try {
    return await client.updatePort(id, update, request);
  } catch (error) {
    const bound = error instanceof NeutronError && (error.type === 'PortBound' || error.type === 'PortInUse');
    if (!bound) throw error;
    throw new TransientError(`Neutron port ${id} was bound while it was being changed`, { cause: error });
  }
}

/** What the updates change, for the log. */
export function changed(updates: readonly PortAttributes[]): string[] {
  return [...new Set(updates.flatMap((update) => Object.keys(update)))];
}

/** The keys of binding:profile that say where a node is cabled. Others, such as Nova's, are nobody's mistake. */
const PROFILE_KEYS = ['local_link_information', 'local_group_information', 'physical_network'];

/** What leaves a port on no host. */
export const UNBOUND = { 'binding:host_id': '', 'binding:profile': {} } as const;

/** Whether a mechanism driver has the port bound to some host. */
export function isBound(port: Pick<NeutronPort, 'binding:vif_type'>): boolean {
  return ![VIF_TYPE_UNBOUND, VIF_TYPE_BINDING_FAILED].includes(port['binding:vif_type']);
}

/** What must change so that the port has these attributes and is bound; null: nothing. */
function changesTo(port: NeutronPort, wanted: PortAttributes): PortAttributes | null {
  const changes: PortAttributes = Object.fromEntries(
    Object.entries(wanted).filter(([name, value]) => !same(name, port[name as keyof NeutronPort], value)),
  );
  // Naming the host again has Neutron try the binding again, even with nothing else to change.
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
 * The DHCP options that a port does not have yet, or still has of those that are to be removed (opt_value null). One that
 * it has under a name that is the same to Neutron goes by the port's own name.
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

/** What of a binding:profile says where a node is cabled. */
export function cabling(profile: unknown): Record<string, unknown> {
  return Object.fromEntries(PROFILE_KEYS.map((key) => [key, (profile as Record<string, unknown>)[key]]));
}

/** The switch ports that a binding:profile names. A driver finds the switch by its id or by its name. */
export function switchPorts({ local_link_information: links }: JsonObject): string[] {
  if (!Array.isArray(links)) return [];
  return (links as (Partial<JsonObject> | null)[]).flatMap((link) => {
    // A port_id may be a number: Ironic takes any value there.
    const text = (key: string): string => {
      const value = link?.[key] ?? '';
      return typeof value === 'object' ? '' : String(value).toLowerCase();
    };
    const switches = ['switch_id', 'switch_info'].filter((key) => text(key) !== '');
    return text('port_id') === '' ? [] : switches.map((key) => JSON.stringify([key, text(key), text('port_id')]));
  });
}

/** Why this one cannot have a port on a management network beside the others; null: it can. */
export function sameMac(portLike: PortLike, others: readonly PortLike[]): string | null {
  const { label, managementMac: mac } = portLike;
  const twin = others.find((other) => other !== portLike && other.managementMac === mac);
  return twin === undefined ? null : `MAC address ${String(mac)} of ${label} is also that of ${twin.label}`;
}

/**
 * Which NICs are said to be on one switch port. That may be so, as with functions of one card, or where a LAG's own name is
 * its switch port; if not, the last that is bound there counts, and Neutron calls the others bound all the same.
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
        `local_link_connection: what is bound last counts there; correct it, unless that is so`;
      return [{ ...ref, reason }];
    }),
  );
}
