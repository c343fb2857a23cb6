import { LRUCache } from 'lru-cache';

import type { Json, JsonObject } from '../../../contract/types.js';
import { driversOf } from '../../../neutron/mechanism-drivers.js';
import { type NeutronPort, VNIC_BAREMETAL } from '../../../neutron/resources.js';

/** How long the drivers of a switch are remembered, in milliseconds: Neutron's configuration seldom changes. */
const DRIVERS_TTL = 3_600_000;
/** Maximum number of switches whose drivers are remembered. */
const MAX_SWITCHES = 10_000;

/**
 * Which mechanism drivers bind bare-metal ports on which switch, from the lists of ports that are read anyway.
 *
 * When a port is removed, one must know which driver had bound it. Neutron's answer to the removal does not say so, and
 * a request before each removal would take time. But a switch is configured by the same drivers for all its ports, so
 * what was seen of one port on a switch is known of the others.
 */
export class SwitchDrivers {
  readonly #drivers = new LRUCache<string, ReadonlySet<string>>({
    max: MAX_SWITCHES,
    ttl: DRIVERS_TTL,
    noUpdateTTL: true,
  });

  /** Takes note of ports from a list. An ACTIVE port without drivers shows that this Neutron does not name them. */
  learn(ports: readonly NeutronPort[]): void {
    for (const port of ports) {
      const found = driversOf(port);
      if (port['binding:vnic_type'] !== VNIC_BAREMETAL || (found.length === 0 && port.status !== 'ACTIVE')) continue;
      for (const id of switchesIn(port['binding:profile'])) {
        const known = this.#drivers.get(id);
        if (known === undefined || found.some((driver) => !known.has(driver))) {
          this.#drivers.set(id, new Set([...(known ?? []), ...found]));
        }
      }
    }
  }

  /**
   * The drivers of the switches that a binding:profile names. Null: they are not known for all of these switches. Empty:
   * Neutron does not name them.
   */
  of(profile: JsonObject): ReadonlySet<string> | null {
    const known = switchesIn(profile).map((id) => this.#drivers.get(id));
    const all = known.filter((drivers) => drivers !== undefined);
    return all.length < known.length ? null : new Set(all.flatMap((drivers) => [...drivers]));
  }
}

/** The switches that a binding:profile names: each by its id, or by its name if it has no id. */
function switchesIn({ local_link_information: links }: JsonObject): string[] {
  if (!Array.isArray(links)) return [];
  const isName = (value: Json | undefined): value is string => typeof value === 'string' && value !== '';
  const names = (links as (Partial<JsonObject> | null)[]).map((link) =>
    [link?.['switch_id'], link?.['switch_info']].find(isName),
  );
  return [...new Set(names.flatMap((name) => name?.toLowerCase() ?? []))];
}
