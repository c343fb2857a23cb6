/** The program behind script/bench. Standard output is the report; progress goes to standard error. */
import { Command, InvalidArgumentError } from 'commander';

import { errorText } from '../src/async/error-text.js';
import { api, type ApiBenchOptions } from './api/api.js';
import { drain, type DrainOptions } from './drain/drain.js';
import { events, type EventsOptions } from './events/events.js';
import { neutron, type NeutronOptions } from './neutron/neutron.js';

function count(max: number): (value: string) => number {
  return (value) => {
    const number = Number(value);
    if (Number.isInteger(number) && number > 0 && number <= max) return number;
    throw new InvalidArgumentError(`It must be a whole number from 1 to ${max}.`);
  };
}

const interrupted = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    interrupted.abort(new Error(`interrupted by ${signal}`));
  });
}

const program = new Command('script/bench').description('Measurements side by side; see docs/benchmarks.md.');
program
  .command('drain')
  .description('drains a queue of casts with Python oslo.messaging, with bare amqplib and with the netprov worker')
  .option('--casts <number>', 'casts in the queue', count(1_000_000), 20_000)
  .option('--rounds <number>', 'number of rounds', count(100), 3)
  .option('--json', 'print the result as JSON')
  .action((options: DrainOptions) => drain(options, interrupted.signal));
program
  .command('neutron')
  .description("moves nodes between networks with Ironic's own neutron interface and with the netprov worker")
  .option('--rounds <number>', 'number of rounds', count(100), 5)
  .option('--json', 'print the result as JSON')
  .action((options: NeutronOptions) => neutron(options, interrupted.signal));
program
  .command('api')
  .description('lists, shows and changes nodes through ironic-api and through netprov api')
  .option('--nodes <number>', 'number of nodes in each database', count(1_000_000), 100_000)
  .option('--rounds <number>', 'number of rounds', count(100), 3)
  .option('--json', 'print the result as JSON')
  .action((options: ApiBenchOptions) => api(options, interrupted.signal));
program
  .command('events')
  .description("measures how long workers wait for Neutron's bindings, with events and without")
  .option('--rounds <number>', 'number of rounds', count(100), 5)
  .option('--json', 'print the result as JSON')
  .action((options: EventsOptions) => events(options, interrupted.signal));

try {
  await program.parseAsync();
} catch (error) {
  process.stderr.write(`\nscript/bench: ${errorText(error)}\n`);
  process.exitCode = 1;
}
