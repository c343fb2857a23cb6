import { type Command, Option } from 'commander';

import { NETWORK_TYPES } from '../../contract/methods.js';
import { configOf, provider, wholeNumber } from '../input/arguments.js';
import { addOutput } from '../output/output.js';
import type { BindingListOptions } from './run-binding.js';

/** Adds netprov binding: which node has which Neutron ports. Its code is loaded when it runs. */
export function addBindingCommands(program: Command): void {
  const list = program
    .command('binding')
    .description('port bindings on record: which NIC has which Neutron port')
    .command('list')
    .description('print the bindings that stand, in the order in which they were made')
    .option('--node <node>', 'only of this node: UUID or name')
    .addOption(new Option('--network-type <type>', 'only on this type of network').choices(NETWORK_TYPES))
    .option('--host <host>', 'only of nodes of this conductor host')
    .addOption(new Option('--provider <name>', 'only those that this network provider made').argParser(provider))
    .addOption(new Option('--limit <n>', 'at most so many').argParser(wholeNumber(1, 1000)).default(100))
    .addOption(
      new Option('--marker <id>', 'those after the one with this id, the last of the page before').argParser(
        wholeNumber(0, Number.MAX_SAFE_INTEGER),
      ),
    );
  addOutput(list).action(async (options: BindingListOptions, command: Command) => {
    const { listBindings } = await import('./run-binding.js');
    await listBindings(configOf(command), options);
  });
}
