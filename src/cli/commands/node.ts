import { type Command, Option } from 'commander';

import { configOf, provider, wholeNumber } from '../input/arguments.js';
import { addOutput, type OutputOptions } from '../output/output.js';
import type { NodeListOptions, NodeSetOptions, NodeUnsetOptions } from './run-node.js';

/**
 * Adds netprov node: which nodes there are, on which networks, and with which provider. Its code is loaded when it
 * runs.
 */
export function addNodeCommands(program: Command): void {
  const group = program.command('node').description('nodes on record: where they are, and their network provider');

  const list = group
    .command('list')
    .description('print nodes, by their UUID')
    .addOption(new Option('--provider <name>', 'only with this network_provider').argParser(provider))
    .option('--host <host>', 'only those of this conductor host')
    .option('--owner <project>', 'only those that this project owns')
    .option('--lessee <project>', 'only those that this project has on lease')
    .addOption(new Option('--limit <n>', 'at most so many').argParser(wholeNumber(1, 1000)).default(100))
    .option('--marker <node>', 'those after this one, the last of the page before');
  addOutput(list).action(async (options: NodeListOptions, command: Command) => {
    const { listNodes } = await import('./run-node.js');
    await listNodes(configOf(command), options);
  });

  const show = group
    .command('show')
    .description('print where a node is, since when, by which operation, with which bindings; its provider and ports')
    .argument('<node>', 'UUID or name');
  addOutput(show).action(async (node: string, options: OutputOptions, command: Command) => {
    const { showNode } = await import('./run-node.js');
    await showNode(configOf(command), node, options);
  });

  const set = group
    .command('set')
    .description('change what is on record of a node; its provider only while it is on no network')
    .argument('<node>', 'UUID or name')
    .addOption(
      new Option('--network-provider <name>', 'none, flat, neutron, or the name of a plug-in').argParser(provider),
    )
    .option('--name <name>', 'its name')
    .option('--owner <project>', 'the project that owns it')
    .option('--lessee <project>', 'the project that has it on lease');
  addOutput(set).action(async (node: string, options: NodeSetOptions, command: Command) => {
    const { setNode } = await import('./run-node.js');
    await setNode(configOf(command), node, options);
  });

  const unset = group
    .command('unset')
    .description('take back what is on record of a node')
    .argument('<node>', 'UUID or name')
    .option('--network-provider', 'it then goes by default_network_provider')
    .option('--name', 'its name')
    .option('--owner', 'the project that owns it')
    .option('--lessee', 'the project that has it on lease');
  addOutput(unset).action(async (node: string, options: NodeUnsetOptions, command: Command) => {
    const { unsetNode } = await import('./run-node.js');
    await unsetNode(configOf(command), node, options);
  });
}
