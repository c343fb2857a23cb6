import { type Command, Option } from 'commander';

import { METHOD_NAMES, NETWORK_TYPES } from '../../contract/methods.js';
import { OPERATION_STATUSES } from '../../contract/result.js';
import { EXIT } from '../../services/errors.js';
import { configOf, moment, provider, seconds, wholeNumber } from '../input/argument-parsers.js';
import { addOutput, type OutputOptions } from '../output/output.js';
import type { ListOptions, WatchOptions } from './run-operation.js';

/** Adds netprov operation: which operations there are, and how they ended. Its code is loaded when it runs. */
export function addOperationCommands(program: Command): void {
  const group = program.command('operation').description('show recorded casts and calls with their outcomes');
  addOutput(addFilters(group.command('list').description('print operations, newest first'))).action(
    async (options: ListOptions, command: Command) => {
      const { listOperationsFor } = await import('./run-operation.js');
      await listOperationsFor(configOf(command), options);
    },
  );

  const show = group
    .command('show')
    .description('print the whole record of an operation')
    .argument('<id>', 'id, as printed by operation list, netprov cast and the logs');
  addOutput(show).action(async (id: string, options: OutputOptions, command: Command) => {
    const { showOperation } = await import('./run-operation.js');
    await showOperation(configOf(command), id, options);
  });

  const watch = group
    .command('watch')
    .summary('follow operations as they begin, retry and end')
    .description(
      'Prints a line for each operation that begins, retries or ends, until Ctrl-C.\n\n' +
        `With an id, the command ends with the operation, which need not have begun yet: exit code ${EXIT.ok} when it succeeded, ` +
        `${EXIT.failed} when it failed, and 128 plus the number of the signal after Ctrl-C or another signal.\n\n` +
        'It reads the database. With --api-url, it follows the stream of events of netprov api instead, and needs no ' +
        'database. It logs in there with the token in OS_TOKEN or, if OS_AUTH_TYPE is http_basic, with OS_USERNAME and ' +
        'OS_PASSWORD.',
    )
    .argument('[id]', 'id of the operation')
    .option('--node <node>', 'only operations of this node: UUID or name')
    .option('--host <host>', 'only operations from the queue of this conductor host')
    .option('--api-url <url>', 'URL of a netprov api whose stream of events is followed, in place of the database')
    .addOption(
      new Option('--interval <s>', 'seconds between two queries of the database').argParser(seconds).default(1),
    )
    .addOption(
      new Option(
        '--timeout <s>',
        `end after this many seconds; with an id, the exit code is then ${EXIT.unreachable}`,
      ).argParser(seconds),
    );
  addOutput(watch, 'short for -o json: one object per line').action(
    async (id: string | undefined, options: WatchOptions, command: Command) => {
      const { watchOperations } = await import('./run-operation.js');
      await watchOperations(configOf(command), id, options);
    },
  );
}

function addFilters(command: Command): Command {
  return command
    .option('--node <node>', 'only operations of this node: UUID or name')
    .addOption(new Option('--status <status>', 'only operations with this status').choices(OPERATION_STATUSES))
    .addOption(new Option('--method <name>', 'only operations with this method').choices(METHOD_NAMES))
    .addOption(new Option('--network-type <type>', 'only operations on this type of network').choices(NETWORK_TYPES))
    .option('--host <host>', 'only operations from the queue of this conductor host')
    .addOption(new Option('--provider <name>', 'only operations of this network provider').argParser(provider))
    .option('--request-id <id>', "only operations of this request: req-..., as in the callers' logs")
    .addOption(
      new Option(
        '--since <when>',
        'only operations that began at or after this time, or 90s, 30m, 2h, 7d ago',
      ).argParser((text: string) => moment(text)),
    )
    .addOption(
      new Option('--until <when>', 'only operations that began before this time, or before a duration ago').argParser(
        (text: string) => moment(text),
      ),
    )
    .addOption(new Option('--limit <n>', 'maximum number of operations').argParser(wholeNumber(1, 1000)).default(100))
    .option('--marker <id>', 'id of the last operation of the previous page; the list starts after it');
}
