import type { Command } from 'commander';

import { EXIT } from '../../services/errors.js';
import { configOf, managementUrlOption, seconds } from '../input/argument-parsers.js';
import { addOutput, type OutputOptions } from '../output/output.js';
import type { UpgradeArguments } from './run-topology.js';

/** Adds netprov topology: exchanges and queues in RabbitMQ. Its code is loaded when it runs. */
export function addTopologyCommands(program: Command): void {
  const group = program.command('topology').description('declare and upgrade exchanges and queues in RabbitMQ');
  const declare = group
    .command('declare')
    .description('declare the exchange and the queues of conductor hosts, so that casts wait while no worker runs')
    .requiredOption('--host <host...>', 'the conductor hosts');
  addOutput(declare).action(async ({ host, ...options }: OutputOptions & { host: string[] }, command: Command) => {
    const { declareQueues } = await import('./run-topology.js');
    await declareQueues(configOf(command, host), options);
  });
  const upgraded = group
    .command('upgrade')
    .summary('give existing queues the limits of new ones')
    .description(
      'Gives existing queues the limits of new ones: a delivery limit, without which RabbitMQ 4 drops a ' +
        'message after 20 returns, and a dead-letter exchange. It sets a policy by the management API: no message is ' +
        'moved, and conductors and workers keep running.\n\n' +
        `Exit code ${EXIT.ok} when every queue has its limits, ${EXIT.failed} when a queue still lacks them.`,
    )
    .addOption(managementUrlOption())
    .option('--timeout <s>', 'seconds to wait for an answer, and for the policy to take effect', seconds, 20)
    .option('--dry-run', 'print the queues, the policy and the command that sets it, and change nothing')
    .option('--yes', 'do not ask for confirmation');
  addOutput(upgraded).action(async (options: UpgradeArguments, command: Command) => {
    const { upgradeTopology } = await import('./run-topology.js');
    await upgradeTopology(configOf(command), options);
  });
}
