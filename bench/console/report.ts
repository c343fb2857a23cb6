import { heading, MEGABYTE, type ReportHead, reportHead, table, targetTable, whole } from '../comparison/output.js';
import { atMost, type Target } from '../comparison/target.js';
import { droppedPart } from './frames.js';
import { BROWSERS, type ConsoleBenchOptions, type Measured, type Period } from './measure.js';

export interface ConsoleReport extends ReportHead {
  nodes: number;
  /** Moves a second that were wanted. */
  moves: number;
  minutes: number;
  periods: Period[];
  memory: Measured['memory'];
  /** Most memory of the API. */
  peak_rss_mb: number;
}

const TITLES: Record<Period['name'], string> = {
  nobody: 'no browser',
  one: '1 browser',
  fifty: `${BROWSERS} browsers, ${BROWSERS - 1} of them simulated`,
  still: '1 browser, nothing moves',
  following: '1 simulated browser follows the stream',
  polling: '1 simulated browser polls the list',
};

export function report(
  { nodes, moves, minutes }: ConsoleBenchOptions,
  { periods, memory, peakResidentSet }: Measured,
): ConsoleReport {
  const head = reportHead('console', 1, targetsOf(periods, memory));
  return { ...head, nodes, moves, minutes, periods, memory, peak_rss_mb: peakResidentSet / MEGABYTE };
}

/** Processor time of the API in a second. @param beyond what it takes without a browser is not counted */
function apiShare(periods: readonly Period[], name: Period['name'], beyond: boolean): number {
  const share = (one: Period['name']): number => {
    const { api_s = NaN, seconds = NaN } = periodOf(periods, one) ?? {};
    return api_s / seconds;
  };
  return share(name) - (beyond ? share('nobody') : 0);
}

function periodOf(periods: readonly Period[], name: Period['name']): Period | undefined {
  return periods.find((period) => period.name === name);
}

function bytesPerSecond({ bytes, seconds }: Pick<Period, 'bytes' | 'seconds'>): number {
  return bytes === null ? NaN : bytes / seconds;
}

function targetsOf(periods: readonly Period[], { start, end }: Measured['memory']): Target[] {
  const frames = periodOf(periods, 'one')?.frames ?? null;
  const still = periodOf(periods, 'still')?.frames ?? null;
  const note = still && `${(droppedPart(still) * 100).toFixed(1)} % when nothing moves`;
  const share = (name: Period['name']): number => apiShare(periods, name, true);
  const bytes = (name: Period['name']): number =>
    bytesPerSecond(periodOf(periods, name) ?? { bytes: null, seconds: 1 });
  return [
    atMost(0.05, 'part of the frames that 1 browser drops', null, frames && droppedPart(frames), { note }),
    atMost(0.2, 'longest task of the page', null, frames && frames.longest_task_ms / 1000, { unit: 's' }),
    atMost(1.25, "JavaScript's heap of the page at the end", 'at the begin', end.heap_mb / start.heap_mb),
    atMost(10, `processor time of the API for ${BROWSERS} browsers`, 'for 1', share('fifty') / share('one')),
    atMost(0.25, 'processor time of the API for the stream', 'for polling', share('following') / share('polling')),
    atMost(0.25, 'bytes of the stream', 'of polling', bytes('following') / bytes('polling')),
  ];
}

/** The periods of a report, as a head and rows of cells. */
export function periodCells({ periods }: ConsoleReport): { head: string[]; rows: string[][] } {
  const head = ['', 'moves/s', 'API, % of a core', 'Chromium, %', 'kB/s', 'lists'];
  const percent = (part: number | null, seconds: number): string =>
    part === null ? '' : ((part / seconds) * 100).toFixed(1);
  const rows = periods.map((period) => [
    TITLES[period.name],
    (period.moves / period.seconds).toFixed(0),
    percent(period.api_s, period.seconds),
    percent(period.browser_s, period.seconds),
    period.bytes === null ? '' : whole(bytesPerSecond(period) / 1000),
    period.lists === null ? '' : whole(period.lists),
  ]);
  return { head, rows };
}

/** The frames of a report, as a head and rows of cells. */
export function frameCells({ periods }: ConsoleReport): { head: string[]; rows: string[][] } {
  const head = ['', 'frames', 'dropped, %', 'p99, ms', 'longest, ms', 'long tasks', 'time, %', 'longest, ms'];
  const rows = periods.flatMap(({ name, frames }) => {
    if (frames === null) return [];
    const numbers = [
      whole(frames.shown + frames.dropped),
      (droppedPart(frames) * 100).toFixed(1),
      whole(frames.p99_ms),
      whole(frames.longest_ms),
      whole(frames.long_tasks),
      (frames.long_tasks_ms / frames.seconds / 10).toFixed(1),
      whole(frames.longest_task_ms),
    ];
    return [[TITLES[name], ...numbers]];
  });
  return { head, rows };
}

/** One sentence about memory. */
export function memoryText({ memory: { start, end }, minutes, peak_rss_mb }: ConsoleReport): string {
  const mb = (value: number): string => value.toFixed(1);
  return (
    `Memory of the page before and after ${minutes} ${minutes === 1 ? 'minute' : 'minutes'}: JavaScript's heap ` +
    `${mb(start.heap_mb)} MB and ${mb(end.heap_mb)} MB, the process ${whole(start.rss_mb)} MB and ` +
    `${whole(end.rss_mb)} MB. Peak RSS of the API: ${whole(peak_rss_mb)} MB.`
  );
}

/** Formats the report for people. */
export function render(result: ConsoleReport): string {
  const [periods, frames] = [periodCells(result), frameCells(result)];
  return [
    heading(`${whole(result.nodes)} nodes, ${whole(result.moves)} moves a second`, result),
    table(periods.head, periods.rows),
    table(frames.head, frames.rows),
    memoryText(result),
    targetTable(result.targets),
  ].join('\n');
}
