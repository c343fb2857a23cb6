/** The program behind script/chaos. Standard output is the report; progress goes to standard error. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Command, CommanderError } from 'commander';

import { errorText } from '../src/async/error-text.js';
import { anySeed, EXIT, EXIT_CODES, interruption, namesAmong, tell, wholeNumber } from './arguments.js';
import { violationsIn } from './checks/all.js';
import type { Violation } from './checks/check.js';
import type { Evidence } from './evidence.js';
import { FAULT_KINDS, type FaultKind, KINDS } from './faults/kinds.js';
import { Services } from './place/services.js';
import { drawPlan } from './plan/plan.js';
import { summaryOf, tablesOf } from './report.js';
import { run } from './run.js';
import { tellViolation } from './story.js';

/** Casts a second, unless --casts is given: 20 minutes then have more than 20,000 casts. */
const CASTS_PER_SECOND = 18;
/** Number of stories that are printed; the file of violations has all of them. */
const STORIES = 5;

interface Options {
  seed: number;
  minutes?: number;
  seconds?: number;
  casts?: number;
  poison: number;
  faults: number;
  only?: FaultKind[];
  json?: boolean;
  keep?: boolean;
}

const HELP = `
Faults:
${FAULT_KINDS.map((kind) => `  ${kind.padEnd(20)} ${KINDS[kind].what}`).join('\n')}
In addition, some messages are sent twice, and some again after newer ones.

script/chaos --wire breaks a switch, and looks at frames: see script/chaos --wire --help.
${EXIT_CODES}`;

const program = new Command('script/chaos')
  .description('Breaks every part of a running system while conductors cast, and checks that nothing is lost.')
  .option('--seed <number>', 'seed of the random casts and faults', wholeNumber(0, 2 ** 32 - 1), anySeed())
  .option('--minutes <number>', 'minutes during which casts are sent and faults begin', wholeNumber(1, 1440))
  .option('--seconds <number>', 'the same duration in seconds (60)', wholeNumber(5, 86_400))
  .option('--casts <number>', `number of casts (${CASTS_PER_SECOND} per second)`, wholeNumber(1, 1_000_000))
  .option('--poison <number>', 'number of additional casts that crash workers (poison)', wholeNumber(0, 20), 1)
  .option('--faults <number>', 'faults per minute; 0: none', wholeNumber(0, 120), 12)
  .option('--only <faults>', 'only these faults, separated by commas', namesAmong(FAULT_KINDS))
  .option('--json', 'print the summary as JSON')
  .option('--keep', 'keep the servers running with their data, and keep the logs')
  .addHelpText('after', HELP)
  .exitOverride()
  .action(chaos);

async function chaos(options: Options): Promise<void> {
  const { seed, poison, faults, only, keep = false } = options;
  if (options.minutes !== undefined && options.seconds !== undefined) {
    program.error('error: give --minutes or --seconds, not both');
  }
  const seconds = options.seconds ?? (options.minutes ?? 1) * 60;
  const casts = options.casts ?? seconds * CASTS_PER_SECOND;
  const plan = drawPlan({ seed, seconds, casts, poison, faults, kinds: only ?? FAULT_KINDS });
  const interrupted = interruption();
  const folder = mkdtempSync(join(tmpdir(), 'netprov-chaos-'));
  const services = new Services();
  try {
    tell(
      `seed ${seed}: ${plan.casts.length} casts for ${plan.nodes.length} nodes and ${plan.faults.length} faults in ${seconds} s`,
    );
    tell('starting RabbitMQ, MariaDB, Neutron and Keystone');
    // An earlier run may have kept its data, which would be counted together with this run's.
    await services.down();
    await services.up();
    await services.enter();
    const finished = await run({ plan, services, folder, tell, keep, signal: interrupted });
    const violations = violationsIn(finished.evidence);
    reportViolations(violations, finished.evidence, join(folder, 'violations'));
    const summary = summaryOf(finished, violations);
    process.stdout.write(`${options.json === true ? JSON.stringify(summary) : tablesOf(summary)}\n`);
    process.exitCode = violations.length > 0 ? EXIT.violated : EXIT.kept;
    if (violations.length === 0 && !keep) rmSync(folder, { recursive: true });
    else tell(`the logs are in ${folder}`);
  } catch (error) {
    tell(`the logs are in ${folder}`);
    throw error;
  } finally {
    if (!keep) await services.down();
  }
}

/** Writes all violations to a file, and prints the stories of the first ones. */
function reportViolations(violations: readonly Violation[], evidence: Evidence, file: string): void {
  if (violations.length === 0) return;
  const told = new Set<string>();
  const stories = violations.map((violation) => tellViolation(violation, evidence, told));
  writeFileSync(file, `${stories.flat().join('\n')}\n`);
  let left = STORIES;
  for (const [violation = '', ...story] of stories) {
    process.stderr.write(`${violation}\n`);
    if (story.length > 0 && left-- > 0) process.stderr.write(`${story.join('\n')}\n`);
  }
  tell(`${violations.length} violations; with the stories of all nodes in ${file}`);
}

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? EXIT.kept : EXIT.usage;
  else {
    process.stderr.write(`script/chaos: ${errorText(error)}\n`);
    process.exitCode = EXIT.notMade;
  }
}
