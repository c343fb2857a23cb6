import { measure, type Round } from './measure.js';
import { render, report } from './report.js';
import { CONTESTANTS } from './scenarios.js';

export interface EventsOptions {
  rounds: number;
  json?: true;
}

/**
 * Prints how soon a worker has a result after a port is ACTIVE, and how often it polled, with and without Neutron's
 * events.
 */
export async function events({ rounds, json }: EventsOptions, signal: AbortSignal): Promise<void> {
  const tell = (round: number, { scenario, samples }: Round): void => {
    const which = round === 0 ? 'warm-up' : `round ${round} of ${rounds}`;
    const each = CONTESTANTS.map(
      (name) => `${name} ${samples[name].seconds.toFixed(3)} s, ${samples[name].looks} looks`,
    );
    process.stderr.write(`${which}: ${scenario.title}: ${each.join('; ')}\n`);
  };
  const result = report(rounds, await measure(rounds, signal, tell));
  console.log(json ? JSON.stringify(result, null, 2) : render(result));
}
