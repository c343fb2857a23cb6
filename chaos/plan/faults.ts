import { type FaultKind, KINDS, meetsOneWorker } from '../faults/kinds.js';
import type { Random } from '../random.js';
import type { PlannedFault } from './types.js';

/** Milliseconds without a fault at the beginning, so that the run is under way when the first fault comes. */
const CALM = 2000;

export interface FaultOptions {
  /** Milliseconds in which faults begin. */
  duration: number;
  /** Number of faults. */
  count: number;
  kinds: readonly FaultKind[];
  workers: number;
  /** The worker whose clock can be moved. */
  clockWorker: number;
  /** UUIDs of the nodes whose switch can break. */
  nodes: readonly string[];
}

/** Draws the faults: first each kind once, then each as often as its weight says. */
export function drawFaults(options: FaultOptions, random: Random): PlannedFault[] {
  const { duration, count, kinds, workers, clockWorker, nodes } = options;
  const deck = random.shuffle(kinds);
  while (deck.length < count) {
    deck.push(...random.shuffle(kinds.flatMap((kind) => Array.from({ length: KINDS[kind].weight }, () => kind))));
  }
  const step = (duration - CALM) / count;
  return deck.slice(0, count).map((kind, id) => {
    const [least, most] = KINDS[kind].lasts;
    const worker = random.int(0, workers - 1);
    return {
      id,
      kind,
      at: Math.round(CALM + (id + random.next()) * step),
      lasts: random.int(least, most),
      worker: kind === 'worker-clock' ? clockWorker : meetsOneWorker(kind) ? worker : null,
      node: kind === 'switch-500' ? random.pick(nodes) : null,
      seed: random.int(0, 2 ** 31),
    };
  });
}
