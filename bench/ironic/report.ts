import { heading, rangeText, type ReportHead, reportHead, table, targetTable } from '../comparison/output.js';
import { ratio, type Spread, spread } from '../comparison/statistics.js';
import { atMost, type Target } from '../comparison/target.js';
import type { DoneStep, IronicRound } from './measure.js';
import type { Difference } from './neutron-state.js';
import { type ContestantName, type MoverName, MOVERS, STEPS, TITLES } from './steps.js';

/** The results of all contestants for one step, or for all. */
export interface IronicRow {
  what: string;
  seconds: Record<ContestantName, Spread>;
  requests: Record<ContestantName, Spread>;
  /**
   * Medians over the rounds of netprov's figures beside those of the interface neutron in the same round. For `moving`,
   * the seconds that Ironic takes with noop are subtracted from both first.
   */
  ratio: { seconds: number; requests: number; moving: number };
}

export interface IronicReport extends ReportHead {
  /** How many nodes were cleaned at once. */
  nodes: number;
  life: IronicRow;
  steps: IronicRow[];
  crowd: IronicRow;
  /** Fields of Neutron that differed after a step in the last round, ids, addresses and times aside. */
  differences: Difference[];
}

export function report(rounds: number, nodes: number, measured: readonly IronicRound[]): IronicReport {
  const lives = measured.filter((round) => round.nodes === 1);
  const crowds = measured.filter((round) => round.nodes > 1);
  const life = rowOf('the life of a node', lives, () => true);
  const crowd = rowOf(`${nodes} nodes cleaned at once`, crowds, () => true);
  return {
    ...reportHead('ironic', rounds, targets(life, crowd)),
    nodes,
    life,
    steps: STEPS.map(({ name }) => rowOf(name, lives, ({ step }) => step === name)),
    crowd,
    differences: lives.at(-1)?.differences ?? [],
  };
}

function targets(life: IronicRow, crowd: IronicRow): Target[] {
  const beside = TITLES.neutron;
  return [
    atMost(0.65, `seconds of ${life.what}`, beside, life.ratio.seconds),
    atMost(0.35, `requests to Neutron of ${life.what}`, beside, life.ratio.requests),
    atMost(0.5, `seconds of ${crowd.what}`, beside, crowd.ratio.seconds),
  ];
}

function rowOf(what: string, rounds: readonly IronicRound[], counts: (step: DoneStep) => boolean): IronicRow {
  const sums = (amount: (step: DoneStep) => number): Record<ContestantName, number>[] =>
    rounds.map(({ results }) => {
      const sum = (name: ContestantName): number =>
        results[name].filter(counts).reduce((total, step) => total + amount(step), 0);
      return { neutron: sum('neutron'), netprov: sum('netprov'), noop: sum('noop') };
    });
  const [seconds, requests] = [sums((step) => step.seconds), sums((step) => step.requests)];
  return {
    what,
    seconds: spreads(seconds),
    requests: spreads(requests),
    ratio: {
      seconds: besideNeutron(seconds),
      requests: besideNeutron(requests),
      moving: besideNeutron(seconds.map(moving)),
    },
  };
}

/** Takes from the figures of both movers what Ironic takes with noop. */
function moving({ neutron, netprov, noop }: Record<ContestantName, number>): Record<MoverName, number> {
  return { neutron: neutron - noop, netprov: netprov - noop };
}

function spreads(values: Record<ContestantName, number>[]): Record<ContestantName, Spread> {
  return {
    neutron: spread(values.map(({ neutron }) => neutron)),
    netprov: spread(values.map(({ netprov }) => netprov)),
    noop: spread(values.map(({ noop }) => noop)),
  };
}

function besideNeutron(values: Record<MoverName, number>[]): number {
  return ratio(
    values,
    ({ netprov }) => netprov,
    ({ neutron }) => neutron,
  );
}

/** Formats the report for people. */
export function render(result: IronicReport): string {
  const { life, steps, crowd, differences } = result;
  const heads = MOVERS.flatMap((name) => [`${name} seconds\nmin / median / max`, `${name}\nrequests`]);
  const rows = [life, ...steps.map((step) => ({ ...step, what: `  ${step.what}` })), crowd].map(ironicCells);
  return [
    heading('a real Ironic', result),
    table(['', ...heads, 'noop\nseconds', ...RATIOS.map((what) => `netprov / neutron\n${what}`)], rows),
    differences.length === 0
      ? "Neutron's state after each step is the same with both."
      : table(['after', 'field', ...MOVERS], differences.map(differenceCells)),
    targetTable(result.targets),
  ].join('\n');
}

/** The figures of netprov that a row compares with those of the interface neutron. */
const RATIOS = ['seconds', 'seconds more than noop'];

/** The cells of a row. */
export function ironicCells({ what, seconds, requests, ratio }: IronicRow): string[] {
  const numbers = MOVERS.flatMap((name) => [rangeText(seconds[name], 2), `${requests[name].median}`]);
  return [what, ...numbers, seconds.noop.median.toFixed(2), ratio.seconds.toFixed(2), ratio.moving.toFixed(2)];
}

function differenceCells({ step, field, neutron, netprov }: Difference): string[] {
  return [step, field, neutron, netprov];
}
