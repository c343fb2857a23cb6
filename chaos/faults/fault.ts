import type { Member, Place } from '../place/place.js';
import type { PlannedNode } from '../plan/types.js';
import type { Random } from '../random.js';

export interface FaultContext {
  place: Place;
  /** The worker that it meets, with its proxies; where it meets all, one of them. */
  member: Member;
  /** The node whose switch it meets; null: it is about none. */
  node: PlannedNode | null;
  /** For choices that are made while it lasts. */
  random: Random;
}

type Ending = () => void | Promise<void>;

/** Begins a fault, and answers with what ends it. */
export type Fault = (context: FaultContext) => Ending | Promise<Ending>;
