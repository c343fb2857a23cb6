import { type Command, Option } from 'commander';

import { EXIT, UsageError } from '../../services/errors.js';
import { configOf, wholeNumber } from '../input/argument-parsers.js';
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
  const db = program.command('db').description('create, change or show the database schema');

  addOutput(db.command('upgrade').description('apply all migrations that the database lacks')).action(
    async (options: OutputOptions, command: Command) => {
      const { upgradeSchema } = await import('../../services/database-access.js');
      printMigrations('applied', await upgradeSchema(configOf(command)), outputOf(options));
    },
  );

  const downgrade = db
    .command('downgrade')
    .description('revert the newest migrations, WITH ALL DATA in their tables and columns')
    .option('--to <version>', 'the newest migration to keep; 0 reverts all')
    .addOption(
      new Option('--steps <n>', 'number of migrations to revert').argParser(wholeNumber(1, 1000)).conflicts('to'),
    );
  addOutput(downgrade).action(async ({ to, steps, ...options }: DowngradeArguments, command: Command) => {
    const how = steps !== undefined ? { steps } : to !== undefined ? { to } : undefined;
    if (how === undefined) throw new UsageError('db downgrade needs --to VERSION or --steps N');
    const { downgradeSchema } = await import('../../services/database-access.js');
    printMigrations('reverted', await downgradeSchema(configOf(command), how), outputOf(options));
  });

  const status = db
    .command('status')
    .description(`show all migrations; exit code ${EXIT.schemaBehind} when one is missing`);
  addOutput(status).action(async (options: OutputOptions, command: Command) => {
    const { statusOf } = await import('../../services/database-access.js');
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
