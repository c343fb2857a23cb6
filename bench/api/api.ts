import { output, type OutputOptions } from '../comparison/output.js';
import { measure } from './measure.js';
import { render, report } from './report.js';

export interface ApiBenchOptions extends OutputOptions {
  nodes: number;
  rounds: number;
}

/** Prints how fast ironic-api and netprov api list, show and change nodes. */
export async function api(options: ApiBenchOptions, signal: AbortSignal): Promise<void> {
  const { nodes, rounds } = options;
  const measured = await measure(nodes, rounds, signal, (text) => process.stderr.write(text));
  output(report(nodes, rounds, measured), render, options);
}
