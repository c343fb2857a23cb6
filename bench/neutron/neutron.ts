import { output, type OutputOptions } from '../comparison/output.js';
import { roundName } from '../comparison/rounds.js';
import { keepingApiWorkers, setApiWorkers } from './api-workers.js';
import { CONTESTANTS, TITLES } from './contestant.js';
import { measure, type NeutronRound, type Settings } from './measure.js';
import { type NeutronReport, render, report } from './report.js';
import type { Measured } from './results.js';
import { CROWD, type ScenarioName, SCENARIOS } from './scenarios.js';

/** Numbers of API workers of Neutron: with one, requests are served one after the other; with two, two at once. */
const API_WORKERS = [1, 2];

/** Many nodes at once are measured with this number of API workers, in at most this many rounds: each takes minutes. */
const CROWD_API_WORKERS = 2;
const CROWD_ROUNDS = 2;

export interface NeutronOptions extends OutputOptions {
  rounds: number;
  scenarios: ScenarioName[];
}

/** Prints the time and requests of moving nodes, with Ironic's own network interface and with the worker. */
export async function neutron(options: NeutronOptions, signal: AbortSignal): Promise<void> {
  output(await measureNeutron(options, signal), render, options);
}

export async function measureNeutron(
  { rounds, scenarios: names }: Pick<NeutronOptions, 'rounds' | 'scenarios'>,
  signal: AbortSignal,
): Promise<NeutronReport> {
  const scenarios = SCENARIOS.filter(({ name }) => names.includes(name));
  const measured: Measured[] = [];
  await keepingApiWorkers(async () => {
    for (const apiWorkers of API_WORKERS) {
      await setApiWorkers(apiWorkers);
      const play = async (settings: Settings): Promise<void> => {
        const tell = (result: NeutronRound): void => {
          const which = roundName(result.round, settings.rounds);
          process.stderr.write(`api_workers ${apiWorkers}, ${which}: ${summary(result)}\n`);
        };
        measured.push({ apiWorkers, rounds: await measure(settings, signal, tell) });
      };
      if (scenarios.length > 0) await play({ rounds, warmUp: true, scenarios });
      if (apiWorkers === CROWD_API_WORKERS && names.includes(CROWD.name)) {
        await play({ rounds: Math.min(rounds, CROWD_ROUNDS), warmUp: false, scenarios: [CROWD] });
      }
    }
  });
  return report(rounds, measured);
}

function summary({ scenario, results }: NeutronRound): string {
  const sums = CONTESTANTS.map((name) => {
    const seconds = results[name].reduce((sum, step) => sum + step.seconds, 0);
    const requests = results[name].reduce((sum, step) => sum + step.requests.length, 0);
    return `${TITLES[name]} ${seconds.toFixed(2)} s, ${requests} requests`;
  });
  return `${scenario.title}: ${sums.join('; ')}`;
}
