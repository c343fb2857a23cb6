import { playRounds, type Round, roundName } from '../comparison/rounds.js';
import type { Timed } from '../comparison/timed.js';
import { type Contestant, type ContestantName, CONTESTANTS, TITLES } from './contestant.js';
import { type Fleet, makeFleet } from './fleet.js';
import { Ironic } from './ironic.js';
import { NetprovApi } from './netprov.js';
import { ask } from './requests.js';
import { type Scenario, SCENARIOS } from './scenarios.js';

/** Numbers of requests that are under way at once. */
export const CROWDS = [1, 8] as const;
export type Crowd = (typeof CROWDS)[number];

/** A scenario with a number of requests that are under way. */
export interface CrowdedScenario {
  scenario: Scenario;
  inFlight: Crowd;
}

export type ApiRound = Round<CrowdedScenario, ContestantName, Timed>;

export interface Measured {
  rounds: ApiRound[];
  /** Bytes, read at the end. */
  peakResidentSet: Record<ContestantName, number>;
}

interface Team {
  contestant: Contestant;
  fleet: Fleet;
}

export type Tell = (text: string) => void;

/** Measures both contestants in turn, in this many rounds, after one round that does not count. */
export async function measure(nodes: number, rounds: number, signal: AbortSignal, tell: Tell): Promise<Measured> {
  const teams = new Map<ContestantName, Team>();
  try {
    for (const name of CONTESTANTS) teams.set(name, await openTeam(name, nodes, signal, tell));
    const measured = await playRounds({
      rounds,
      warmUp: true,
      scenarios: SCENARIOS.flatMap((scenario) => CROWDS.map((inFlight) => ({ scenario, inFlight }))),
      contestants: CONTESTANTS,
      play: (crowded, name, round) => play(crowded, teams.get(name), round === 0, signal),
      tell: (result) => {
        tell(`${roundName(result.round, rounds)}: ${summary(result)}\n`);
      },
      signal,
    });
    const peak = (name: ContestantName): number => teams.get(name)?.contestant.peakResidentSet() ?? NaN;
    return { rounds: measured, peakResidentSet: { ironic: peak('ironic'), netprov: peak('netprov') } };
  } finally {
    for (const { contestant } of [...teams.values()].reverse()) await contestant.stop();
  }
}

async function openTeam(name: ContestantName, nodes: number, signal: AbortSignal, tell: Tell): Promise<Team> {
  const contestant = name === 'ironic' ? await Ironic.start(signal) : await NetprovApi.start(signal);
  try {
    const fleet = await makeFleet(contestant, nodes, signal, (made) => {
      tell(`\r${TITLES[name]}: ${made} of ${nodes} nodes`);
    });
    tell('\n');
    return { contestant, fleet };
  } catch (error) {
    await contestant.stop();
    throw error;
  }
}

async function play(
  { scenario, inFlight }: CrowdedScenario,
  team: Team | undefined,
  warmUp: boolean,
  signal: AbortSignal,
): Promise<Timed> {
  if (team === undefined) throw new Error('a contestant that was not started');
  const count = warmUp ? inFlight : scenario.counts[inFlight === 1 ? 'alone' : 'crowded'];
  return ask(team.contestant.endpoint, await scenario.ask(team.fleet), { count, inFlight }, signal);
}

function summary({ scenario: { scenario, inFlight }, results }: ApiRound): string {
  const each = CONTESTANTS.map((name) => `${TITLES[name]} ${results[name].seconds.toFixed(2)} s`);
  return `${scenario.title}, ${inFlight} under way: ${each.join(', ')}`;
}
