import type { Connection, RowDataPacket } from 'mysql2/promise';
import mysql from 'mysql2/promise';

import { pause } from '../../src/async/pause.js';
import { SimulatedSlowSwitches } from '../../testkit/fakes/simulated-slow-switches.js';
import { until } from '../../testkit/fixtures/poll.js';
import { neutronDatabaseUrl } from '../../testkit/servers/neutron.js';
import { playRounds, type Round } from '../comparison/rounds.js';
import { Cloud } from '../neutron/cloud.js';
import { makeNode } from '../neutron/scenarios.js';
import { type AddRequests, measureAddRequests } from './add-requests.js';
import { type ContestantName, CONTESTANTS, type Scenario, SCENARIOS, secondsUntilDone } from './scenarios.js';
import { Side } from './side.js';

/** One measurement of one contestant. */
export interface Sample {
  /** Seconds from ACTIVE in Neutron's database until the committed result has arrived. */
  seconds: number;
  /** Number of polls of the ports (GET /v2.0/ports) since they were bound. */
  looks: number;
}

/** One scenario, measured once with each contestant. */
export type EventsRound = Round<Scenario, ContestantName, Sample>;

export interface Measured {
  rounds: EventsRound[];
  addRequests: AddRequests[];
}

interface Stage {
  cloud: Cloud;
  switches: SimulatedSlowSwitches;
  database: Connection;
  sides: Record<ContestantName, Side>;
}

/** Measures every scenario with all contestants in turn, in this many rounds, after one round that does not count. */
export async function measure(
  rounds: number,
  signal: AbortSignal,
  tell: (measured: EventsRound) => void,
): Promise<Measured> {
  const closers: (() => Promise<unknown>)[] = [];
  try {
    const stage = await open(closers, signal);
    const played = await playRounds({
      rounds,
      warmUp: true,
      scenarios: SCENARIOS,
      contestants: CONTESTANTS,
      play: (scenario, name, round) =>
        play(scenario, stage.sides[name], secondsUntilDone(scenario.after ?? 0, round), stage),
      tell,
      signal,
    });
    return { rounds: played, addRequests: await measureAddRequests(stage.sides, stage.cloud, signal) };
  } finally {
    for (const close of closers.reverse()) await close();
  }
}

async function open(closers: (() => Promise<unknown>)[], signal: AbortSignal): Promise<Stage> {
  const cloud = await Cloud.open();
  closers.push(() => cloud.drop());
  const at_once = await Side.withEvents(0, cloud, signal);
  closers.push(() => at_once.stop());
  const gathered = await Side.withEvents(2, cloud, signal);
  closers.push(() => gathered.stop());
  const polling = await Side.withoutEvents(at_once.neutron, cloud, signal);
  closers.push(() => polling.stop());
  const switches = new SimulatedSlowSwitches();
  closers.push(() => switches.drop());
  const database = await mysql.createConnection(neutronDatabaseUrl());
  closers.push(() => database.end());
  return { cloud, switches, database, sides: { polling, gathered, at_once } };
}

async function play(scenario: Scenario, side: Side, done: number, stage: Stage): Promise<Sample> {
  const { cloud, switches, database } = stage;
  const node = makeNode(scenario);
  node.vifs = await cloud.makeVifs(node);
  await cloud.report(node);
  if (scenario.after !== null) for (const vif of node.vifs) await switches.holdBack(vif);
  side.proxy.reset();
  const over = new AbortController();
  const active = becameActive(database, node.vifs, over.signal);
  try {
    const result = side.perform('configure_tenant_networks', node).then(() => performance.now());
    if (scenario.after !== null) {
      await Promise.race([until('the first look', () => side.looks() > 0, 60_000), result]);
      await pause(done * 1000);
      await Promise.all(node.vifs.map((vif) => switches.done(vif, node.uuid, side.neutron.host)));
    }
    const [end, begin] = await Promise.all([result, active]);
    return { seconds: (end - begin) / 1000, looks: side.looks() };
  } finally {
    over.abort();
    await active.catch(() => undefined);
  }
}

/** When Neutron's database first showed all ports ACTIVE, as performance.now(), exact to about 2 ms. */
async function becameActive(database: Connection, vifs: readonly string[], over: AbortSignal): Promise<number> {
  for (;;) {
    over.throwIfAborted();
    const asked = performance.now();
    const statement = "SELECT COUNT(*) AS active FROM ports WHERE status = 'ACTIVE' AND id IN (?)";
    const [rows] = await database.query<(RowDataPacket & { active: number })[]>(statement, [vifs]);
    if (rows[0]?.active === vifs.length) return asked;
    await pause(1);
  }
}
