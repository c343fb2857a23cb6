import type { FaultKind } from '../faults/kinds.js';
import { Random } from '../random.js';
import { drawCasts } from './casts.js';
import { drawFaults } from './faults.js';
import { drawLetters } from './letters.js';
import type { Plan } from './types.js';

/** Number of worker processes in a run. */
export const WORKERS = 3;
/** The worker whose clock can be moved: its program is started with libfaketime. */
export const CLOCK_WORKER = 2;

const HOSTS = ['chaos-conductor-1', 'chaos-conductor-2', 'chaos-conductor-3', 'chaos-conductor-4'];

export interface PlanOptions {
  seed: number;
  /** Seconds in which casts are sent and faults begin. */
  seconds: number;
  casts: number;
  /** Number of poison messages. Each is for a separate node, which gets three casts. */
  poison: number;
  /** Faults a minute. */
  faults: number;
  kinds: readonly FaultKind[];
}

/** Draws everything that a run does from its seed: the same options give the same plan. */
export function drawPlan({ seed, seconds, casts, poison, faults, kinds }: PlanOptions): Plan {
  const duration = seconds * 1000;
  const count = Math.round((faults * seconds) / 60);
  const workers = { workers: WORKERS, clockWorker: CLOCK_WORKER };
  const drawn = drawCasts({ duration, casts, poison, hosts: HOSTS }, new Random(seed, 'casts'));
  const nodes = drawn.nodes.filter(({ provider }) => provider === 'neutron').map(({ uuid }) => uuid);
  return {
    seed,
    duration,
    hosts: HOSTS,
    ...drawn,
    letters: drawLetters({ duration, casts, hosts: HOSTS }, new Random(seed, 'letters')),
    faults: drawFaults({ duration, count, kinds, nodes, ...workers }, new Random(seed, 'faults')),
  };
}
