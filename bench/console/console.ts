import { output, type OutputOptions } from '../comparison/output.js';
import { droppedPart } from './frames.js';
import { type ConsoleBenchOptions, measure, type Period } from './measure.js';
import { type ConsoleReport, render, report } from './report.js';

/** Prints how the console's board keeps up with many moves, and what its stream of events costs the API. */
export async function consoleBench(options: ConsoleBenchOptions & OutputOptions, signal: AbortSignal): Promise<void> {
  output(await measureConsole(options, signal), render, options);
}

export async function measureConsole(options: ConsoleBenchOptions, signal: AbortSignal): Promise<ConsoleReport> {
  return report(options, await measure(options, signal, tell));
}

function tell({ name, seconds, moves, api_s, frames }: Period): void {
  const dropped = frames === null ? '' : `, ${(droppedPart(frames) * 100).toFixed(1)} % of the frames dropped`;
  const rate = `${(moves / seconds).toFixed(0)} moves a second`;
  process.stderr.write(`${name}, ${seconds.toFixed(0)} s: ${rate}, API ${api_s.toFixed(1)} s${dropped}\n`);
}
