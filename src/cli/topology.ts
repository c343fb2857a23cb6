import type { Command } from 'commander';

import { configOf, withClient } from './context.js';
import { print } from './output.js';

/** netprov topology: exchanges and queues in RabbitMQ. */
export function addTopologyCommands(program: Command): void {
  program
    .command('topology')
    .description('exchanges and queues in RabbitMQ')
    .command('declare')
    .description('declare the exchange and the queues of conductor hosts, so that casts wait while no worker runs')
    .requiredOption('--host <host...>', 'the conductor hosts')
    .option('--json', 'print JSON')
    .action(async ({ host, json }: { host: string[]; json?: boolean }, command: Command) => {
      const config = configOf(command, host);
      const queues = await withClient(config, {}, (client) => client.declareTopology(config.host));
      print(json ? { exchange: config.control_exchange, queues } : queues.join('\n'));
    });
}
