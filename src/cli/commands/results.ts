import { type Command, Option } from 'commander';

import { EXIT } from '../../services/errors.js';
import { configOf, seconds, wholeNumber } from '../input/argument-parsers.js';
import { addOutput } from '../output/output.js';
import type { ResultsArguments } from './run-results.js';

/** Adds netprov results: prints the results of casts. Its code is loaded when it runs. */
export function addResultsCommand(program: Command): void {
  const results = program
    .command('results')
    .summary('print the results of casts')
    .description(
      'Prints the result of every cast of a conductor host, from now until Ctrl-C.\n\n' +
        "It prints copies: the conductor's own queue still gets all results. With --count, the exit code is 128 plus the " +
        'number of the signal after Ctrl-C or another signal.',
    )
    .requiredOption('--host <host>', 'the conductor host')
    .addOption(new Option('--count <n>', 'end after this many results').argParser(wholeNumber(1, 1_000_000)))
    .addOption(
      new Option(
        '--timeout <s>',
        `end after this many seconds; the exit code is ${EXIT.unreachable} when fewer than --count results came`,
      ).argParser(seconds),
    );
  addOutput(results, 'short for -o json: one object per line').action(
    async (options: ResultsArguments, command: Command) => {
      const { printResults } = await import('./run-results.js');
      await printResults(configOf(command, [options.host]), options);
    },
  );
}
