import { existsSync, readFileSync } from 'node:fs';

import { measureApi } from '../api/api.js';
import type { ApiReport } from '../api/report.js';
import { measureCalls } from '../calls/calls.js';
import type { CallsReport } from '../calls/report.js';
import { heading, output, type OutputOptions, type ReportHead, reportHead, targetTable } from '../comparison/output.js';
import { measureConsole } from '../console/console.js';
import type { ConsoleReport } from '../console/report.js';
import { CONTESTANT_NAMES } from '../drain/contestants.js';
import { measureDrain } from '../drain/drain.js';
import type { DrainReport } from '../drain/report.js';
import { measureEvents } from '../events/events.js';
import type { EventsReport } from '../events/report.js';
import { measureIronic } from '../ironic/ironic.js';
import type { IronicReport } from '../ironic/report.js';
import { measureNeutron } from '../neutron/neutron.js';
import type { NeutronReport } from '../neutron/report.js';
import { SCENARIO_NAMES } from '../neutron/scenarios.js';
import { SCALE_PARTS, type ScaleOptions } from '../scale/options.js';
import type { ScaleReport } from '../scale/report.js';
import { measureScale } from '../scale/scale.js';

/** The report of each benchmark. */
export interface Reports {
  drain: DrainReport;
  calls: CallsReport;
  scale: ScaleReport;
  events: EventsReport;
  neutron: NeutronReport;
  ironic: IronicReport;
  api: ApiReport;
  console: ConsoleReport;
}
export type Bench = keyof Reports;

/** The benchmarks in the order in which they run. */
export const BENCHES = [
  'drain',
  'calls',
  'scale',
  'events',
  'neutron',
  'ironic',
  'api',
  'console',
] as const satisfies readonly Bench[];

/** How many nodes the console shows, and how many of them move in a second. */
const BOARD = { nodes: 10_000, moves: 200 };

/** How many nodes a real Ironic cleans at once. */
const CROWD_NODES = 50;

export interface AllOptions extends Omit<ScaleOptions, 'parts'>, OutputOptions {
  /** Calls of each contestant in a round. */
  calls: number;
  /** Minutes for which a browser is watched. */
  minutes: number;
  benches: Bench[];
  /** A remark for readers of the numbers, such as other work of the machine. */
  note?: string;
}

export interface AllReport extends ReportHead {
  note: string | null;
  reports: Partial<Reports>;
}

/**
 * Runs the benchmarks one after the other, and prints every target and whether it is met. A file with an earlier report
 * keeps the benchmarks that are not run now.
 */
export async function all(options: AllOptions, signal: AbortSignal): Promise<void> {
  const { benches, json } = options;
  let reports = typeof json === 'string' && existsSync(json) ? readReport(json).reports : {};
  try {
    for (const bench of benches) {
      process.stderr.write(`\n${bench}\n`);
      reports = { ...reports, [bench]: await RUNS[bench](options, signal) };
    }
  } finally {
    // If a later benchmark fails, the reports of the earlier ones are still written.
    output(together(options, reports), render, options);
  }
}

/** Reads a report that `script/bench all --json FILE` wrote. */
export function readReport(file: string | URL): AllReport {
  return JSON.parse(readFileSync(file, 'utf8')) as AllReport;
}

const RUNS: { [Name in Bench]: (options: AllOptions, signal: AbortSignal) => Promise<Reports[Name]> } = {
  drain: (options, signal) => measureDrain({ ...options, contestants: [...CONTESTANT_NAMES] }, signal),
  calls: measureCalls,
  scale: (options, signal) => measureScale({ ...options, parts: [...SCALE_PARTS] }, signal),
  events: measureEvents,
  neutron: (options, signal) => measureNeutron({ ...options, scenarios: [...SCENARIO_NAMES] }, signal),
  ironic: ({ rounds }, signal) => measureIronic({ rounds, nodes: CROWD_NODES }, signal),
  api: measureApi,
  console: ({ minutes }, signal) => measureConsole({ ...BOARD, minutes }, signal),
};

function together({ rounds, note }: AllOptions, reports: Partial<Reports>): AllReport {
  const targets = inOrder(reports).flatMap((report) => report.targets);
  return { ...reportHead('all', rounds, targets), note: note ?? null, reports };
}

function inOrder(reports: Partial<Reports>): ReportHead[] {
  return BENCHES.flatMap((bench) => reports[bench] ?? []);
}

function render(report: AllReport): string {
  const tables = inOrder(report.reports)
    .filter(({ targets }) => targets.length > 0)
    .map(({ bench, targets }) => `${bench}\n${targetTable(targets)}`);
  return [heading('all targets', report), ...tables].join('\n');
}
