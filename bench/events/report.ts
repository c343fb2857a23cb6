import { heading, rangeText, type ReportHead, reportHead, table, targetTable } from '../comparison/output.js';
import { ratio, type Spread, spread } from '../comparison/statistics.js';
import { type AddRequests, addRequestsTargets } from './add-requests.js';
import type { EventsRound, Measured, Sample } from './measure.js';
import { type ContestantName, CONTESTANTS, SCENARIOS, TITLES } from './scenarios.js';

/** The results of one contestant in one scenario. */
interface Standing {
  seconds: Spread;
  looks: Spread;
  /** Medians over the rounds of the ratio between its own figures and the poller's in the same round. */
  ratio: { seconds: number; looks: number };
}

export interface EventsReport extends ReportHead {
  results: { scenario: string; title: string; contestants: Record<ContestantName, Standing> }[];
  add_requests: AddRequests[];
}

export function report(rounds: number, { rounds: measured, addRequests }: Measured): EventsReport {
  const results = SCENARIOS.map((scenario) => {
    const samples = measured.filter((round) => round.scenario === scenario).map((round) => round.results);
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
  return { ...reportHead('events', rounds, addRequestsTargets(addRequests)), results, add_requests: addRequests };
}

function standingOf(name: ContestantName, samples: readonly EventsRound['results'][]): Standing {
  const all = (amount: keyof Sample): number[] => samples.map((round) => round[name][amount]);
  const besidePoller = (amount: keyof Sample): number =>
    ratio(
      samples,
      (round) => round[name][amount],
      (round) => round.polling[amount],
    );
  return {
    seconds: spread(all('seconds')),
    looks: spread(all('looks')),
    ratio: { seconds: besidePoller('seconds'), looks: besidePoller('looks') },
  };
}

/** Formats the report for people. */
export function render(result: EventsReport): string {
  const rows = result.results.flatMap(({ title, contestants }) => [
    [title, '', '', '', ''],
    ...CONTESTANTS.map((name) => {
      const { seconds, looks, ratio: ratios } = contestants[name];
      return [
        `  ${TITLES[name]}`,
        rangeText(seconds, 3),
        ratios.seconds.toFixed(2),
        rangeText(looks, 0),
        ratios.looks.toFixed(2),
      ];
    }),
  ]);
  const head = ['', 'ACTIVE to result, seconds\nmin / median / max', 'ratio', 'looks\nmin / median / max', 'ratio'];
  const requests = result.add_requests.map(({ nics, requests: counts }) => [
    `${nics} NICs`,
    ...CONTESTANTS.map((name) => `${counts[name]}`),
  ]);
  return [
    heading('from ACTIVE to the result', result),
    table(head, rows),
    'Requests to Neutron of add_cleaning_network',
    table(['', ...CONTESTANTS.map((name) => TITLES[name])], requests),
    targetTable(result.targets),
  ].join('\n');
}
