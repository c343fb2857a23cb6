import { heading, rangeText, type ReportHead, table, targetTable, whole } from '../comparison/output.js';
import type { BacklogPoint } from './backlog.js';
import type { FullnessPoint } from './fullness.js';
import type { HostsPoint } from './hosts.js';
import { POINT_HEADS, pointCells } from './points.js';
import type { StartPoint } from './start.js';
import { type Takeover, takeoverCells } from './takeover.js';

export interface ScaleReport extends ReportHead {
  casts: number;
  fullness: FullnessPoint[];
  /** Measured once, whatever the number of rounds. */
  backlog: BacklogPoint[];
  hosts: HostsPoint[];
  start: StartPoint[];
  takeover: Takeover[];
}

/** Formats the report for people. */
export function render(result: ScaleReport): string {
  return [
    heading(`${whole(result.casts)} casts`, result),
    ...fullnessTable(result.fullness),
    ...backlogTable(result.backlog),
    ...hostsTable(result.hosts),
    ...startTable(result.start),
    ...takeoverTable(result.takeover),
    targetTable(result.targets),
  ].join('\n');
}

function fullnessTable(points: readonly FullnessPoint[]): string[] {
  if (points.length === 0) return [];
  const rows = points.map((point) => [
    `${whole(point.nodes)} nodes, ${whole(point.operations)} operations`,
    ...pointCells(point),
    point.ratio.toFixed(2),
  ]);
  return ['In the database', table(['', ...POINT_HEADS, 'ratio'], rows)];
}

function backlogTable(points: readonly BacklogPoint[]): string[] {
  if (points.length === 0) return [];
  const rows = points.map((point) => [
    `${whole(point.backlog)} casts`,
    ...pointCells(point),
    `${whole(point.peak_rss_mb)} MB`,
  ]);
  return ['Backlog (one round)', table(['', ...POINT_HEADS, 'peak RSS'], rows)];
}

function hostsTable(points: readonly HostsPoint[]): string[] {
  if (points.length === 0) return [];
  const rows = points.map((point) => [`${point.hosts}`, ...pointCells(point), point.ratio.toFixed(2)]);
  return ['Conductor hosts, each with a worker', table(['', ...POINT_HEADS, 'ratio'], rows)];
}

function startTable(points: readonly StartPoint[]): string[] {
  if (points.length === 0) return [];
  const rows = points.map(({ waiting, seconds, processor_s }) => [
    `${whole(waiting)} waiting`,
    rangeText(seconds, 2),
    rangeText(processor_s, 2),
  ]);
  const head = ['', 'seconds\nmin / median / max', 'seconds of processor\nmin / median / max'];
  return ['From the start of a worker to its first cast done', table(head, rows)];
}

function takeoverTable(takeovers: readonly Takeover[]): string[] {
  if (takeovers.length === 0) return [];
  const { head, rows } = takeoverCells(takeovers);
  return [table(head, rows)];
}
