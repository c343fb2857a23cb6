import { type Command, Option } from 'commander';

import { METHOD_NAMES, NETWORK_TYPES } from '../../contract/methods.js';
import { OPERATION_STATUSES } from '../../contract/result.js';
import { EXIT } from '../../services/errors.js';
import { configOf, moment, provider, seconds, wholeNumber } from '../input/arguments.js';
import { addOutput, type OutputOptions } from '../output/output.js';
import type { ListOptions, WatchOptions } from './run-operation.js';

/** Adds netprov operation: which operations there are, and how they ended. Its code is loaded when it runs. */
export function addOperationCommands(program: Command): void {
  const group = program.command('operation').description('casts and calls on record: what was asked, what came of it');
  addOutput(addFilters(group.command('list').description('print operations, the newest first'))).action(
    async (options: ListOptions, command: Command) => {
      const { listOperationsFor } = await import('./run-operation.js');
      await listOperationsFor(configOf(command), options);
    },
  );

  const show = group
    .command('show')
    .description('print all that is on record of an operation')
    .argument('<id>', 'as operation list, netprov cast and the logs print it');
  addOutput(show).action(async (id: string, options: OutputOptions, command: Command) => {
    const { showOperation } = await import('./run-operation.js');
    await showOperation(configOf(command), id, options);
  });

  const watch = group
    .command('watch')
    .summary('follow operations as they begin, are tried again, and end')
    .description(
      'Follows operations as they begin, are tried again and end, a line each, until Ctrl-C.\n\n' +
        `With an id it ends with the operation, which may not have begun yet: exit code ${EXIT.ok} when it succeeded, ` +
        `${EXIT.failed} when it failed, and 128 and the signal's number when Ctrl-C or another signal came before.`,
    )
    .argument('[id]', 'the operation')
    .option('--node <node>', 'only about this node: UUID or name')
    .option('--host <host>', 'only from the queue of this conductor host')
    .addOption(new Option('--interval <s>', 'seconds between two looks at the database').argParser(seconds).default(1))
    .addOption(
      new Option('--timeout <s>', `end after so many seconds; exit code ${EXIT.unreachable} with an id`).argParser(
        seconds,
      ),
    );
  addOutput(watch, 'short for -o json: one object a line').action(
    async (id: string | undefined, options: WatchOptions, command: Command) => {
      const { watchOperations } = await import('./run-operation.js');
      await watchOperations(configOf(command), id, options);
    },
  );
}

function addFilters(command: Command): Command {
  return command
    .option('--node <node>', 'only about this node: UUID or name')
    .addOption(new Option('--status <status>', 'only with this status').choices(OPERATION_STATUSES))
    .addOption(new Option('--method <name>', 'only this method').choices(METHOD_NAMES))
    .addOption(new Option('--network-type <type>', 'only about this type of network').choices(NETWORK_TYPES))
    .option('--host <host>', 'only from the queue of this conductor host')
    .addOption(new Option('--provider <name>', 'only by this network provider').argParser(provider))
    .option('--request-id <id>', "only of this request: req-..., as in the callers' logs")
    .addOption(
      new Option('--since <when>', 'only begun since a time, or since 90s, 30m, 2h, 7d ago').argParser((text: string) =>
        moment(text),
      ),
    )
    .addOption(
      new Option('--until <when>', 'only begun before a time, or so long ago').argParser((text: string) =>
        moment(text),
      ),
    )
    .addOption(new Option('--limit <n>', 'at most so many').argParser(wholeNumber(1, 1000)).default(100))
    .option('--marker <id>', 'those after this one, the last of the page before');
}
