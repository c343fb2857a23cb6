import type { BindingFailure } from '../../contract/types.js';
import { switchPorts } from './changes.js';
import type { PortLike } from './port-like.js';

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
