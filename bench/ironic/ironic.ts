import { output, type OutputOptions } from '../comparison/output.js';
import { keepingApiWorkers, setApiWorkers } from '../neutron/api-workers.js';
import { type IronicRound, measure, type Settings } from './measure.js';
import { type IronicReport, render, report } from './report.js';
import { CONTESTANTS } from './steps.js';

/** Number of processes that serve Neutron's API. Neutron's own default is one for each core, and so at least two. */
const NEUTRON_API_WORKERS = 2;

export type IronicOptions = Settings & OutputOptions;

/** Prints the time and requests of a real Ironic that moves nodes: with its own neutron and noop, and with netprov. */
export async function ironic(options: IronicOptions, signal: AbortSignal): Promise<void> {
  output(await measureIronic(options, signal), render, options);
}

export async function measureIronic({ rounds, nodes }: Settings, signal: AbortSignal): Promise<IronicReport> {
  const measured = await keepingApiWorkers(async () => {
    await setApiWorkers(NEUTRON_API_WORKERS);
    return measure({ rounds, nodes }, signal, tell);
  });
  return report(rounds, nodes, measured);
}

function tell({ nodes, results, differences }: IronicRound): void {
  const sums = CONTESTANTS.map((name) => {
    const seconds = results[name].reduce((sum, step) => sum + step.seconds, 0);
    const requests = results[name].reduce((sum, step) => sum + step.requests, 0);
    return `${name} ${seconds.toFixed(2)} s, ${requests} requests`;
  });
  process.stderr.write(`${nodes} node(s): ${sums.join('; ')}; ${differences.length} fields differ\n`);
}
