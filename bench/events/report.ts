import Table from 'cli-table3';

import { machine, median, type Spread, spread } from '../statistics.js';
import type { Round, Sample } from './measure.js';
import { type ContestantName, CONTESTANTS, SCENARIOS, TITLES } from './scenarios.js';

/** The results of one contestant in one scenario. */
interface Standing {
  seconds: Spread;
  looks: Spread;
  /** Medians over the rounds of the ratio between its own figures and the poller's in the same round. */
  ratio: { seconds: number; looks: number };
}

export interface Report {
  rounds: number;
  machine: string;
  results: { scenario: string; title: string; contestants: Record<ContestantName, Standing> }[];
}

export function report(rounds: number, measured: readonly Round[]): Report {
  const results = SCENARIOS.map((scenario) => {
    const samples = measured.filter((round) => round.scenario === scenario).map((round) => round.samples);
    const standing = (name: ContestantName): Standing => standingOf(name, samples);
    return {
      scenario: scenario.name,
      title: scenario.title,
      contestants: {
        polling: standing('polling'),
        gathered: standing('gathered'),
        at_once: standing('at_once'),
      },
    };
  });
  return { rounds, machine: machine(), results };
}

function standingOf(name: ContestantName, samples: readonly Round['samples'][]): Standing {
  const all = (amount: keyof Sample): number[] => samples.map((round) => round[name][amount]);
  const ratio = (amount: keyof Sample): number =>
    median(samples.map((round) => round[name][amount] / round.polling[amount]));
  return {
    seconds: spread(all('seconds')),
    looks: spread(all('looks')),
    ratio: { seconds: ratio('seconds'), looks: ratio('looks') },
  };
}

/** Formats the report for people. */
export function render({ rounds, machine: where, results }: Report): string {
  const table = new Table({
    head: ['', 'ACTIVE to result, seconds\nmin / median / max', 'ratio', 'looks\nmin / median / max', 'ratio'],
    colAligns: ['left', 'right', 'right', 'right', 'right'],
    style: { head: [], border: [], compact: true },
  });
  for (const { title, contestants } of results) {
    table.push([title, '', '', '', '']);
    for (const name of CONTESTANTS) {
      const { seconds, looks, ratio } = contestants[name];
      const shown = (value: Spread, digits: number): string =>
        [value.min, value.median, value.max].map((one) => one.toFixed(digits)).join(' / ');
      table.push([
        `  ${TITLES[name]}`,
        shown(seconds, 3),
        ratio.seconds.toFixed(2),
        shown(looks, 0),
        ratio.looks.toFixed(2),
      ]);
    }
  }
  return [`${rounds} ${rounds === 1 ? 'round' : 'rounds'}, ${where}`, table.toString()].join('\n');
}
