import { type Command, Option } from 'commander';

import { anyMethod, configOf, moment, nodeUuid, wholeNumber } from '../input/argument-parsers.js';
import { addOutput, type OutputOptions } from '../output/output.js';
import type { LetterChangeOptions, LetterListOptions } from './run-dead-letter.js';

const ID_HELP = `
The id of a dead letter is the unique id of its operation. If this is unreadable, the id is the SHA-256 of the body:
dead letters with the same body then have the same id, and are shown, requeued and dropped together.
`;

/**
 * Adds netprov dead-letter: show and handle messages that could not be read, or whose retries ran out. Its code is loaded
 * when it runs.
 */
export function addDeadLetterCommands(program: Command): void {
  const group = program
    .command('dead-letter')
    .description('show and handle messages that could not be read, or whose retries ran out');

  addFilters(group.command('list').description('print the dead letters, oldest first'))
    .addHelpText('after', ID_HELP)
    .action(async (options: LetterListOptions, command: Command) => {
      const { listLetters } = await import('./run-dead-letter.js');
      await listLetters(configOf(command), options);
    });

  const showing = group
    .command('show')
    .description('print all details of a dead letter, and its request without secrets')
    .argument('<id>', 'id, as printed by dead-letter list')
    .addOption(new Option('--raw', 'print only the body, WITH ITS SECRETS').conflicts(['json', 'output']))
    .addHelpText('after', ID_HELP);
  addOutput(showing).action(async (id: string, options: OutputOptions & { raw?: boolean }, command: Command) => {
    const { showLetters } = await import('./run-dead-letter.js');
    await showLetters(configOf(command), id, options);
  });

  const requeue = group
    .command('requeue')
    .description('send dead letters back to their original queues; failed operations are then done again');
  requeue.option(
    '--force',
    'include dead letters that would come back, such as unknown methods, and calls whose callers gave up',
  );
  addChange(requeue, 'requeue');
  const drop = group.command('drop').description('remove dead letters for good');
  addChange(drop, 'drop');
}

function addFilters(command: Command): Command {
  const filtered = command
    .option('--reason <word>', 'only dead letters with this reason, such as retries_exhausted')
    .option('--queue <name>', 'only dead letters from this queue')
    .addOption(
      new Option('--host <host>', 'only dead letters from the queue of this conductor host').conflicts('queue'),
    )
    .addOption(new Option('--node <uuid>', 'only dead letters about this node').argParser(nodeUuid))
    .addOption(new Option('--method <name>', 'only dead letters with this method').argParser(anyMethod))
    .option('--operation <id>', 'only dead letters of this operation')
    .addOption(
      new Option(
        '--older-than <when>',
        'only dead letters from before this time, or older than 90s, 30m, 2h, 7d',
      ).argParser((text: string) => moment(text)),
    )
    .addOption(
      new Option('--newer-than <when>', 'only dead letters since this time, or younger than a duration').argParser(
        (text: string) => moment(text),
      ),
    )
    .addOption(
      new Option('--limit <n>', 'maximum number of dead letters, oldest first').argParser(wholeNumber(1, 1_000_000)),
    );
  return addOutput(filtered);
}

function addChange(changing: Command, verb: 'requeue' | 'drop'): void {
  addFilters(changing.argument('[id...]', 'ids, as printed by dead-letter list'))
    .option('--all', 'all dead letters; without ids and filters')
    .option('--dry-run', 'print the dead letters and change nothing')
    .option('--yes', 'do not ask for confirmation')
    .addHelpText('after', ID_HELP)
    .action(async (ids: string[], options: LetterChangeOptions, command: Command) => {
      const { changeLetters } = await import('./run-dead-letter.js');
      await changeLetters(configOf(command), verb, ids, options);
    });
}
