import { type Command, Option } from 'commander';

import { EXIT, UsageError } from '../../services/errors.js';
import { configOf, hostNames, nodeUuids, provider } from '../input/argument-parsers.js';
import { assertTerminal } from '../output/ask.js';
import { addOutput } from '../output/output.js';
import type { AdoptOptions } from './run-adopt.js';

/** Adds netprov adopt. Its code is loaded when it runs, because it needs TypeORM. */
export function addAdoptCommand(program: Command): void {
  const adopt = program
    .command('adopt')
    .summary('put on record where another network interface of Ironic has put nodes')
    .description(
      'Reads nodes, ports, portgroups and VIFs from Ironic, compares them with Neutron and the records, and prints what ' +
        'would be put on record. It records nothing without --apply, and never changes anything in Ironic or Neutron.\n\n' +
        `Exit code ${EXIT.different} when a node was not adopted, ${EXIT.unreachable} when the database, Ironic or Neutron could not be read.`,
    )
    .addOption(new Option('--node <uuid...>', 'adopt these nodes').argParser(nodeUuids).conflicts(['host', 'all']))
    .addOption(
      new Option('--host <host...>', 'adopt the nodes of these conductors').argParser(hostNames).conflicts('all'),
    )
    .option('--all', 'adopt all nodes of Ironic')
    .addOption(
      new Option(
        '--network-provider <name>',
        "the provider to record, which is to remove what is there (default: the one with the name of the node's network " +
          'interface; neutron for nodes that have netprov already)',
      ).argParser(provider),
    )
    .option('--apply', 'put the nodes on record')
    .option('--yes', 'do not ask for confirmation before --apply');
  addOutput(adopt).action(async (options: AdoptOptions, command: Command) => {
    if (options.node === undefined && options.host === undefined && options.all !== true) {
      throw new UsageError('adopt needs --node UUID, --host H or --all');
    }
    if (options.apply === true && options.yes !== true) assertTerminal(process.stdin, 'or leave out --apply');
    const config = configOf(command);
    const { runAdopt } = await import('./run-adopt.js');
    await runAdopt(config, options);
  });
}
