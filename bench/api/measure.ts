import { type Contestant, type ContestantName, CONTESTANTS, TITLES } from './contestant.js';
import { type Fleet, makeFleet } from './fleet.js';
import { Ironic } from './ironic.js';
import { NetprovApi } from './netprov.js';
import { type Timed, timed } from './requests.js';
import { type Scenario, SCENARIOS } from './scenarios.js';

/** Numbers of requests that are under way at once. */
export const CROWDS = [1, 8] as const;
export type Crowd = (typeof CROWDS)[number];

/** One scenario, measured once with each contestant and one number of requests under way. */
export interface Round {
  scenario: Scenario;
  inFlight: Crowd;
  taken: Record<ContestantName, Timed>;
}

export interface Measured {
  rounds: Round[];
  /** Bytes, read at the end. */
  peakResidentSet: Record<ContestantName, number>;
}

interface Team {
  name: ContestantName;
  contestant: Contestant;
  fleet: Fleet;
}

export type Tell = (text: string) => void;

/** Measures both contestants in turn, in this many rounds, after one round that does not count. */
export async function measure(nodes: number, rounds: number, signal: AbortSignal, tell: Tell): Promise<Measured> {
  const teams: Team[] = [];
  try {
    for (const name of CONTESTANTS) teams.push(await openTeam(name, nodes, signal, tell));
    const measured: Round[] = [];
    for (let round = 0; round <= rounds; round++) {
      const which = round === 0 ? 'warm-up' : `round ${round} of ${rounds}`;
      for (const [index, scenario] of SCENARIOS.entries()) {
        // The contestants take turns at being first, so that both suffer equally from what the other leaves behind.
        const order = (round + index) % 2 === 0 ? teams : [...teams].reverse();
        const results = await playRound(scenario, order, round === 0, signal);
        for (const result of results) tell(`${which}: ${summary(result)}\n`);
        if (round > 0) measured.push(...results);
      }
    }
    return { rounds: measured, peakResidentSet: peaks(teams) };
  } finally {
    for (const { contestant } of teams.reverse()) await contestant.stop();
  }
}

async function openTeam(name: ContestantName, nodes: number, signal: AbortSignal, tell: Tell): Promise<Team> {
  const contestant = name === 'ironic' ? await Ironic.start(signal) : await NetprovApi.start(signal);
  try {
    const fleet = await makeFleet(contestant, nodes, signal, (made) => {
      tell(`\r${TITLES[name]}: ${made} of ${nodes} nodes`);
    });
    tell('\n');
    return { name, contestant, fleet };
  } catch (error) {
    await contestant.stop();
    throw error;
  }
}

async function playRound(scenario: Scenario, order: Team[], warmUp: boolean, signal: AbortSignal): Promise<Round[]> {
  const results: Round[] = [];
  for (const inFlight of CROWDS) {
    const count = warmUp ? inFlight : scenario.counts[inFlight === 1 ? 'alone' : 'crowded'];
    const taken: Partial<Round['taken']> = {};
    for (const { name, contestant, fleet } of order) {
      taken[name] = await timed(contestant.endpoint, await scenario.ask(fleet), { count, inFlight }, signal);
    }
    results.push({ scenario, inFlight, taken: taken as Round['taken'] });
  }
  return results;
}

function summary({ scenario, inFlight, taken }: Round): string {
  const each = CONTESTANTS.map((name) => `${TITLES[name]} ${taken[name].seconds.toFixed(2)} s`);
  return `${scenario.title}, ${inFlight} under way: ${each.join(', ')}`;
}

function peaks(teams: readonly Team[]): Measured['peakResidentSet'] {
  const entries = teams.map(({ name, contestant }) => [name, contestant.peakResidentSet()]);
  return Object.fromEntries(entries) as Measured['peakResidentSet'];
}
