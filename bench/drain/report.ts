import Table from 'cli-table3';

import { machine, median, type Spread, spread } from '../statistics.js';
import { type Contestant, CONTESTANTS, type Drain } from './contestants.js';

/** The goals that issue 2 sets for the worker. */
const GOAL = { ratio: 2, megabytes: 200, backlog: 100_000 };
const MEGABYTE = 1_000_000;

export type Round = Record<Contestant['name'], Drain>;

export interface Goal {
  goal: string;
  measured: number;
  /** null if a backlog of this size does not show it. */
  met: boolean | null;
}

export interface Standing {
  contestant: Contestant['name'];
  title: string;
  casts_per_second: Spread;
  /** Median over the rounds of the ratio between its rate and the Python server's in the same round. */
  ratio: number;
  /** Maximum over the rounds, in MB of 1,000,000 bytes. */
  peak_rss_mb: number;
}

export interface Report {
  casts: number;
  rounds: number;
  machine: string;
  contestants: Standing[];
  goals: Goal[];
}

export function report(casts: number, rounds: readonly Round[]): Report {
  const contestants = CONTESTANTS.map(({ name, title }): Standing => {
    const rates = rounds.map((round) => casts / round[name].seconds);
    return {
      contestant: name,
      title,
      casts_per_second: spread(rates),
      ratio: median(rounds.map((round) => round.python.seconds / round[name].seconds)),
      peak_rss_mb: Math.max(...rounds.map((round) => round[name].peakResidentSet)) / MEGABYTE,
    };
  });
  return { casts, rounds: rounds.length, machine: machine(), contestants, goals: goals(casts, contestants) };
}

function goals(casts: number, contestants: readonly Standing[]): Goal[] {
  const worker = contestants.find(({ contestant }) => contestant === 'worker');
  if (!worker) return [];
  const { ratio, peak_rss_mb: megabytes } = worker;
  return [
    { goal: `at least ${GOAL.ratio} times as fast as Python`, measured: ratio, met: ratio >= GOAL.ratio },
    {
      goal: `under ${GOAL.megabytes} MB resident at a backlog of ${whole(GOAL.backlog)}`,
      measured: megabytes,
      met: casts < GOAL.backlog ? null : megabytes < GOAL.megabytes,
    },
  ];
}

/** Formats the report for people. */
export function render({ casts, rounds, machine: where, contestants, goals: all }: Report): string {
  const table = new Table({
    head: ['contestant', 'casts/s min', 'median', 'max', 'ratio', 'peak RSS'],
    colAligns: ['left', 'right', 'right', 'right', 'right', 'right'],
    style: { head: [], border: [] },
  });
  for (const { title, casts_per_second: rate, ratio, peak_rss_mb: megabytes } of contestants) {
    const numbers = [rate.min, rate.median, rate.max].map(whole);
    table.push([title, ...numbers, ratio.toFixed(2), `${megabytes.toFixed(0)} MB`]);
  }
  const lines = all.map(({ goal, met }) => `the worker is ${goal}: ${verdict(met)}`);
  return [
    `${whole(casts)} casts, ${rounds} ${rounds === 1 ? 'round' : 'rounds'}, ${where}`,
    table.toString(),
    ...lines,
  ].join('\n');
}

function verdict(met: boolean | null): string {
  if (met === null) return `not known, ask with --casts ${GOAL.backlog}`;
  return met ? 'yes' : 'NO';
}

function whole(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}
