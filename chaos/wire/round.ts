import { pause } from '../../src/async/pause.js';
import { within } from '../../src/async/within.js';
import type { Flood } from '../../testkit/wire/flood.js';
import type { Move, Walker } from '../../testkit/wire/moves.js';
import { attachVifs, pings } from '../../testkit/wire/walk.js';
import type { Wire } from '../../testkit/wire/wire.js';
import type { MadeMove, MadeRound, Outside, Rest } from './evidence.js';
import { WIRE_FAULTS } from './faults.js';
import type { PlannedRound } from './plan.js';
import { remediesOf } from './remedies.js';
import { switchPortsAt } from './rests.js';

/** Milliseconds within which each cast must have its result: more than a worker's retries take. */
const RESULT_TIMEOUT = 400_000;
/** Milliseconds for which nodes stay where they came to. */
const STAY = 1000;
const QUARANTINED = 'Neutron port created on the quarantine network';

/** The rack, and who moves there. */
export interface Scene {
  wire: Wire;
  walkers: readonly Walker[];
  flood: Flood;
  /** The Neutron ports of each node's tenant. */
  vifs: ReadonlyMap<string, readonly string[]>;
  tell: (text: string) => void;
}

/** Moves the nodes side by side while a fault meets them, looks at all of them, and puts right what the fault left. */
export async function playRound(planned: PlannedRound, scene: Scene): Promise<MadeRound> {
  const { wire, walkers, tell } = scene;
  const begin = Date.now();
  const fault = planned.kind === null ? {} : WIRE_FAULTS[planned.kind];
  const outside: Outside[] = [];
  let isMoved = false;
  const site = { wire, walkers, planned, outside, isMoved: () => isMoved };
  await fault.before?.(site);
  const beside = fault.beside?.(site);
  const moving = walkers.flatMap((walker) => {
    const move = planned.moves[walker.name];
    return move === undefined ? [] : [{ walker, move }];
  });
  const moves = await Promise.all(moving.map(({ walker, move }) => cast(walker, move, scene)));
  isMoved = true;
  await beside;
  await fault.after?.(site);
  await pause(STAY);
  const rests = await Promise.all(moves.map((made) => look(made, 'fault', scene)));
  await fault.restore?.(site);
  for (const rest of [...rests]) {
    const walker = walkerOf(rest.made, scene);
    const remedies = remediesOf(rest, { walker, vlans: wire.rack.vlans });
    if (remedies.length === 0 || rest.made.result === null) continue;
    tell(`round ${planned.id}: ${walker.name} is moved again: ${remedies.map(({ method }) => method).join(', ')}`);
    for (const move of remedies) moves.push(await cast(walker, move, scene));
    await pause(STAY);
    rests.push(await look(moves.at(-1) ?? rest.made, 'remedy', scene));
  }
  return { planned, begin, end: Date.now(), moves, rests, outside };
}

function walkerOf({ node }: MadeMove, { walkers }: Scene): Walker {
  const found = walkers.find(({ name }) => name === node);
  if (found === undefined) throw new Error(`there is no node ${node}`);
  return found;
}

async function cast(walker: Walker, move: Move, { wire, flood, vifs }: Scene): Promise<MadeMove> {
  const { name, task } = walker;
  flood.phase(name, move.during);
  // Time for a round of frames, so that no frame with the old stamp is on its way when the switch changes.
  await pause(100);
  const begin = Date.now();
  const own = move.withVifs ? attachVifs(task, vifs.get(name) ?? []) : task;
  const result = await within(RESULT_TIMEOUT, wire.cast(move.method, own, move.args), () => null);
  // After a failure the node may be on either side, until it is moved again.
  if (result?.status === 'succeeded') flood.phase(name, move.after);
  const id = result?.operation_id;
  const quarantined = wire.workerLog
    .split('\n')
    .some((line) => line.includes(QUARANTINED) && id !== undefined && line.includes(id));
  return { node: name, move, begin, end: Date.now(), result, quarantined };
}

async function look(made: MadeMove, after: Rest['after'], scene: Scene): Promise<Rest> {
  const { wire } = scene;
  const walker = walkerOf(made, scene);
  const { uuid } = walker.task.node;
  const answered = await pings(walker, wire);
  return {
    made,
    after,
    answered,
    recorded: await wire.recordedNetworks(uuid),
    bound: await wire.boundNetworks(uuid),
    vlans: switchPortsAt(walker).map((port) => wire.rack.vlanOf(port)),
  };
}
