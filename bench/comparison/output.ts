import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';

import Table from 'cli-table3';

import type { Spread } from './statistics.js';
import { type Target, verdict } from './target.js';

/** The fields that every report has. */
export interface ReportHead {
  bench: string;
  /** When the report was made, in ISO 8601. */
  measured_at: string;
  machine: string;
  rounds: number;
  targets: Target[];
}

export interface OutputOptions {
  /** A file: write the report there as JSON, beside the tables on standard output. true: print only JSON. */
  json?: true | string;
}

export const MEGABYTE = 1_000_000;

export function reportHead(bench: string, rounds: number, targets: Target[]): ReportHead {
  return { bench, measured_at: new Date().toISOString(), machine: machine(), rounds, targets };
}

/** The machine on which the numbers were measured. */
function machine(): string {
  const cores = cpus();
  return `${cores.length} x ${cores[0]?.model ?? 'unknown processor'}, Node.js ${process.version}`;
}

/** Prints a report for people or for programs. */
export function output<Report extends ReportHead>(
  report: Report,
  render: (report: Report) => string,
  { json }: OutputOptions,
): void {
  const text = JSON.stringify(report, null, 2);
  if (typeof json === 'string') writeFileSync(json, `${text}\n`);
  console.log(json === true ? text : render(report));
}

/** The first line of a report for people. */
export function heading(what: string, { rounds, machine: where }: ReportHead): string {
  return `${what}, ${rounds} ${rounds === 1 ? 'round' : 'rounds'}, ${where}`;
}

/** A table for people. The first column is text, the others are numbers. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const result = new Table({
    head: [...head],
    colAligns: head.map((_, index) => (index === 0 ? 'left' : 'right')),
    style: { head: [], border: [], compact: true },
  });
  for (const row of rows) result.push([...row]);
  return result.toString();
}

/** A table of targets; empty when there are none. */
export function targetTable(targets: readonly Target[]): string {
  if (targets.length === 0) return '';
  const rows = targets.map((target) => targetCells(target, '\n  '));
  return table(['target', 'measured', 'limit', ''], rows);
}

/** The cells of a target: what is measured, with its note after a separator; the value; the limit; the verdict. */
export function targetCells(target: Target, separator: string): string[] {
  const { measure, beside, measured, unit, bound, limit, note } = target;
  const withUnit = (value: number): string => `${short(value)}${unit === null ? '' : ` ${unit}`}`;
  const what = beside === null ? measure : `${measure}, beside ${beside}`;
  return [
    note === null ? what : `${what}${separator}${note}`,
    measured === null ? '-' : withUnit(measured),
    `${bound} ${withUnit(limit)}`,
    verdict(target),
  ];
}

export function whole(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}

/** A number with two digits after the point, or none if it is large. */
function short(value: number): string {
  return Math.abs(value) >= 100 || Number.isInteger(value) ? whole(value) : value.toFixed(2);
}

/** "min / median / max", with this many digits after the point. */
export function rangeText({ min, median, max }: Spread, digits: number): string {
  const values = min === max ? [median] : [min, median, max];
  return values.map((value) => value.toFixed(digits)).join(' / ');
}
