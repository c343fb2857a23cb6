import { currentApiWorkers, setApiWorkers } from './api-workers.js';
import { CONTESTANTS, TITLES } from './contestant.js';
import { measure, type Round } from './measure.js';
import { type Measured, render, report } from './report.js';

/** Numbers of API workers of Neutron: with one, requests are served one after the other; with two, two at once. */
const API_WORKERS = [1, 2];

export interface NeutronOptions {
  rounds: number;
  json?: true;
}

/** Prints the time and requests of moving nodes, with Ironic's own network interface and with the worker. */
export async function neutron({ rounds, json }: NeutronOptions, signal: AbortSignal): Promise<void> {
  const before = await currentApiWorkers();
  const measured: Measured[] = [];
  try {
    for (const apiWorkers of API_WORKERS) {
      await setApiWorkers(apiWorkers);
      const tell = (round: number, result: Round): void => {
        const which = round === 0 ? 'warm-up' : `round ${round} of ${rounds}`;
        process.stderr.write(`api_workers ${apiWorkers}, ${which}: ${summary(result)}\n`);
      };
      measured.push({ apiWorkers, rounds: await measure(rounds, signal, tell) });
    }
  } finally {
    await setApiWorkers(before);
  }
  const result = report(rounds, measured);
  console.log(json ? JSON.stringify(result, null, 2) : render(result));
}

function summary({ scenario, steps }: Round): string {
  const sums = CONTESTANTS.map((name) => {
    const seconds = steps[name].reduce((sum, step) => sum + step.seconds, 0);
    const requests = steps[name].reduce((sum, step) => sum + step.requests.length, 0);
    return `${TITLES[name]} ${seconds.toFixed(2)} s, ${requests} requests`;
  });
  return `${scenario.title}: ${sums.join('; ')}`;
}
