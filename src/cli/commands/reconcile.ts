import { type Command, Option } from 'commander';

import { EXIT, UsageError } from '../../services/errors.js';
import { configOf, hostNames, nodeUuids, seconds } from '../input/argument-parsers.js';
import { assertTerminal } from '../output/ask.js';
import { addOutput } from '../output/output.js';
import type { ReconcileOptions } from './run-reconcile.js';

/** Adds netprov reconcile. Its code is loaded when it runs, because it needs TypeORM. */
export function addReconcileCommand(program: Command): void {
  const reconcile = program
    .command('reconcile')
    .summary('compare recorded nodes with Neutron, and repair differences')
    .description(
      'Compares the records of nodes with Neutron and prints the differences. It changes nothing without --fix.\n\n' +
        `Exit code ${EXIT.different} when a difference was not repaired, ${EXIT.unreachable} when the database or Neutron could not be read.`,
    )
    .addOption(new Option('--node <uuid...>', 'compare these nodes').argParser(nodeUuids).conflicts(['host', 'all']))
    .addOption(
      new Option('--host <host...>', 'compare the nodes of these conductor hosts')
        .argParser(hostNames)
        .conflicts('all'),
    )
    .option('--all', 'compare all recorded nodes')
    .option('--fix', 'let the workers of the nodes repair differences')
    .option('--yes', 'do not ask for confirmation before --fix')
    .addOption(
      new Option('--timeout <s>', 'seconds to wait for the repair of a node (default: rpc_response_timeout)').argParser(
        seconds,
      ),
    );
  addOutput(reconcile).action(async (options: ReconcileOptions, command: Command) => {
    if (options.node === undefined && options.host === undefined && options.all !== true) {
      throw new UsageError('reconcile needs --node UUID, --host H or --all');
    }
    if (options.fix === true && options.yes !== true) assertTerminal(process.stdin, 'or leave out --fix');
    const config = configOf(command);
    const { runReconcile } = await import('./run-reconcile.js');
    await runReconcile(config, options);
  });
}
