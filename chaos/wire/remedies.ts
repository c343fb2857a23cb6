import { PARKED } from '../../testkit/wire/judge.js';
import {
  atTenant,
  CLEANING,
  FROM_TENANT,
  type Move,
  PROVISIONING,
  RESCUING,
  TO_TENANT,
} from '../../testkit/wire/moves.js';
import type { Rest } from './evidence.js';
import { cutOffBy, leaksOf, type Place } from './rests.js';

/**
 * What an operator does about a node that is not where its result says: casts again what failed, has the tenant's VIFs
 * plugged in again, or moves the node again.
 */
export function remediesOf(rest: Rest, place: Place): readonly Move[] {
  const { move, result } = rest.made;
  if (result?.status !== 'succeeded') return [move];
  if (leaksOf(rest, place).length === 0 && cutOffBy(rest, place) === null) return [];
  if (move.after === 'tenant') return [atTenant('reattach')];
  const pair = [CLEANING, PROVISIONING, RESCUING, [TO_TENANT, FROM_TENANT]].find((moves) =>
    moves.some(({ method }) => method === move.method),
  );
  if (pair === undefined) return [];
  return move.after === PARKED ? pair : [...pair].reverse();
}
