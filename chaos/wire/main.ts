/** The program behind script/chaos --wire. Standard output is the report; progress goes to standard error. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

import { Command, CommanderError } from 'commander';

import { errorText } from '../../src/async/error-text.js';
import { OwnServices } from '../../testkit/servers/own-services.js';
import { picture } from '../../testkit/wire/picture.js';
import { anySeed, EXIT, EXIT_CODES, interruption, namesAmong, tell, wholeNumber } from '../arguments.js';
import { findingsIn } from './checks.js';
import type { WireEvidence } from './evidence.js';
import { LIMIT_NAMES, LIMITS, WIRE_FAULT_KINDS, WIRE_KINDS, type WireFaultKind } from './kinds.js';
import { runWire } from './run.js';
import { wireStoryOf, wireSummaryOf, wireTablesOf } from './summary.js';

/** Seconds in which rounds begin, unless an option says otherwise. */
const SECONDS = 300;

interface Options {
  seed: number;
  minutes?: number;
  seconds?: number;
  only?: WireFaultKind[];
  quarantine: boolean;
  picture?: string;
  json?: boolean;
  keep?: boolean;
}

const list = (entries: readonly [string, string][]): string =>
  entries.map(([name, what]) => `  ${name.padEnd(20)} ${what}`).join('\n');

const HELP = `
Two nodes of a rack (docs/wire-proof.md) move side by side, in rounds: each makes one move, and one fault meets them. After
the results, the pings, the switch, Neutron and the record of each node are compared. The frames are judged at the end.

Faults:
${list(WIRE_FAULT_KINDS.map((kind) => [kind, WIRE_KINDS[kind].what]))}

Known limits, which are counted and are no violations:
${list(LIMIT_NAMES.map((name) => [name, LIMITS[name]]))}
${EXIT_CODES}`;

const program = new Command('script/chaos --wire')
  .description(
    'Breaks a switch and what configures it while nodes move, and checks by frames who reaches whom. Root only.',
  )
  .option('--seed <number>', 'seed of the random moves and faults', wholeNumber(0, 2 ** 32 - 1), anySeed())
  .option('--minutes <number>', 'minutes during which rounds begin', wholeNumber(1, 1440))
  .option('--seconds <number>', `the same duration in seconds (${SECONDS})`, wholeNumber(5, 86_400))
  .option('--only <faults>', 'only these faults, separated by commas', namesAmong(WIRE_FAULT_KINDS))
  .option('--no-quarantine', 'a control: the worker has no quarantine_network, and the run must find violations')
  .option('--picture <file>', 'draw who reached whom, as SVG')
  .option('--json', 'print the summary as JSON')
  .option('--keep', 'keep the logs')
  .addHelpText('after', HELP)
  .exitOverride()
  .action(chaosOnTheWire);

async function chaosOnTheWire(options: Options): Promise<void> {
  const { seed, only, quarantine, keep = false } = options;
  if (options.minutes !== undefined && options.seconds !== undefined) {
    program.error('error: give --minutes or --seconds, not both');
  }
  const seconds = options.seconds ?? (options.minutes === undefined ? SECONDS : options.minutes * 60);
  const signal = interruption();
  const folder = mkdtempSync(join(tmpdir(), 'netprov-chaos-wire-'));
  try {
    tell(`seed ${seed}: rounds of moves for 2 nodes, each with a fault, for ${seconds} s`);
    tell('starting RabbitMQ, MariaDB and Neutron');
    const services = new OwnServices(process.env['NETPROV_SERVICES_DIR'] ?? resolve('.services'));
    await services.run('up', 'neutron', 'wire');
    Object.assign(process.env, await services.variables());
    const evidence = await runWire({
      seed,
      seconds,
      kinds: only ?? WIRE_FAULT_KINDS,
      quarantine,
      folder,
      tell,
      signal,
    });
    const kept = await report(evidence, options, folder);
    if (!kept) tell(`the same moves and faults again: ${replayOf(options, seconds)}`);
    process.exitCode = kept ? EXIT.kept : EXIT.violated;
    if (kept && !keep) rmSync(folder, { recursive: true });
    else tell(`the logs are in ${folder}`);
  } catch (error) {
    tell(`the logs are in ${folder}`);
    throw error;
  }
}

/** Prints what was found. Returns whether the promise was kept. */
async function report(evidence: WireEvidence, { json, picture: file }: Options, folder: string): Promise<boolean> {
  const findings = findingsIn(evidence);
  writeFileSync(join(folder, 'findings.json'), JSON.stringify(findings, null, 2));
  const violations = findings.filter(({ limit }) => limit === null);
  for (const violation of violations) process.stderr.write(`${wireStoryOf(violation, evidence).join('\n')}\n`);
  const summary = wireSummaryOf(evidence, findings);
  process.stdout.write(`${json === true ? JSON.stringify(summary) : wireTablesOf(summary)}\n`);
  if (file !== undefined) writeFileSync(file, await draw(evidence));
  return violations.length === 0;
}

function draw(evidence: WireEvidence): Promise<string> {
  const { rounds, seed } = evidence;
  const steps = rounds.flatMap(({ moves }) =>
    moves.flatMap(({ result, ...made }) => (result === null ? [] : [{ ...made, result, answered: [] }])),
  );
  const faults = rounds.flatMap(({ planned, begin, end }) =>
    planned.kind === null ? [] : [{ row: 'fault', label: planned.kind, begin, end }],
  );
  return picture({ ...evidence, steps }, `Who reached whom while faults met two nodes (seed ${seed})`, faults);
}

function replayOf({ seed, only, quarantine }: Options, seconds: number): string {
  const kinds = only === undefined ? '' : ` --only ${only.join(',')}`;
  return `script/chaos --wire --seed ${seed} --seconds ${seconds}${kinds}${quarantine ? '' : ' --no-quarantine'}`;
}

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? EXIT.kept : EXIT.usage;
  else {
    process.stderr.write(`script/chaos --wire: ${errorText(error)}\n`);
    process.exitCode = EXIT.notMade;
  }
}
