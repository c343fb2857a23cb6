import type { Whereabouts } from '../api/types.js';
import { stateAfter } from '../look/operation-mark.js';
import type { NodeState } from '../look/state-mark.js';
import { TEXTS } from '../texts.js';

/** A node on the board. */
export interface FleetNode {
  id: string;
  /** Its name, or its UUID if it has none. */
  label: string;
  /** The name and the UUID in lower case, for the filter. */
  sought: string;
  state: NodeState;
  /** Keys of the columns that it is in: more than one if it is on several tenant networks. */
  columns: readonly string[];
  /** When it came there; null: unknown. */
  since: string | null;
  place: Whereabouts;
}

const NOWHERE = 'none';
const TENANT = 'tenant:';
/** Columns that are always there. */
export const USUAL_COLUMNS = [NOWHERE, 'cleaning', 'provisioning'] as const;
const ORDER = [NOWHERE, 'inspection', 'cleaning', 'provisioning', 'rescuing', 'servicing'];

export function fleetNode(place: Whereabouts): FleetNode {
  const { node_uuid: id, name } = place;
  return {
    id,
    label: name ?? id,
    sought: `${name ?? ''} ${id}`.toLowerCase(),
    state: nodeState(place),
    columns: columnsOf(place),
    since: place.since ?? removedAt(place),
    place,
  };
}

/** The worst that is known of the node. */
function nodeState({ latest, differs }: Whereabouts): NodeState {
  const state = latest === null ? 'steady' : stateAfter(latest);
  return state === 'steady' && differs === true ? 'differs' : state;
}

/** When a node without a network lost its last one, if its last operation did that. */
function removedAt({ latest }: Whereabouts): string | null {
  const removed = latest?.status === 'succeeded' && /^(remove|unconfigure)_/.test(latest.method);
  return removed ? latest.finished_at : null;
}

function columnsOf({ network_type: type, network_ids: ids }: Whereabouts): string[] {
  if (type === null) return [NOWHERE];
  return type === 'tenant' ? ids.map((id) => `${TENANT}${id}`) : [type];
}

export function isTenantColumn(key: string): boolean {
  return key.startsWith(TENANT);
}

/** The order of the columns: the one in which a node mostly passes them. */
export function byColumnOrder(one: string, other: string): number {
  return placeOf(one) - placeOf(other) || one.localeCompare(other);
}

function placeOf(key: string): number {
  const at = ORDER.indexOf(key);
  return at === -1 ? ORDER.length : at;
}

/** The heading of a column: the kind of network, and the network's UUID if it is a tenant network. */
export function columnName(key: string): { kind: string; network: string | null } {
  if (isTenantColumn(key)) return { kind: TEXTS.networks.tenant, network: key.slice(TENANT.length) };
  return { kind: TEXTS.networks[key as keyof typeof TEXTS.networks], network: null };
}
