import { within } from '../../src/async/within.js';
import type { MethodName } from '../../src/index.js';
import { playRounds, type Round } from '../comparison/rounds.js';
import { Cloud } from './cloud.js';
import { type Contestant, type ContestantName, CONTESTANTS, type Place } from './contestant.js';
import { CountingProxy } from './counting-proxy.js';
import { Ironic } from './ironic.js';
import { type BenchNode, makeNode, type Scenario } from './scenarios.js';
import { NetprovWorker } from './worker.js';

/** One method, called once. */
export interface Step {
  method: MethodName;
  seconds: number;
  /** The requests to Neutron, as "METHOD /path". */
  requests: readonly string[];
}

/** One scenario, done once by each contestant: the steps of each. */
export type NeutronRound = Round<Scenario, ContestantName, Step[]>;

/** A contestant with its proxy. */
interface Team {
  contestant: Contestant;
  proxy: CountingProxy;
  nodes: Map<Scenario, BenchNode[]>;
}

type Closers = (() => Promise<unknown>)[];

export interface Settings {
  rounds: number;
  warmUp: boolean;
  scenarios: readonly Scenario[];
}

/** Measures scenarios with both contestants in turn, in this many rounds. */
export async function measure(
  { rounds, warmUp, scenarios }: Settings,
  signal: AbortSignal,
  tell: (measured: NeutronRound) => void,
): Promise<NeutronRound[]> {
  const closers: Closers = [];
  try {
    const cloud = await Cloud.open();
    closers.push(() => cloud.drop());
    const teams = new Map<ContestantName, Team>();
    for (const name of CONTESTANTS) teams.set(name, await openTeam(name, scenarios, cloud, signal, closers));
    return await playRounds({
      rounds,
      warmUp,
      scenarios,
      contestants: CONTESTANTS,
      play: (scenario, name) => play(scenario, teams.get(name), cloud, signal),
      tell,
      signal,
    });
  } finally {
    for (const close of closers.reverse()) await close();
  }
}

async function openTeam(
  name: ContestantName,
  scenarios: readonly Scenario[],
  cloud: Cloud,
  signal: AbortSignal,
  closers: Closers,
): Promise<Team> {
  const proxy = await CountingProxy.start(cloud.endpoint);
  closers.push(() => proxy.stop());
  const place: Place = {
    endpoint: proxy.url,
    cleaningNetwork: cloud.network('cleaning').name,
    provisioningNetwork: cloud.network('provisioning').name,
  };
  const contestant = name === 'ironic' ? await Ironic.start(place, signal) : await NetprovWorker.start(place, signal);
  closers.push(() => contestant.stop());
  const nodes = new Map<Scenario, BenchNode[]>();
  for (const scenario of scenarios) {
    const members: BenchNode[] = [];
    for (let count = 0; count < scenario.nodes; count++) {
      signal.throwIfAborted();
      members.push(await enrol(scenario, contestant, cloud));
    }
    nodes.set(scenario, members);
  }
  return { contestant, proxy, nodes };
}

/** @throws the signal's reason as soon as it is aborted; the promise is then left alone */
function unlessAborted<T>(signal: AbortSignal, promise: Promise<T>): Promise<T> {
  return within(signal, promise, () => {
    throw signal.reason;
  });
}

/** Makes a node in the state in which its scenario begins. */
async function enrol(scenario: Scenario, contestant: Contestant, cloud: Cloud): Promise<BenchNode> {
  const node = makeNode(scenario);
  if (scenario.tenant) node.vifs = await cloud.makeVifs(node);
  await contestant.enrol(node);
  if (scenario.tenant) {
    await cloud.report(node);
    await contestant.perform('configure_tenant_networks', [node]);
    await cloud.settle('configure_tenant_networks', node);
  }
  return node;
}

async function play(scenario: Scenario, team: Team | undefined, cloud: Cloud, signal: AbortSignal): Promise<Step[]> {
  const nodes = team?.nodes.get(scenario);
  if (team === undefined || nodes === undefined) throw new Error(`no node for ${scenario.title}`);
  const { contestant, proxy } = team;
  const steps: Step[] = [];
  for (const node of nodes) await cloud.report(node);
  for (const method of scenario.methods) {
    signal.throwIfAborted();
    proxy.reset();
    const seconds = await contestant.perform(method, nodes);
    steps.push({ method, seconds, requests: proxy.requests });
    for (const node of nodes) await unlessAborted(signal, cloud.settle(method, node));
  }
  return steps;
}
