import { pause } from '../../src/async/pause.js';
import { until } from '../../testkit/fixtures/poll.js';
import { playRounds } from '../comparison/rounds.js';
import type { MovedNode } from './api.js';
import { type Difference, differencesOf, type NeutronState } from './neutron-state.js';
import { IronicBenchPlace } from './place.js';
import { type ContestantName, CONTESTANTS, CROWD_STEPS, type Step, STEPS } from './steps.js';

/** One step, done once. */
export interface DoneStep {
  step: string;
  seconds: number;
  /** Number of requests to Neutron. */
  requests: number;
}

/** The steps of one or many nodes, done once by each contestant. */
export interface IronicRound {
  nodes: number;
  results: Record<ContestantName, DoneStep[]>;
  differences: Difference[];
}

export interface Settings {
  rounds: number;
  /** How many nodes are cleaned at once. */
  nodes: number;
}

/** A limit for what hangs, in milliseconds. */
const LONGEST = 1_200_000;
/** Milliseconds between two looks at one node, and at many. A simulated ramdisk reports as often. */
const LOOK = { one: 50, many: 1000 };

/** Measures the life of one node in some rounds, and many nodes that are cleaned at once, once. */
export async function measure(
  { rounds, nodes }: Settings,
  signal: AbortSignal,
  tell: (round: IronicRound) => void,
): Promise<IronicRound[]> {
  const place = await IronicBenchPlace.open(signal);
  try {
    const lives = await play(place, { rounds, warmUp: true, nodes: 1, steps: STEPS }, signal, tell);
    return [...lives, ...(await play(place, { rounds: 1, warmUp: false, nodes, steps: CROWD_STEPS }, signal, tell))];
  } finally {
    await place.close();
  }
}

interface Part {
  rounds: number;
  warmUp: boolean;
  nodes: number;
  steps: readonly Step[];
}

async function play(
  place: IronicBenchPlace,
  { rounds, warmUp, nodes, steps }: Part,
  signal: AbortSignal,
  tell: (round: IronicRound) => void,
): Promise<IronicRound[]> {
  const members = {} as Record<ContestantName, MovedNode[]>;
  for (const name of CONTESTANTS) {
    members[name] = [];
    for (let count = 0; count < nodes; count++) members[name].push(await place.enrol(name));
  }
  const asRound = ({ results }: { results: Record<ContestantName, Played> }): IronicRound => ({
    nodes,
    results: { neutron: results.neutron.done, netprov: results.netprov.done },
    differences: steps.flatMap(({ name }, index) => {
      const [neutron, netprov] = [results.neutron.states[index], results.netprov.states[index]];
      return neutron && netprov ? differencesOf(name, { neutron, netprov }) : [];
    }),
  });
  const played = await playRounds({
    rounds,
    warmUp,
    scenarios: [steps],
    contestants: CONTESTANTS,
    play: (_, name) => once(place, members[name], steps, signal),
    tell: (round) => {
      tell(asRound(round));
    },
    signal,
  });
  return played.map(asRound);
}

interface Played {
  done: DoneStep[];
  /** What Neutron has of the first node after each step. */
  states: NeutronState[];
}

/** Does the steps with all of the nodes at once. */
async function once(
  place: IronicBenchPlace,
  nodes: readonly MovedNode[],
  steps: readonly Step[],
  signal: AbortSignal,
): Promise<Played> {
  const played: Played = { done: [], states: [] };
  const { ironic } = place;
  await Promise.all(nodes.map((node) => ironic.provision(node, 'manage')));
  await reach(place, nodes, 'manageable');
  const [first] = nodes;
  let vif: string | null = null;
  for (const step of steps) {
    signal.throwIfAborted();
    if (step.target === 'attach') vif = await place.makeVif();
    place.reset();
    const begin = performance.now();
    await perform(place, nodes, step, vif);
    const seconds = (performance.now() - begin) / 1000;
    played.done.push({ step: step.name, seconds, requests: place.requests });
    if (first) played.states.push(await place.stateOf(first, vif));
  }
  if (vif !== null) await place.neutron.removePort(vif);
  return played;
}

async function perform(
  place: IronicBenchPlace,
  nodes: readonly MovedNode[],
  { target, reaches }: Step,
  vif: string | null,
): Promise<void> {
  const { ironic } = place;
  if (target === 'attach') {
    for (const node of nodes) await ironic.attach(node, vif ?? '');
  } else if (target !== null) {
    await Promise.all(nodes.map((node) => ironic.provision(node, target)));
    await reach(place, nodes, reaches);
  } else {
    let over = false;
    const look = nodes.length > 1 ? LOOK.many : LOOK.one;
    const isOver = async (): Promise<boolean> => {
      if (!over) await pause(look);
      return over;
    };
    const ramdisks = nodes.map(({ ramdisk }) => ramdisk.runUntil(`the nodes are ${reaches}`, isOver, LONGEST));
    await Promise.all([reach(place, nodes, reaches).finally(() => (over = true)), ...ramdisks]);
  }
}

function reach({ ironic, signal }: IronicBenchPlace, nodes: readonly MovedNode[], state: string): Promise<boolean> {
  const look = nodes.length > 1 ? LOOK.many : LOOK.one;
  const ask = async (): Promise<boolean> => {
    signal.throwIfAborted();
    if (await ironic.are(nodes, state)) return true;
    await pause(look);
    return false;
  };
  return until(`${nodes.length} nodes are ${state}`, ask, LONGEST);
}
