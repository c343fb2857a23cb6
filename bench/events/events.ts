import { output, type OutputOptions } from '../comparison/output.js';
import { roundName } from '../comparison/rounds.js';
import { type EventsRound, measure } from './measure.js';
import { type EventsReport, render, report } from './report.js';
import { CONTESTANTS } from './scenarios.js';

export interface EventsOptions extends OutputOptions {
  rounds: number;
}

/**
 * Prints how soon a worker has a result after a port is ACTIVE, and how often it polled, with and without Neutron's
 * events.
 */
export async function events(options: EventsOptions, signal: AbortSignal): Promise<void> {
  output(await measureEvents(options, signal), render, options);
}

export async function measureEvents(
  { rounds }: Pick<EventsOptions, 'rounds'>,
  signal: AbortSignal,
): Promise<EventsReport> {
  const tell = ({ round, scenario, results }: EventsRound): void => {
    const each = CONTESTANTS.map(
      (name) => `${name} ${results[name].seconds.toFixed(3)} s, ${results[name].looks} looks`,
    );
    process.stderr.write(`${roundName(round, rounds)}: ${scenario.title}: ${each.join('; ')}\n`);
  };
  return report(rounds, await measure(rounds, signal, tell));
}
