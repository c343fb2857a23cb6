import { measureCalls } from '../calls/calls.js';
import { heading, output, type OutputOptions, type ReportHead, reportHead, targetTable } from '../comparison/output.js';
import { CONTESTANT_NAMES } from '../drain/contestants.js';
import { measureDrain } from '../drain/drain.js';
import { measureEvents } from '../events/events.js';
import { measureNeutron } from '../neutron/neutron.js';
import { SCALE_PARTS, type ScaleOptions } from '../scale/options.js';
import { measureScale } from '../scale/scale.js';

/** The benchmarks whose reports have targets, in the order in which they run. */
export const BENCHES = ['drain', 'calls', 'scale', 'events', 'neutron'] as const;
export type Bench = (typeof BENCHES)[number];

export interface AllSettings extends Omit<ScaleOptions, 'parts'> {
  /** Calls of each contestant in a round. */
  calls: number;
  benches: Bench[];
}

interface AllReport extends ReportHead {
  reports: ReportHead[];
}

/** Runs the benchmarks one after the other, and prints every target and whether it is met. */
export async function all(options: AllSettings & OutputOptions, signal: AbortSignal): Promise<void> {
  const reports: ReportHead[] = [];
  for (const bench of options.benches) {
    process.stderr.write(`\n${bench}\n`);
    reports.push(await RUNS[bench](options, signal));
    // What is measured so far is not lost when a later benchmark fails.
    output(together(options, reports), render, options);
  }
}

const RUNS: Record<Bench, (settings: AllSettings, signal: AbortSignal) => Promise<ReportHead>> = {
  drain: (settings, signal) => measureDrain({ ...settings, contestants: [...CONTESTANT_NAMES] }, signal),
  calls: measureCalls,
  scale: (settings, signal) => measureScale({ ...settings, parts: [...SCALE_PARTS] }, signal),
  events: measureEvents,
  neutron: measureNeutron,
};

function together({ rounds }: AllSettings, reports: ReportHead[]): AllReport {
  return {
    ...reportHead(
      'all',
      rounds,
      reports.flatMap(({ targets }) => targets),
    ),
    reports,
  };
}

function render(report: AllReport): string {
  const { reports } = report;
  const tables = reports
    .filter(({ targets }) => targets.length > 0)
    .map(({ bench, targets }) => `${bench}\n${targetTable(targets)}`);
  return [heading('all targets', report), ...tables].join('\n');
}
