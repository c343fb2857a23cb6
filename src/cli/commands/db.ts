import { type Command, Option } from 'commander';

import { EXIT, UsageError } from '../../services/errors.js';
import { configOf, wholeNumber } from '../input/arguments.js';
import { addOutput, type Output, outputOf, type OutputOptions, print, table } from '../output/output.js';

interface DowngradeArguments extends OutputOptions {
  to?: string;
  steps?: number;
}

/**
 * Adds netprov db: the database schema. Its code is loaded when it runs, because loading TypeORM takes longer than most
 * other commands take in total.
 */
export function addDbCommands(program: Command): void {
  const db = program.command('db').description('create, change or look at the database schema');

  addOutput(db.command('upgrade').description('apply every migration that the database lacks')).action(
    async (options: OutputOptions, command: Command) => {
      const { upgradeSchema } = await import('../../services/database.js');
      printMigrations('applied', await upgradeSchema(configOf(command)), outputOf(options));
    },
  );

  const downgrade = db
    .command('downgrade')
    .description('take back the newest migrations, WITH THE DATA that their tables and columns hold')
    .option('--to <version>', 'the migration that is the newest afterwards; 0 for none')
    .addOption(new Option('--steps <n>', 'how many to take back').argParser(wholeNumber(1, 1000)).conflicts('to'));
  addOutput(downgrade).action(async ({ to, steps, ...options }: DowngradeArguments, command: Command) => {
    const how = steps !== undefined ? { steps } : to !== undefined ? { to } : undefined;
    if (how === undefined) throw new UsageError('db downgrade needs --to VERSION or --steps N');
    const { downgradeSchema } = await import('../../services/database.js');
    printMigrations('taken back', await downgradeSchema(configOf(command), how), outputOf(options));
  });

  const status = db
    .command('status')
    .description(`show every migration; exit code ${EXIT.schemaBehind} when one is missing`);
  addOutput(status).action(async (options: OutputOptions, command: Command) => {
    const { statusOf } = await import('../../services/database.js');
    const migrations = await statusOf(configOf(command));
    const rows = migrations.map(({ name, applied }) => [name, applied ? 'yes' : 'no']);
    print(outputOf(options), { migrations }, () => table(['Migration', 'Applied'], rows));
    if (migrations.some(({ applied }) => !applied)) process.exitCode = EXIT.schemaBehind;
  });
}

function printMigrations(what: string, names: readonly string[], output: Output): void {
  const text = names.length === 0 ? 'nothing to do' : names.map((name) => `${what}: ${name}`).join('\n');
  print(output, { migrations: names }, text);
}
