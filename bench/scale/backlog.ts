import { MEGABYTE } from '../comparison/output.js';
import { roundName } from '../comparison/rounds.js';
import { atMost, type Target } from '../comparison/target.js';
import { USUAL_CASTS } from '../drain/casts.js';
import { drainWithWorker, WORKER } from '../drain/recorded-drains.js';
import type { ScaleOptions } from './options.js';
import { type Point, pointOf } from './points.js';

export interface BacklogPoint extends Point {
  backlog: number;
  /** Maximum until the backlog was drained, in MB of 1,000,000 bytes. */
  peak_rss_mb: number;
}

/** Drains backlogs of different sizes, each once. */
export async function measureBacklog({ backlog }: ScaleOptions, signal: AbortSignal): Promise<BacklogPoint[]> {
  const points: BacklogPoint[] = [];
  for (const part of [0.01, 0.1, 1]) {
    const casts = Math.ceil(backlog * part);
    process.stderr.write(`${roundName(1, 1)}: a backlog of ${casts} casts ... `);
    const cost = await drainWithWorker(WORKER, USUAL_CASTS, casts, signal);
    process.stderr.write(`${cost.seconds.toFixed(2)} s\n`);
    points.push({ backlog: casts, ...pointOf([{ ...cost, casts }]), peak_rss_mb: cost.peakResidentSet / MEGABYTE });
  }
  return points;
}

export function backlogTargets(points: readonly BacklogPoint[]): Target[] {
  const [small, large] = [points[0], points.at(-1)];
  if (small === undefined || large === undefined) return [];
  const [few, many] = [small, large].map(({ backlog }) => backlog.toLocaleString('en-US'));
  const measure = `peak resident set at a backlog of ${many ?? ''}`;
  return [
    atMost(1.1, measure, `a backlog of ${few ?? ''}`, large.peak_rss_mb / small.peak_rss_mb),
    atMost(200, measure, null, large.peak_rss_mb, { unit: 'MB' }),
  ];
}
