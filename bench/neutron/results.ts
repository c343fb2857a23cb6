import { ratio, type Spread, spread } from '../comparison/statistics.js';
import type { ContestantName } from './contestant.js';
import type { NeutronRound, Step } from './measure.js';
import type { Scenario } from './scenarios.js';

/** The rounds with one number of API workers. */
export interface Measured {
  apiWorkers: number;
  rounds: readonly NeutronRound[];
}

/** The results of both contestants for one method or a whole scenario. */
export interface Row {
  what: string;
  seconds: Record<ContestantName, Spread>;
  requests: Record<ContestantName, Spread>;
  /** Medians over the rounds of the ratio between the worker's figures and Ironic's in the same round. */
  ratio: { seconds: number; requests: number };
}

export interface NeutronResult extends Row {
  api_workers: number;
  scenario: Scenario['name'];
  methods: Row[];
  /** The requests of each contestant to Neutron in the last round, by method. */
  example: Record<ContestantName, Record<string, readonly string[]>>;
}

export function resultOf(scenario: Scenario, apiWorkers: number, all: readonly NeutronRound[]): NeutronResult {
  const rounds = all.filter((round) => round.scenario === scenario);
  const last = rounds.at(-1)?.results ?? { ironic: [], worker: [] };
  const asked = (steps: Step[]): Record<string, readonly string[]> =>
    Object.fromEntries(steps.map(({ method, requests }) => [method, requests]));
  return {
    api_workers: apiWorkers,
    scenario: scenario.name,
    ...rowOf(scenario.title, rounds, () => true),
    methods: scenario.methods.map((method) => rowOf(method, rounds, (step) => step.method === method)),
    example: { ironic: asked(last.ironic), worker: asked(last.worker) },
  };
}

/** Adds up those steps of each round that count for this row. */
function rowOf(what: string, rounds: readonly NeutronRound[], counts: (step: Step) => boolean): Row {
  const sums = (amount: (step: Step) => number): Record<ContestantName, number>[] =>
    rounds.map(({ results }) => {
      const sum = (name: ContestantName): number =>
        results[name].filter(counts).reduce((total, step) => total + amount(step), 0);
      return { ironic: sum('ironic'), worker: sum('worker') };
    });
  const seconds = sums((step) => step.seconds);
  const requests = sums((step) => step.requests.length);
  return {
    what,
    seconds: spreads(seconds),
    requests: spreads(requests),
    ratio: { seconds: besideIronic(seconds), requests: besideIronic(requests) },
  };
}

function spreads(values: Record<ContestantName, number>[]): Record<ContestantName, Spread> {
  return { ironic: spread(values.map(({ ironic }) => ironic)), worker: spread(values.map(({ worker }) => worker)) };
}

function besideIronic(values: Record<ContestantName, number>[]): number {
  return ratio(
    values,
    ({ worker }) => worker,
    ({ ironic }) => ironic,
  );
}
