import { output, type OutputOptions } from '../comparison/output.js';
import { roundName } from '../comparison/rounds.js';
import { median, percentile } from '../comparison/statistics.js';
import { CONTESTANTS, TITLES } from './contestants.js';
import { type CallsRound, type CallsSettings, measure } from './measure.js';
import { type CallsReport, render, report } from './report.js';

export type CallsOptions = CallsSettings & OutputOptions;

/** Prints the round trips of calls, of the same client with Python servers and with the worker. */
export async function calls(options: CallsOptions, signal: AbortSignal): Promise<void> {
  output(await measureCalls(options, signal), render, options);
}

export async function measureCalls(settings: CallsSettings, signal: AbortSignal): Promise<CallsReport> {
  const tell = ({ round, scenario, results }: CallsRound): void => {
    const each = CONTESTANTS.map((name) => {
      const { latencies } = results[name];
      const [middle, late] = [median(latencies), percentile(latencies, 0.99)];
      return `${TITLES[name]} p50 ${(middle * 1000).toFixed(2)} ms, p99 ${(late * 1000).toFixed(2)} ms`;
    });
    process.stderr.write(`${roundName(round, settings.rounds)}: ${scenario} under way: ${each.join('; ')}\n`);
  };
  return report(settings, await measure(settings, signal, tell));
}
