import { parameterOf } from '../address.js';
import { NODE_STATES, type NodeState } from '../look/state-mark.js';
import type { FleetNode } from './fleet-node.js';

/** Which nodes the address asks for. '' and an empty set match all. */
export interface FleetFilter {
  name: string;
  host: string;
  provider: string;
  states: ReadonlySet<NodeState>;
}

/** The value of a filter for nodes without a conductor host, or with the default provider. */
export const NOT_SET = '(none)';

export function filterInAddress(): FleetFilter {
  const given = parameterOf('state').split(',');
  return {
    name: parameterOf('name').toLowerCase(),
    host: parameterOf('host'),
    provider: parameterOf('provider'),
    states: new Set(NODE_STATES.filter((state) => given.includes(state))),
  };
}

/** Whether a node matches all but the filter by state: the counts of the states are of such nodes. */
export function matchesWithoutState({ place, sought }: FleetNode, { name, host, provider }: FleetFilter): boolean {
  return (
    (name === '' || sought.includes(name)) &&
    (host === '' || (place.conductor ?? NOT_SET) === host) &&
    (provider === '' || (place.network_provider ?? NOT_SET) === provider)
  );
}

/** How many nodes are in each state. */
export function countByState(nodes: readonly FleetNode[]): ReadonlyMap<NodeState, number> {
  const counts = new Map<NodeState, number>();
  for (const { state } of nodes) counts.set(state, (counts.get(state) ?? 0) + 1);
  return counts;
}

export function hasState({ state }: FleetNode, { states }: FleetFilter): boolean {
  return states.size === 0 || states.has(state);
}
