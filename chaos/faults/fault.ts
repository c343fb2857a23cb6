import type { Member, Place } from '../place/place.js';
import type { PlannedNode } from '../plan/types.js';
import type { Random } from '../random.js';

export interface FaultContext {
  place: Place;
  /** The affected worker with its proxies; if the fault affects all workers, one of them. */
  member: Member;
  /** The node whose switch is affected; null if the fault affects no switch. */
  node: PlannedNode | null;
  /** For random choices while the fault lasts. */
  random: Random;
}

type Ending = () => void | Promise<void>;

/** Begins a fault, and returns the function that ends it. */
export type Fault = (context: FaultContext) => Ending | Promise<Ending>;
