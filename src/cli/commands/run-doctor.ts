import type { Command } from 'commander';

import { type Config, ConfigurationError } from '../../config/load.js';
import { examine } from '../../doctor/examine.js';
import { type DoctorFinding, Findings, type Status } from '../../doctor/finding.js';
import { READ_RULES } from '../../doctor/rules/config-rules.js';
import { doctorContextOf } from '../../services/doctor-context.js';
import { EXIT } from '../../services/errors.js';
import { configOf } from '../input/argument-parsers.js';
import { colored, counted, outputOf, type OutputOptions, print, printable } from '../output/output.js';

export interface DoctorOptions extends OutputOptions {
  host?: string[];
  managementUrl?: URL;
  timeout: number;
  problems?: boolean;
}

/** Runs all checks, prints the findings, and sets the exit code. */
export async function runDoctor(options: DoctorOptions, command: Command): Promise<void> {
  const findings = await found(options, command);
  const counts = { ok: 0, warning: 0, problem: 0 };
  for (const { status } of findings) counts[status]++;
  const shown = options.problems ? findings.filter(({ status }) => status !== 'ok') : findings;
  print(outputOf(options), { findings: shown, counts }, () => describe(shown, counts));
  if (counts.problem > 0) process.exitCode = EXIT.problem;
}

/**
 * Runs the checks. If the configuration is unusable, its problems are the only findings, because nothing can be reached
 * with it.
 */
async function found(options: DoctorOptions, command: Command): Promise<DoctorFinding[]> {
  let config: Config;
  try {
    config = configOf(command, options.host);
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    const findings = new Findings('config');
    for (const problem of error.problems) findings.first(READ_RULES, problem);
    return findings.all;
  }
  return examine(doctorContextOf(config, options));
}

function describe(findings: readonly DoctorFinding[], counts: Readonly<Record<Status, number>>): string {
  const width = Math.max(0, ...findings.map(({ check }) => check.length));
  const lines = findings.flatMap(({ check, status, what, remedy }) => [
    `${colored(status)}${' '.repeat('problem'.length - status.length)}  ${check.padEnd(width)}  ${printable(what)}`,
    ...(remedy === null ? [] : [`${' '.repeat('problem'.length + width + 4)}-> ${printable(remedy)}`]),
  ]);
  return [
    ...lines,
    `${counts.ok} ok, ${counted(counts.warning, 'warning')}, ${counted(counts.problem, 'problem')}`,
  ].join('\n');
}
