import { output, type OutputOptions, reportHead } from '../comparison/output.js';
import { backlogTargets, measureBacklog } from './backlog.js';
import { fullnessTargets, measureFullness } from './fullness.js';
import { hostsTargets, measureHosts } from './hosts.js';
import type { ScaleOptions } from './options.js';
import { render, type ScaleReport } from './report.js';
import { measureStart, startTargets } from './start.js';
import { measureTakeover, takeoverTargets } from './takeover.js';

/** Prints what a cast costs as nodes, operations, the backlog and hosts grow, and how workers start and take over. */
export async function scale(options: ScaleOptions & OutputOptions, signal: AbortSignal): Promise<void> {
  output(await measureScale(options, signal), render, options);
}

export async function measureScale(options: ScaleOptions, signal: AbortSignal): Promise<ScaleReport> {
  const { parts, rounds, casts } = options;
  const fullness = parts.includes('fullness') ? await measureFullness(options, signal) : [];
  const backlog = parts.includes('backlog') ? await measureBacklog(options, signal) : [];
  const hosts = parts.includes('hosts') ? await measureHosts(options, signal) : [];
  const start = parts.includes('start') ? await measureStart(options, signal) : [];
  const takeover = parts.includes('takeover') ? await measureTakeover(options, signal) : [];
  const targets = [
    ...fullnessTargets(fullness),
    ...backlogTargets(backlog),
    ...hostsTargets(hosts),
    ...startTargets(start),
    ...takeoverTargets(takeover),
  ];
  return { ...reportHead('scale', rounds, targets), casts, fullness, backlog, hosts, start, takeover };
}
