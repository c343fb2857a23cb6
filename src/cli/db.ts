import { Option, type Command } from 'commander';

import { downgrade, schemaStatus, upgrade, type MigrationStatus } from '../state/index.js';
import { wholeNumber } from './arguments.js';
import { configOf, withDatabase } from './context.js';
import { EXIT, UsageError } from './exit.js';
import { print, table } from './output.js';

/** netprov db: the database schema. */
export function addDbCommands(program: Command): void {
  const db = program.command('db').description('create, change or look at the database schema');

  db.command('upgrade')
    .description('apply every migration that the database lacks')
    .option('--json', 'print JSON')
    .action(async ({ json = false }: { json?: boolean }, command: Command) => {
      const applied = await withDatabase(configOf(command), upgrade);
      printMigrations('applied', applied, json);
    });

  db.command('downgrade')
    .description('take back the newest migrations, WITH THE DATA that their tables and columns hold')
    .addOption(new Option('--to <version>', 'the migration that is the newest afterwards; 0 for none'))
    .addOption(new Option('--steps <n>', 'how many to take back').argParser(wholeNumber(1, 1000)).conflicts('to'))
    .option('--json', 'print JSON')
    .action(async ({ to, steps, json = false }: DowngradeOptions, command: Command) => {
      if (to === undefined && steps === undefined) throw new UsageError('db downgrade needs --to VERSION or --steps N');
      const undone = await withDatabase(configOf(command), async (dataSource) =>
        downgrade(dataSource, steps ?? stepsTo(to ?? '', await schemaStatus(dataSource))),
      );
      printMigrations('taken back', undone, json);
    });

  db.command('status')
    .description(`show every migration; exit code ${EXIT.schemaBehind} when one is missing`)
    .option('--json', 'print JSON')
    .action(async ({ json = false }: { json?: boolean }, command: Command) => {
      const migrations = await withDatabase(configOf(command), schemaStatus);
      const rows = migrations.map(({ name, applied }) => [name, applied ? 'yes' : 'no']);
      print(json ? { migrations } : table(['Migration', 'Applied'], rows));
      if (migrations.some(({ applied }) => !applied)) process.exitCode = EXIT.schemaBehind;
    });
}

interface DowngradeOptions {
  to?: string;
  steps?: number;
  json?: boolean;
}

/** How many migrations are newer than the one whose name, or the number in it, is given. */
function stepsTo(version: string, migrations: readonly MigrationStatus[]): number {
  const applied = migrations.filter((migration) => migration.applied).map(({ name }) => name);
  if (version === '0') return applied.length;
  const index = applied.findIndex((name) => name === version || /\d+$/.exec(name)?.[0] === version);
  if (index >= 0) return applied.length - 1 - index;
  throw new UsageError(`no applied migration is called ${version}; applied are: ${applied.join(', ') || 'none'}`);
}

function printMigrations(what: string, names: readonly string[], json: boolean): void {
  if (json) print({ migrations: names });
  else print(names.length === 0 ? 'nothing to do' : names.map((name) => `${what}: ${name}`).join('\n'));
}
