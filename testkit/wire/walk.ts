import { execFile } from 'node:child_process';

import { pause } from '../../src/async/pause.js';
import type { OperationResult, TaskInput } from '../../src/index.js';
import { type Arrival, type Counted, Flood } from './flood.js';
import { Judge, PARKED, type Verdict } from './judge.js';
import type { Move, Walker } from './moves.js';
import { phasesOf } from './moves.js';
import type { PortSetting } from './open-vswitch.js';
import type { Wire } from './wire.js';

/** What was seen of one move. */
export interface Step {
  node: string;
  move: Move;
  /** Milliseconds since 1970. */
  begin: number;
  end: number;
  result: OperationResult;
  /** The networks whose station answered a ping from the node after the move. */
  answered: string[];
}

/** Everything that was seen while nodes walked. */
export interface Evidence {
  walkers: readonly Walker[];
  judge: Judge;
  steps: Step[];
  counted: Counted;
  settings: readonly PortSetting[];
}

/** What is done before a move, beside the wire, such as a fault. */
export type Before = (move: Move, walker: Walker) => Promise<unknown>;

/** Milliseconds for which a node stays where it came to. */
const STAY = 1500;

/** Moves nodes side by side, each through the same moves, while everybody floods. */
export async function walk(
  wire: Wire,
  walkers: readonly Walker[],
  moves: readonly Move[],
  before: Before = () => Promise.resolve(),
): Promise<Evidence> {
  const flood = await Flood.start(wire.rack, PARKED);
  let counted: Counted;
  const steps: Step[] = [];
  try {
    await pause(STAY);
    await Promise.all(walkers.map((walker) => one(walker, moves, { wire, flood, steps, before })));
  } finally {
    counted = await flood.stop();
  }
  const phases = Object.fromEntries(walkers.map((walker) => [walker.name, phasesOf(walker)]));
  const judge = new Judge(wire.rack.stations, phases);
  return { walkers, judge, steps, counted, settings: [...wire.rack.leaf.settings] };
}

interface Walk {
  wire: Wire;
  flood: Flood;
  steps: Step[];
  before: Before;
}

async function one(walker: Walker, moves: readonly Move[], { wire, flood, steps, before }: Walk): Promise<void> {
  const vifs = moves.some(({ withVifs }) => withVifs) ? await makeVifs(walker, wire) : [];
  for (const move of moves) {
    await before(move, walker);
    flood.phase(walker.name, move.during);
    // Time for a round of frames, so that no frame with the old stamp is on its way when the switch changes.
    await pause(100);
    const begin = Date.now();
    const task = move.withVifs ? attachVifs(walker.task, vifs) : walker.task;
    const result = await wire.cast(move.method, task, move.args);
    const end = Date.now();
    flood.phase(walker.name, move.after);
    const answered = await pings(walker, wire);
    steps.push({ node: walker.name, move, begin, end, result, answered });
    await pause(STAY);
  }
  for (const id of vifs) await wire.api.removePort(id);
}

/** Makes the Neutron ports of a tenant that its node gets, in the order of its NICs. */
export async function makeVifs({ tenants }: Walker, { api, networks }: Wire): Promise<string[]> {
  const ids: string[] = [];
  for (const tenant of tenants) ids.push((await api.makePort(networks[tenant] ?? '', {})).id);
  return ids;
}

/** The task with VIFs attached to its portgroups, or else to its ports, in their order. */
export function attachVifs(task: TaskInput, vifs: readonly string[]): TaskInput {
  const attach = <T extends object>(items: T[] = []): T[] =>
    items.map((item, index) => ({ ...item, internal_info: { tenant_vif_port_id: vifs[index] } }));
  return task.portgroups?.length
    ? { ...task, portgroups: attach(task.portgroups) }
    : { ...task, ports: attach(task.ports) };
}

/**
 * Pings all stations from the node's own network stack; the networks whose station answered.
 *
 * Each ping has an identifier of its own. By itself, ping takes one by chance, and counts the answer to any other ping of
 * the node that has the same.
 */
export async function pings({ name }: Walker, { rack }: Wire): Promise<string[]> {
  const ends = rack.stations
    .filter(({ moves }) => !moves)
    .flatMap(({ interfaces }) =>
      interfaces.map(({ network, addresses }) => ({ network, address: addresses[0] ?? '' })),
    );
  const answers = await Promise.all(
    ends.map(async ({ network, address }, index) => {
      const ping = ['ping', '-c1', '-W1', '-q', '-e', `${index + 1}`, address];
      const [program, args] = rack.namespaces.command(name, ping);
      const code = await new Promise((resolve) => execFile(program, args, resolve));
      return code === null ? [network ?? ''] : [];
    }),
  );
  return answers.flat();
}

/** How many frames came with each verdict. */
export function tally({ counted, judge }: Pick<Evidence, 'counted' | 'judge'>): Record<Verdict, number> {
  const sums: Record<Verdict, number> = { right: 0, parked: 0, astray: 0 };
  for (const arrival of counted.arrivals) sums[judge.verdict(arrival)] += arrival.n;
  return sums;
}

/** The frames that went astray, by who reached whom in which phase. */
export function astray({ counted, judge }: Evidence): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const arrival of counted.arrivals) {
    if (judge.verdict(arrival) !== 'astray') continue;
    const key = wayOf(arrival);
    sums[key] = (sums[key] ?? 0) + arrival.n;
  }
  return sums;
}

/** Who reached whom, in which phase. */
export function wayOf({ from, from_nic, sent_phase, at, nic, phase, kind, reply }: Arrival): string {
  const end = (name: string, own: string, during: string): string => `${name}/${own}${during && ` (${during})`}`;
  const origin = reply ? `${kind.replace('ping>', '')} (answering)` : end(from, from_nic, sent_phase);
  return `${origin} -> ${end(at, nic, phase)}${kind === 'tagged' ? ', tagged' : ''}`;
}

/** Seconds after the cast: until the switch had the VLAN, until the first ping was answered, until the result came. */
export interface Times {
  vlan: number | null;
  ping: number | null;
  result: number;
}

export function timesOf(step: Step, { walkers, counted, settings, judge }: Evidence): Times {
  const walker = walkers.find(({ name }) => name === step.node);
  const network = step.move.after === 'tenant' ? walker?.tenants[0] : step.move.after;
  const within = (at: number): boolean => at >= step.begin && at <= step.end + STAY;
  const since = (at: number): number | null => (Number.isFinite(at) ? (at - step.begin) / 1000 : null);
  const changes = settings.filter(({ port, vlan, at }) => port === walker?.switchPort && vlan !== null && within(at));
  const replies = counted.arrivals.filter(({ at, reply, kind, first }) => {
    const [name = '', nic = ''] = kind.replace('ping>', '').split('/');
    return at === step.node && reply && within(first) && judge.networkOf(name, nic) === network;
  });
  return {
    vlan: since(Math.max(...changes.filter(({ at }) => at <= step.end).map(({ at }) => at))),
    ping: since(Math.min(...replies.map(({ first }) => first))),
    result: (step.end - step.begin) / 1000,
  };
}
