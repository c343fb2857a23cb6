import { Command } from 'commander';

import { addApiCommand } from './cli/api.js';
import { addCompletionCommand } from './cli/completion.js';
import type { GlobalOptions } from './cli/context.js';
import { addBindingCommands } from './cli/binding.js';
import { addDbCommands } from './cli/db.js';
import { addDeadLetterCommands } from './cli/dead-letter.js';
import { addDoctorCommand } from './cli/doctor.js';
import { EXIT, EXIT_HELP, report } from './cli/exit.js';
import { addNodeCommands } from './cli/node.js';
import { addOperationCommands } from './cli/operation.js';
import { addReplayCommand } from './cli/replay.js';
import { addReconcileCommand } from './cli/reconcile.js';
import { addRequestCommands } from './cli/requests.js';
import { addResultsCommand } from './cli/results.js';
import { addTopologyCommands } from './cli/topology.js';
import { addWorkerCommand } from './cli/worker.js';
import { version } from './version.js';

/** netprov with all its commands. */
export function createProgram(): Command {
  const program = new Command('netprov')
    .description('Moves bare-metal nodes between networks, for Ironic conductors.')
    .version(version)
    .option(
      '--config-dir <directory>',
      'configuration that wins over the defaults and /etc/netprov; NETPROV_CONFIG_DIR',
    )
    .option('--debug', 'print the stack of an error')
    .addHelpText('after', EXIT_HELP)
    .showHelpAfterError('(--help says more)')
    .exitOverride();
  for (const add of [
    addWorkerCommand,
    addApiCommand,
    addDbCommands,
    addRequestCommands,
    addResultsCommand,
    addTopologyCommands,
    addNodeCommands,
    addOperationCommands,
    addBindingCommands,
    addDeadLetterCommands,
    addReplayCommand,
    addReconcileCommand,
    addDoctorCommand,
    addCompletionCommand,
  ]) {
    add(program);
  }
  return program;
}

/** The netprov command. Sets the process's exit code: see cli/exit.ts. */
export async function main(argv: readonly string[]): Promise<void> {
  const program = createProgram();
  // Whoever read our answers has read enough, as head does.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    process.exit(error.code === 'EPIPE' ? EXIT.ok : EXIT.failed);
  });
  try {
    await program.parseAsync(argv);
  } catch (error) {
    process.exitCode = report(error, program.opts<GlobalOptions>().debug ?? false);
  }
}
