import { PARKED } from '../../testkit/wire/judge.js';
import type { Walker } from '../../testkit/wire/moves.js';
import type { Rest } from './evidence.js';

/** What is needed to say where a node should be. */
export interface Place {
  walker: Walker;
  /** The VLAN of each network. */
  vlans: Readonly<Record<string, number>>;
}

/** The networks of the NICs of a node after a move, in the order of its NICs. */
export function networksAfter({ tenants }: Walker, after: string): readonly string[] {
  if (after === PARKED) return [];
  return after === 'tenant' ? tenants : [after];
}

/** The ports of the switch at which a node is, in the order of its NICs; a LAG is one. */
export function switchPortsAt({ task }: Walker): string[] {
  const ids = (task.ports ?? []).map(({ local_link_connection: link }) => link?.['port_id']);
  return distinct(ids.filter((id) => typeof id === 'string'));
}

/** Each network once: the NICs of a LAG are on one network, each with a port. */
export const distinct = (networks: readonly string[]): string[] => [...new Set(networks)];

/** The networks of the record in the order of the node's NICs: only a tenant has more than one. */
function inOrder(recorded: readonly string[], { tenants }: Walker): readonly string[] {
  const networks = distinct(recorded);
  return networks.length > 1 ? tenants.filter((tenant) => networks.includes(tenant)) : networks;
}

/** The networks that answer, though the record says that the node is not there. */
export function leaksOf({ answered, recorded }: Rest, { walker }: Place): string[] {
  const [first] = inOrder(recorded, walker);
  return answered.filter((network) => network !== first);
}

/** Why a node does not reach what the record says; null if it does. */
export function cutOffBy({ answered, recorded, vlans }: Rest, place: Place): string | null {
  const networks = inOrder(recorded, place.walker);
  const reasons = networks.flatMap((network, index) => {
    const [is, must] = [vlans[index] ?? null, place.vlans[network]];
    return is === must ? [] : [`switch port ${index} has VLAN ${is ?? 'none'}, not ${must ?? 'none'} of ${network}`];
  });
  const [first] = networks;
  if (first !== undefined && !answered.includes(first)) reasons.push(`${first} does not answer`);
  return reasons.length === 0 ? null : reasons.join('; ');
}
