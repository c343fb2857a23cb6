import type { Command } from 'commander';

import { configOf } from './context.js';

/** netprov api: serves the REST API until SIGTERM or SIGINT. */
export function addApiCommand(program: Command): void {
  program
    .command('api')
    .description("serve the REST API, laid out as Ironic's: nodes, ports, portgroups, VIFs, events, operations")
    .action(async (_options: object, command: Command) => {
      const { runApi } = await import('./run-api.js');
      const read = () => configOf(command);
      await runApi(read(), read);
    });
}
