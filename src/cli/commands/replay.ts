import { type Command, Option } from 'commander';

import { METHOD_NAMES } from '../../contract/methods.js';
import { configOf, nodeUuid, position, startPosition, wholeNumber } from '../input/argument-parsers.js';
import { addOutput } from '../output/output.js';
import type { ReplayArguments } from './run-replay.js';

const HELP = `
Times refer to the second at which RabbitMQ wrote an entry. At the limits, one entry too many may be included.
Requests that are finished according to the database are skipped, so an earlier --from does no harm.

After a restore of the database: netprov replay --from <an hour before the backup> --latest-per-node
`;

/**
 * Adds netprov replay: sends requests from the journal again if the database does not know them as done. Its code is loaded
 * when it runs.
 */
export function addReplayCommand(program: Command): void {
  const command = program
    .command('replay')
    .summary('do requests of the journal again')
    .description('Sends unfinished requests of the journal to their queues again, in their order.')
    .addOption(
      new Option('--from <place>', 'first entry: an offset, a time, a duration ago, or the word first')
        .argParser(startPosition)
        .makeOptionMandatory(),
    )
    .addOption(
      new Option('--to <place>', 'last entry: an offset or a time').argParser((text: string) => position(text)),
    )
    .option('--host <host>', 'only requests of this conductor host')
    .addOption(new Option('--node <uuid>', 'only requests about this node').argParser(nodeUuid))
    .addOption(new Option('--method <name>', 'only requests with this method').choices(METHOD_NAMES))
    .option('--failed-only', 'only failed requests, which are done again')
    .option('--latest-per-node', 'for each node, only the last request for each type of network, VIF and port')
    .option('--dry-run', 'print the plan and send nothing')
    .option('--force', 'include finished requests, and requests older than a later operation of the node')
    .addOption(new Option('--rate <n>', 'maximum number of requests per second').argParser(wholeNumber(1, 100_000)))
    .option('--yes', 'do not ask for confirmation')
    .addHelpText('after', HELP);
  addOutput(command).action(async (options: ReplayArguments, command: Command) => {
    const { replayRequests } = await import('./run-replay.js');
    await replayRequests(configOf(command), options);
  });
}
