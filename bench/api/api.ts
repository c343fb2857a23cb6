import { output, type OutputOptions } from '../comparison/output.js';
import { measure } from './measure.js';
import { type ApiReport, render, report } from './report.js';

export interface ApiBenchOptions extends OutputOptions {
  nodes: number;
  rounds: number;
}

/** Prints how fast ironic-api and netprov api list, show and change nodes. */
export async function api(options: ApiBenchOptions, signal: AbortSignal): Promise<void> {
  output(await measureApi(options, signal), render, options);
}

export async function measureApi(
  { nodes, rounds }: Pick<ApiBenchOptions, 'nodes' | 'rounds'>,
  signal: AbortSignal,
): Promise<ApiReport> {
  return report(nodes, rounds, await measure(nodes, rounds, signal, (text) => process.stderr.write(text)));
}
