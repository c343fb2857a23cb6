import { Command } from 'commander';

import { addAdoptCommand } from './cli/commands/adopt.js';
import { addBindingCommands } from './cli/commands/binding.js';
import { addCompletionCommand } from './cli/commands/completion.js';
import { addDbCommands } from './cli/commands/db.js';
import { addDeadLetterCommands } from './cli/commands/dead-letter.js';
import { addDoctorCommand } from './cli/commands/doctor.js';
import { addNodeCommands } from './cli/commands/node.js';
import { addOperationCommands } from './cli/commands/operation.js';
import { addReconcileCommand } from './cli/commands/reconcile.js';
import { addReplayCommand } from './cli/commands/replay.js';
import { addRequestCommands } from './cli/commands/requests.js';
import { addResultsCommand } from './cli/commands/results.js';
import { addApiCommand, addWorkerCommand } from './cli/commands/services.js';
import { addTopologyCommands } from './cli/commands/topology.js';
import { EXIT_HELP, report } from './cli/exit.js';
import type { GlobalOptions } from './cli/input/argument-parsers.js';
import { EXIT } from './services/errors.js';
import { versionAndCommit } from './version.js';

/** Creates the netprov program with all its commands. */
export function createProgram(): Command {
  const program = new Command('netprov')
    .description('Moves bare-metal nodes between networks, for Ironic conductors.')
    .version(versionAndCommit())
    .option(
      '--config-dir <directory>',
      'directory with configuration files, which override the defaults and /etc/netprov (default: NETPROV_CONFIG_DIR)',
    )
    .option('--debug', 'print the stack trace of an error')
    .addHelpText('after', EXIT_HELP)
    .showHelpAfterError('(see --help)')
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
    addAdoptCommand,
    addDoctorCommand,
    addCompletionCommand,
  ]) {
    add(program);
  }
  return program;
}

/** Runs the netprov command. Sets the exit code of the process: see cli/exit.ts. */
export async function main(argv: readonly string[]): Promise<void> {
  const program = createProgram();
  // EPIPE: the reader of our output, such as `head`, has closed the pipe.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    process.exit(error.code === 'EPIPE' ? EXIT.ok : EXIT.failed);
  });
  try {
    await program.parseAsync(argv);
  } catch (error) {
    process.exitCode = report(error, program.opts<GlobalOptions>().debug ?? false);
  }
}
