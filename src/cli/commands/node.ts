import { type Command, Option } from 'commander';

import { configOf, provider, wholeNumber } from '../input/argument-parsers.js';
import { addOutput, type OutputOptions } from '../output/output.js';
import type { NodeListOptions, NodeSetOptions, NodeUnsetOptions } from './run-node.js';

/**
 * Adds netprov node: which nodes there are, on which networks, and with which provider. Its code is loaded when it
 * runs.
 */
export function addNodeCommands(program: Command): void {
  const group = program
    .command('node')
    .description('show and change recorded nodes: their networks and network providers');

  const list = group
    .command('list')
    .description('print nodes, sorted by UUID')
    .addOption(new Option('--provider <name>', 'only nodes with this network_provider').argParser(provider))
    .option('--host <host>', 'only nodes of this conductor host')
    .option('--owner <project>', 'only nodes that this project owns')
    .option('--lessee <project>', 'only nodes that this project leases')
    .addOption(new Option('--limit <n>', 'maximum number of nodes').argParser(wholeNumber(1, 1000)).default(100))
    .option('--marker <node>', 'UUID of the last node of the previous page; the list starts after it');
  addOutput(list).action(async (options: NodeListOptions, command: Command) => {
    const { listNodes } = await import('./run-node.js');
    await listNodes(configOf(command), options);
  });

  const show = group
    .command('show')
    .description('print the network of a node, since when and by which operation, its bindings, provider and ports')
    .argument('<node>', 'UUID or name');
  addOutput(show).action(async (node: string, options: OutputOptions, command: Command) => {
    const { showNode } = await import('./run-node.js');
    await showNode(configOf(command), node, options);
  });

  const set = group
    .command('set')
    .description('change the record of a node; its provider only while the node is on no network')
    .argument('<node>', 'UUID or name')
    .addOption(
      new Option('--network-provider <name>', 'none, flat, neutron, or the name of a plug-in').argParser(provider),
    )
    .option('--name <name>', 'name of the node')
    .option('--owner <project>', 'id of the project that owns the node')
    .option('--lessee <project>', 'id of the project that leases the node');
  addOutput(set).action(async (node: string, options: NodeSetOptions, command: Command) => {
    const { setNode } = await import('./run-node.js');
    await setNode(configOf(command), node, options);
  });

  const unset = group
    .command('unset')
    .description('clear fields in the record of a node')
    .argument('<node>', 'UUID or name')
    .option('--network-provider', 'network provider; default_network_provider then applies')
    .option('--name', 'name of the node')
    .option('--owner', 'id of the project that owns the node')
    .option('--lessee', 'id of the project that leases the node');
  addOutput(unset).action(async (node: string, options: NodeUnsetOptions, command: Command) => {
    const { unsetNode } = await import('./run-node.js');
    await unsetNode(configOf(command), node, options);
  });
}
