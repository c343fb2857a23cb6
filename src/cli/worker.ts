import type { Command } from 'commander';

import { configOf } from './context.js';

/** netprov worker: serves conductor hosts until SIGTERM or SIGINT. */
export function addWorkerCommand(program: Command): void {
  program
    .command('worker')
    .description('take the casts and calls of conductor hosts from RabbitMQ, and move nodes')
    .option('--host <host...>', 'the conductor hosts to serve; option host')
    .action(async ({ host }: { host?: string[] }, command: Command) => {
      const { runWorker } = await import('./run-worker.js');
      const read = () => configOf(command, host);
      await runWorker(read(), read);
    });
}
