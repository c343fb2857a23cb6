import { measure } from './measure.js';
import { render, report } from './report.js';

export interface ApiBenchOptions {
  nodes: number;
  rounds: number;
  json?: true;
}

/** Prints how fast ironic-api and netprov api list, show and change nodes. */
export async function api({ nodes, rounds, json }: ApiBenchOptions, signal: AbortSignal): Promise<void> {
  const measured = await measure(nodes, rounds, signal, (text) => process.stderr.write(text));
  const result = report(nodes, rounds, measured);
  console.log(json ? JSON.stringify(result, null, 2) : render(result));
}
