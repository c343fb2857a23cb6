import type { Command } from 'commander';

import { type Config, ConfigurationError } from '../../config/load.js';
import { examine } from '../../doctor/examine.js';
import { type DoctorContext, type DoctorFinding, Findings, type Status } from '../../doctor/finding.js';
import { READ_RULES } from '../../doctor/rules/config-rules.js';
import { silentLogger } from '../../log/log.js';
import { connectionOptions, exchangeOptions } from '../../services/connect.js';
import { databaseOptions } from '../../services/database-access.js';
import { EXIT } from '../../services/errors.js';
import { openDatabase } from '../../state/index.js';
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

/** What the checks need, from the configuration. */
export function doctorContextOf(
  config: Config,
  options: Pick<DoctorOptions, 'timeout' | 'managementUrl'>,
): DoctorContext {
  const limit = options.timeout * 1000;
  // Messages of the servers' clients come back as findings, so they are not logged.
  const connection = connectionOptions(config, 'netprov doctor', silentLogger());
  // Half of the time limit, so that there is time left to report that the database hangs.
  const database = {
    ...databaseOptions(config.database),
    connectTimeout: limit / 2,
    statementTimeout: limit / 2,
    maxPoolSize: 2,
  };
  return {
    config,
    exchanges: exchangeOptions(config),
    connection,
    openDatabase: () => openDatabase(database),
    managementUrl: options.managementUrl ?? null,
    limit,
  };
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
