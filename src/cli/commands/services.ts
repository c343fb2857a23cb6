import type { Command } from 'commander';

import { configOf } from '../input/argument-parsers.js';

/** Adds netprov worker: serves conductor hosts until SIGTERM or SIGINT. */
export function addWorkerCommand(program: Command): void {
  program
    .command('worker')
    .description('serve the casts and calls of conductor hosts, and move nodes between networks')
    .option('--host <host...>', 'the conductor hosts to serve (default: option host)')
    .action(async ({ host }: { host?: string[] }, command: Command) => {
      const { runWorker } = await import('../../services/run-worker.js');
      const read = () => configOf(command, host);
      await runWorker(read(), read);
    });
}

/** Adds netprov api: serves the REST API until SIGTERM or SIGINT. */
export function addApiCommand(program: Command): void {
  program
    .command('api')
    .description(
      "serve the REST API, which is compatible with Ironic's: nodes, ports, portgroups, VIFs, events, operations",
    )
    .action(async (_options: object, command: Command) => {
      const { runApi } = await import('../../services/run-api.js');
      const read = () => configOf(command);
      await runApi(read(), read);
    });
}
