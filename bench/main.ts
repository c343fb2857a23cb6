/** The program behind script/bench. Its own output is the report; how far it is goes to standard error. */
import { Command, InvalidArgumentError } from 'commander';

import { CONTESTANTS } from './contestants.js';
import { render, report, type Round } from './report.js';

interface DrainOptions {
  casts: number;
  rounds: number;
  json?: true;
}

async function drain({ casts, rounds, json }: DrainOptions): Promise<void> {
  const interrupted = new AbortController();
  process.once('SIGINT', () => {
    interrupted.abort(new Error('interrupted'));
  });
  const measured: Round[] = [];
  for (let number = 1; number <= rounds; number++) {
    const round: Partial<Round> = {};
    // In turn, and not one contestant after the other: what else the machine does then falls on all of them.
    for (const { name, title, drain: run } of CONTESTANTS) {
      process.stderr.write(`round ${number} of ${rounds}: ${title}: ${casts} casts ... `);
      const result = await run(casts, interrupted.signal);
      process.stderr.write(`${result.seconds.toFixed(2)} s\n`);
      round[name] = result;
    }
    measured.push(round as Round);
  }
  const result = report(casts, measured);
  console.log(json ? JSON.stringify(result, null, 2) : render(result));
}

function count(max: number): (value: string) => number {
  return (value) => {
    const number = Number(value);
    if (Number.isInteger(number) && number > 0 && number <= max) return number;
    throw new InvalidArgumentError(`It must be a whole number from 1 to ${max}.`);
  };
}

const program = new Command('script/bench').description('Measurements side by side; see docs/benchmarks.md.');
program
  .command('drain')
  .description('drains a queue of casts with Python oslo.messaging, with bare amqplib and with the netprov worker')
  .option('--casts <number>', 'casts in the queue', count(1_000_000), 20_000)
  .option('--rounds <number>', 'how often each drains one', count(100), 3)
  .option('--json', 'print the result as JSON')
  .action(drain);

try {
  await program.parseAsync();
} catch (error) {
  process.stderr.write(`\nscript/bench: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
