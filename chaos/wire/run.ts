import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { within } from '../../src/async/within.js';
import { type Counted, Flood } from '../../testkit/wire/flood.js';
import { Judge, PARKED } from '../../testkit/wire/judge.js';
import { oneLag, phasesOf, twoNics } from '../../testkit/wire/moves.js';
import { makeVifs } from '../../testkit/wire/walk.js';
import { Wire } from '../../testkit/wire/wire.js';
import type { MadeRound, WireEvidence } from './evidence.js';
import type { WireFaultKind } from './kinds.js';
import { type PlannedRound, Rounds } from './plan.js';
import { playRound, type Scene } from './round.js';

/** Seconds for which Neutron tries to reach the switch before a change of it fails. */
const PATIENCE = 3;

export interface WireRunOptions {
  seed: number;
  /** Seconds in which rounds begin. */
  seconds: number;
  kinds: readonly WireFaultKind[];
  /** Whether the worker has a quarantine network. */
  quarantine: boolean;
  /** Folder for the logs. */
  folder: string;
  tell: (text: string) => void;
  signal: AbortSignal;
}

/** The variables of the worker. */
function variables(wire: Wire, quarantine: boolean): Record<string, string> {
  return {
    ...(quarantine ? { NETPROV_QUARANTINE_NETWORK: wire.networks['quarantine'] ?? '' } : {}),
    // Faults are short, and end when they were noticed: later attempts must not wait long.
    NETPROV_WORKER_RETRY_MAX_DELAY: '2',
    NETPROV_WORKER_RETRY_MAX_ATTEMPTS: '12',
    NETPROV_WORKER_RETRY_DEADLINE: '90',
    NETPROV_WORKER_LATE_WINDOW: '12',
  };
}

/** Builds a rack, moves its nodes while faults meet them, and returns all that was seen. */
export async function runWire(options: WireRunOptions): Promise<WireEvidence> {
  const { seed, quarantine, folder, tell } = options;
  tell('building a rack, with a Neutron that configures its switch');
  const wire = await Wire.start(PATIENCE);
  try {
    await wire.startWorker(variables(wire, quarantine));
    const walkers = [twoNics(), oneLag()];
    const vifs = new Map<string, string[]>();
    for (const walker of walkers) vifs.set(walker.name, await makeVifs(walker, wire));
    const flood = await Flood.start(wire.rack, PARKED);
    const rounds: MadeRound[] = [];
    let counted: Counted;
    try {
      await play({ wire, walkers, flood, vifs, tell }, rounds, options);
    } finally {
      counted = await flood.stop();
      writeFileSync(join(folder, 'worker.log'), wire.workerLog);
      writeFileSync(join(folder, 'neutron.log'), wire.neutronLog);
      writeFileSync(join(folder, 'rounds.json'), JSON.stringify(rounds, null, 2));
    }
    const { stations, vlans, leaf } = wire.rack;
    const phases = Object.fromEntries(walkers.map((walker) => [walker.name, phasesOf(walker)]));
    const judge = new Judge(stations, phases);
    return { seed, walkers, vlans, judge, rounds, counted, settings: [...leaf.settings] };
  } finally {
    await wire.stop();
  }
}

/** Plays rounds until the time is over, and then takes all nodes off their networks. @throws the signal's reason */
async function play(
  scene: Scene,
  rounds: MadeRound[],
  { seed, seconds, kinds, signal, tell }: WireRunOptions,
): Promise<void> {
  const plan = new Rounds(
    seed,
    scene.walkers.map(({ name }) => name),
    kinds,
  );
  const end = Date.now() + seconds * 1000;
  const one = async (planned: PlannedRound): Promise<boolean> => {
    tell(`round ${planned.id}: ${describe(planned)}`);
    const made = await within(signal, playRound(planned, scene), () => {
      throw signal.reason;
    });
    rounds.push(made);
    // Without a result nobody knows where the node is.
    return made.moves.every(({ result }) => result !== null);
  };
  while (Date.now() < end) if (!(await one(plan.next()))) return;
  for (const planned of plan.last()) if (!(await one(planned))) return;
}

/** The fault and the moves of a round, as one line. */
function describe({ kind, moves }: PlannedRound): string {
  const casts = Object.entries(moves).map(([node, { method }]) => `${node} ${method}`);
  return `${kind ?? 'no fault'}: ${casts.join(', ')}`;
}
