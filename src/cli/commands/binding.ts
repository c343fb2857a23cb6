import { type Command, Option } from 'commander';

import { NETWORK_TYPES } from '../../contract/methods.js';
import { configOf, provider, wholeNumber } from '../input/argument-parsers.js';
import { addOutput } from '../output/output.js';
import type { BindingListOptions } from './run-binding.js';

/** Adds netprov binding: which node has which Neutron ports. Its code is loaded when it runs. */
export function addBindingCommands(program: Command): void {
  const list = program
    .command('binding')
    .description('show the recorded port bindings: which NIC has which Neutron port')
    .command('list')
    .description('print the current bindings, oldest first')
    .option('--node <node>', 'only bindings of this node: UUID or name')
    .addOption(new Option('--network-type <type>', 'only bindings on this type of network').choices(NETWORK_TYPES))
    .option('--host <host>', 'only bindings of nodes of this conductor host')
    .addOption(new Option('--provider <name>', 'only bindings that this network provider made').argParser(provider))
    .addOption(new Option('--limit <n>', 'maximum number of bindings').argParser(wholeNumber(1, 1000)).default(100))
    .addOption(
      new Option('--marker <id>', 'id of the last binding of the previous page; the list starts after it').argParser(
        wholeNumber(0, Number.MAX_SAFE_INTEGER),
      ),
    );
  addOutput(list).action(async (options: BindingListOptions, command: Command) => {
    const { listBindings } = await import('./run-binding.js');
    await listBindings(configOf(command), options);
  });
}
