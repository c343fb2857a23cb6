import Table from 'cli-table3';

import { machine, median, type Spread, spread } from '../statistics.js';
import { type ContestantName, CONTESTANTS } from './contestant.js';
import type { Round, Step } from './measure.js';
import { type Scenario, SCENARIOS } from './scenarios.js';

/** The goals that issue 3 sets for the worker, as fractions of what Ironic's own interface needs. */
const GOALS = {
  requests: 0.25,
  /** The goals for seconds apply with this number of API workers. */
  apiWorkers: 2,
  seconds: { cleaning_2_nics: 0.65, cleaning_8_nics: 0.5, deploy_2_nics: 0.65 },
} satisfies { requests: number; apiWorkers: number; seconds: Record<Scenario['name'], number> };

/** The rounds with one number of API workers. */
export interface Measured {
  apiWorkers: number;
  rounds: readonly Round[];
}

/** The results of both contestants for one method or a whole scenario. */
interface Row {
  what: string;
  seconds: Record<ContestantName, Spread>;
  requests: Record<ContestantName, Spread>;
  /** Medians over the rounds of the ratio between the worker's figures and Ironic's in the same round. */
  ratio: { seconds: number; requests: number };
}

interface Result extends Row {
  api_workers: number;
  scenario: Scenario['name'];
  methods: Row[];
  /** The requests of each contestant to Neutron in the last round, by method. */
  example: Record<ContestantName, Record<string, readonly string[]>>;
}

interface Goal {
  goal: string;
  measured: number;
  met: boolean;
}

export interface Report {
  rounds: number;
  machine: string;
  results: Result[];
  goals: Goal[];
}

export function report(rounds: number, measured: readonly Measured[]): Report {
  const results = measured.flatMap(({ apiWorkers, rounds: all }) =>
    SCENARIOS.map((scenario) => resultOf(scenario, apiWorkers, all)),
  );
  return { rounds, machine: machine(), results, goals: results.flatMap(goalsOf) };
}

function resultOf(scenario: Scenario, apiWorkers: number, all: readonly Round[]): Result {
  const rounds = all.filter((round) => round.scenario === scenario);
  const last = rounds.at(-1)?.steps ?? { ironic: [], worker: [] };
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
function rowOf(what: string, rounds: readonly Round[], counts: (step: Step) => boolean): Row {
  const sums = (amount: (step: Step) => number): Record<ContestantName, number>[] =>
    rounds.map(({ steps }) => {
      const sum = (name: ContestantName): number =>
        steps[name].filter(counts).reduce((total, step) => total + amount(step), 0);
      return { ironic: sum('ironic'), worker: sum('worker') };
    });
  const seconds = sums((step) => step.seconds);
  const requests = sums((step) => step.requests.length);
  return {
    what,
    seconds: spreads(seconds),
    requests: spreads(requests),
    ratio: { seconds: ratio(seconds), requests: ratio(requests) },
  };
}

function spreads(values: Record<ContestantName, number>[]): Record<ContestantName, Spread> {
  return { ironic: spread(values.map(({ ironic }) => ironic)), worker: spread(values.map(({ worker }) => worker)) };
}

function ratio(values: Record<ContestantName, number>[]): number {
  return median(values.map(({ ironic, worker }) => worker / ironic));
}

function goalsOf({ api_workers, scenario, what, ratio: measured }: Result): Goal[] {
  const goal = (kind: 'requests' | 'seconds', limit: number): Goal => ({
    goal: `${what}, api_workers ${api_workers}: at most ${limit} of Ironic's ${kind}`,
    measured: measured[kind],
    met: measured[kind] <= limit,
  });
  const goals = [goal('requests', GOALS.requests)];
  if (api_workers === GOALS.apiWorkers) goals.push(goal('seconds', GOALS.seconds[scenario]));
  return goals;
}

const HEADS: Record<ContestantName, string> = { ironic: 'Ironic', worker: 'worker' };

/** Formats the report for people. */
export function render({ rounds, machine: where, results, goals }: Report): string {
  const tables = [...new Set(results.map(({ api_workers }) => api_workers))].map((apiWorkers) => [
    `Neutron with api_workers ${apiWorkers}`,
    tableOf(results.filter(({ api_workers }) => api_workers === apiWorkers)),
  ]);
  return [
    `${rounds} ${rounds === 1 ? 'round' : 'rounds'}, ${where}`,
    ...tables.flat(),
    ...goals.map(({ goal, measured, met }) => `${goal}: ${measured.toFixed(2)}, ${met ? 'met' : 'NOT MET'}`),
  ].join('\n');
}

function tableOf(results: Result[]): string {
  const heads = CONTESTANTS.flatMap((name) => [
    `${HEADS[name]} seconds\nmin / median / max`,
    `${HEADS[name]}\nrequests`,
  ]);
  const table = new Table({
    head: ['', ...heads, 'worker / Ironic\nseconds', 'worker / Ironic\nrequests'],
    colAligns: ['left', 'right', 'right', 'right', 'right', 'right', 'right'],
    style: { head: [], border: [], compact: true },
  });
  for (const result of results) {
    table.push(cells(result));
    for (const method of result.methods) table.push(cells({ ...method, what: `  ${method.what}` }));
  }
  return table.toString();
}

function cells({ what, seconds, requests, ratio: ratios }: Row): string[] {
  const numbers = CONTESTANTS.flatMap((name) => {
    const { min, median: middle, max } = seconds[name];
    return [[min, middle, max].map((value) => value.toFixed(2)).join(' / '), `${requests[name].median}`];
  });
  return [what, ...numbers, ratios.seconds.toFixed(2), ratios.requests.toFixed(2)];
}
