import { isDeepStrictEqual } from 'node:util';
import { dhcpOptionKey } from '../../contract/dhcp-options.js';
import type { JsonObject } from '../../contract/types.js';
import {
  type NeutronPort,
  type PortAttributes,
  VIF_TYPE_BINDING_FAILED,
  VIF_TYPE_UNBOUND,
} from '../../neutron/resources.js';

/** The keys of binding:profile that say where a node is cabled. Others, such as Nova's, are nobody's mistake. */
const PROFILE_KEYS = ['local_link_information', 'local_group_information', 'physical_network'];

/** What leaves a port on no host. */
export const UNBOUND = { 'binding:host_id': '', 'binding:profile': {} } as const;

/** Whether a mechanism driver has the port bound to some host. */
export function isBound(port: Pick<NeutronPort, 'binding:vif_type'>): boolean {
  return ![VIF_TYPE_UNBOUND, VIF_TYPE_BINDING_FAILED].includes(port['binding:vif_type']);
}

/** What must change so that the port has these attributes and is bound; null: nothing. */
export function changesTo(port: NeutronPort, wanted: PortAttributes): PortAttributes | null {
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
