import type { Command } from 'commander';

import { configOf, withClient } from './context.js';
import { addOutput, outputOf, print, type OutputOptions } from './output.js';

/** netprov topology: exchanges and queues in RabbitMQ. */
export function addTopologyCommands(program: Command): void {
  const declare = program
    .command('topology')
    .description('exchanges and queues in RabbitMQ')
    .command('declare')
    .description('declare the exchange and the queues of conductor hosts, so that casts wait while no worker runs')
    .requiredOption('--host <host...>', 'the conductor hosts');
  addOutput(declare).action(async ({ host, ...options }: OutputOptions & { host: string[] }, command: Command) => {
    const config = configOf(command, host);
    const queues = await withClient(config, {}, (client) => client.declareTopology(config.host));
    print(outputOf(options), { exchange: config.control_exchange, queues }, queues.join('\n'));
  });
}
