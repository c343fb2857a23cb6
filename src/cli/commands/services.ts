import type { Command } from 'commander';

import { configOf } from '../input/arguments.js';

/** Adds netprov worker: serves conductor hosts until SIGTERM or SIGINT. */
export function addWorkerCommand(program: Command): void {
  program
    .command('worker')
    .description('take the casts and calls of conductor hosts from RabbitMQ, and move nodes')
    .option('--host <host...>', 'the conductor hosts to serve; option host')
    .action(async ({ host }: { host?: string[] }, command: Command) => {
      const { runWorker } = await import('../../services/worker.js');
      const read = () => configOf(command, host);
      await runWorker(read(), read);
    });
}

/** Adds netprov api: serves the REST API until SIGTERM or SIGINT. */
export function addApiCommand(program: Command): void {
  program
    .command('api')
    .description("serve the REST API, laid out as Ironic's: nodes, ports, portgroups, VIFs, events, operations")
    .action(async (_options: object, command: Command) => {
      const { runApi } = await import('../../services/api.js');
      const read = () => configOf(command);
      await runApi(read(), read);
    });
}
