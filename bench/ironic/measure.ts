import { playRounds } from '../comparison/rounds.js';
import type { MovedNode } from './api.js';
import { type Difference, differencesOf, type NeutronState } from './neutron-state.js';
import { NodeProgress } from './node-progress.js';
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
    results: { neutron: results.neutron.done, netprov: results.netprov.done, noop: results.noop.done },
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
  const progress = new NodeProgress(place.ironic, place.notifications, signal);
  await progress.manage(nodes);
  const [first] = nodes;
  let vif: string | null = null;
  for (const step of steps) {
    if (step.target === 'attach') vif = await place.makeVif();
    if (step.target === 'active') for (const node of nodes) await place.ironic.setImage(node);
    place.reset();
    const seconds = await perform(place, progress, nodes, step, vif);
    played.done.push({ step: step.name, seconds, requests: place.requests });
    if (first) played.states.push(await place.stateOf(first, vif));
  }
  if (vif !== null) await place.neutron.removePort(vif);
  return played;
}

/** @returns how long it took, in seconds */
async function perform(
  { ironic }: IronicBenchPlace,
  progress: NodeProgress,
  nodes: readonly MovedNode[],
  { target, reaches }: Step,
  vif: string | null,
): Promise<number> {
  if (target === null) return progress.boot(nodes, reaches);
  if (target !== 'attach') return progress.command(nodes, target, reaches);
  const begin = performance.now();
  for (const node of nodes) await ironic.attach(node, vif ?? '');
  return (performance.now() - begin) / 1000;
}
