import type { MethodName } from '../../src/index.js';
import { Cloud } from './cloud.js';
import { type Contestant, type ContestantName, CONTESTANTS, type Place } from './contestant.js';
import { CountingProxy } from './counting-proxy.js';
import { Ironic } from './ironic.js';
import { type BenchNode, makeNode, type Scenario, SCENARIOS } from './scenarios.js';
import { NetprovWorker } from './worker.js';

/** One method, called once. */
export interface Step {
  method: MethodName;
  seconds: number;
  /** The requests to Neutron, as "METHOD /path". */
  requests: readonly string[];
}

/** One scenario, done once by each contestant. */
export interface Round {
  scenario: Scenario;
  steps: Record<ContestantName, Step[]>;
}

/** A contestant with its proxy. */
interface Team {
  name: ContestantName;
  contestant: Contestant;
  proxy: CountingProxy;
  nodes: Map<Scenario, BenchNode>;
}

type Closers = (() => Promise<unknown>)[];

/** Measures every scenario with both contestants in turn, in this many rounds, after one round that does not count. */
export async function measure(
  rounds: number,
  signal: AbortSignal,
  tell: (round: number, measured: Round) => void,
): Promise<Round[]> {
  const closers: Closers = [];
  try {
    const cloud = await Cloud.open();
    closers.push(() => cloud.drop());
    const teams: Team[] = [];
    for (const name of CONTESTANTS) teams.push(await openTeam(name, cloud, signal, closers));
    const measured: Round[] = [];
    for (let round = 0; round <= rounds; round++) {
      for (const [index, scenario] of SCENARIOS.entries()) {
        // The contestants take turns at being first, so that both suffer equally from what the other leaves behind.
        const order = (round + index) % 2 === 0 ? teams : [...teams].reverse();
        const result = await playRound(scenario, order, cloud, signal);
        tell(round, result);
        if (round > 0) measured.push(result);
      }
    }
    return measured;
  } finally {
    for (const close of closers.reverse()) await close();
  }
}

async function openTeam(name: ContestantName, cloud: Cloud, signal: AbortSignal, closers: Closers): Promise<Team> {
  const proxy = await CountingProxy.start(cloud.endpoint);
  closers.push(() => proxy.stop());
  const place: Place = {
    endpoint: proxy.url,
    cleaningNetwork: cloud.network('cleaning').name,
    provisioningNetwork: cloud.network('provisioning').name,
  };
  const contestant = name === 'ironic' ? await Ironic.start(place, signal) : await NetprovWorker.start(place, signal);
  closers.push(() => contestant.stop());
  const nodes = new Map<Scenario, BenchNode>();
  for (const scenario of SCENARIOS) nodes.set(scenario, await enrol(scenario, contestant, cloud));
  return { name, contestant, proxy, nodes };
}

/** Makes a node in the state in which its scenario begins. */
async function enrol(scenario: Scenario, contestant: Contestant, cloud: Cloud): Promise<BenchNode> {
  const node = makeNode(scenario);
  if (scenario.tenant) node.vifs = await cloud.makeVifs(node);
  await contestant.enrol(node);
  if (scenario.tenant) {
    await cloud.report(node);
    await contestant.perform('configure_tenant_networks', node);
    await cloud.settle('configure_tenant_networks', node);
  }
  return node;
}

async function playRound(scenario: Scenario, order: Team[], cloud: Cloud, signal: AbortSignal): Promise<Round> {
  const steps: Round['steps'] = { ironic: [], worker: [] };
  for (const { name, contestant, proxy, nodes } of order) {
    const node = nodes.get(scenario);
    if (node === undefined) throw new Error(`no node for ${scenario.title}`);
    await cloud.report(node);
    for (const method of scenario.methods) {
      signal.throwIfAborted();
      proxy.reset();
      const seconds = await contestant.perform(method, node);
      steps[name].push({ method, seconds, requests: proxy.requests });
      await cloud.settle(method, node);
    }
  }
  return { scenario, steps };
}
