/** The program behind script/bench. Standard output is the report; progress goes to standard error. */
import { Command, InvalidArgumentError } from 'commander';

import { errorText } from '../src/async/error-text.js';
import { all, type AllOptions, type Bench, BENCHES } from './all/all.js';
import { api, type ApiBenchOptions } from './api/api.js';
import { calls, type CallsOptions } from './calls/calls.js';
import type { OutputOptions } from './comparison/output.js';
import { consoleBench } from './console/console.js';
import type { ConsoleBenchOptions } from './console/measure.js';
import { CONTESTANT_NAMES, type ContestantName } from './drain/contestants.js';
import { drain } from './drain/drain.js';
import type { DrainOptions } from './drain/report.js';
import { events, type EventsOptions } from './events/events.js';
import { ironic, type IronicOptions } from './ironic/ironic.js';
import { neutron, type NeutronOptions } from './neutron/neutron.js';
import { SCENARIO_NAMES, type ScenarioName } from './neutron/scenarios.js';
import { SCALE_PARTS, type ScaleOptions, type ScalePart } from './scale/options.js';
import { scale } from './scale/scale.js';

function count(max: number): (value: string) => number {
  return (value) => {
    const number = Number(value);
    if (Number.isInteger(number) && number > 0 && number <= max) return number;
    throw new InvalidArgumentError(`It must be a whole number from 1 to ${max}.`);
  };
}

/** Reads names that are separated by commas. Without the option, all of them are used. */
function someOf<Name extends string>(names: readonly Name[]): (value: string) => Name[] {
  return (value) => {
    const given = value.split(',');
    const chosen = names.filter((name) => given.includes(name));
    if (chosen.length === given.length) return chosen;
    throw new InvalidArgumentError(`It must be some of ${names.join(',')}.`);
  };
}

const interrupted = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    interrupted.abort(new Error(`interrupted by ${signal}`));
  });
}

const JSON_OPTION = ['--json [file]', 'print the result as JSON, or write it to a file beside the tables'] as const;
const MILLION = 1_000_000;

const program = new Command('script/bench').description('Measurements side by side; see docs/performance.md.');
program
  .command('drain')
  .description('drains a queue of casts with Python servers, with bare amqplib and with the netprov worker')
  .option('--casts <number>', 'casts in the queue', count(MILLION), 20_000)
  .option('--rounds <number>', 'number of rounds', count(100), 3)
  .option<ContestantName[]>('--contestants <names>', 'who drains it', someOf(CONTESTANT_NAMES), [...CONTESTANT_NAMES])
  .option(...JSON_OPTION)
  .action((options: DrainOptions) => drain(options, interrupted.signal));
program
  .command('calls')
  .description('calls Python servers and the netprov worker with the same client')
  .option('--calls <number>', 'calls of each contestant in a round', count(MILLION), 2000)
  .option('--rounds <number>', 'number of rounds', count(100), 3)
  .option(...JSON_OPTION)
  .action((options: CallsOptions) => calls(options, interrupted.signal));
program
  .command('scale')
  .description('measures what a cast costs as the database, the backlog and the number of hosts grow')
  .option('--nodes <number>', 'nodes in the largest database', count(MILLION), 100_000)
  .option('--operations <number>', 'finished operations in the largest database', count(10 * MILLION), MILLION)
  .option('--backlog <number>', 'casts in the largest backlog', count(10 * MILLION), MILLION)
  .option('--casts <number>', 'casts in the queue of the other measurements', count(MILLION), 20_000)
  .option('--rounds <number>', 'number of rounds', count(100), 3)
  .option<ScalePart[]>('--parts <names>', 'what is measured', someOf(SCALE_PARTS), [...SCALE_PARTS])
  .option(...JSON_OPTION)
  .action((options: ScaleOptions & OutputOptions) => scale(options, interrupted.signal));
program
  .command('neutron')
  .description("moves nodes between networks with Ironic's own neutron interface and with the netprov worker")
  .option('--rounds <number>', 'number of rounds', count(100), 5)
  .option<ScenarioName[]>('--scenarios <names>', 'what is done', someOf(SCENARIO_NAMES), [...SCENARIO_NAMES])
  .option(...JSON_OPTION)
  .action((options: NeutronOptions) => neutron(options, interrupted.signal));
program
  .command('api')
  .description('lists, shows and changes nodes through ironic-api and through netprov api')
  .option('--nodes <number>', 'number of nodes in each database', count(MILLION), 100_000)
  .option('--rounds <number>', 'number of rounds', count(100), 3)
  .option(...JSON_OPTION)
  .action((options: ApiBenchOptions) => api(options, interrupted.signal));
program
  .command('events')
  .description("measures how long workers wait for Neutron's bindings, with events and without")
  .option('--rounds <number>', 'number of rounds', count(100), 5)
  .option(...JSON_OPTION)
  .action((options: EventsOptions) => events(options, interrupted.signal));
program
  .command('ironic')
  .description('has a real Ironic move nodes with its own network interfaces neutron and noop, and with netprov')
  .option('--nodes <number>', 'nodes that are cleaned at once', count(500), 50)
  .option('--rounds <number>', 'number of rounds', count(100), 3)
  .option(...JSON_OPTION)
  .action((options: IronicOptions) => ironic(options, interrupted.signal));
program
  .command('console')
  .description("watches the console's board in a browser while nodes move, and what its stream costs the API")
  .option('--nodes <number>', 'number of nodes', count(MILLION), 10_000)
  .option('--moves <number>', 'moves a second', count(10_000), 200)
  .option('--minutes <number>', 'minutes for which a browser is watched', count(1440), 10)
  .option(...JSON_OPTION)
  .action((options: ConsoleBenchOptions & OutputOptions) => consoleBench(options, interrupted.signal));
program
  .command('all')
  .description('runs the benchmarks, and says which targets are met')
  .option<Bench[]>('--benches <names>', 'which benchmarks', someOf(BENCHES), [...BENCHES])
  .option('--note <text>', 'what readers of the numbers should know')
  .option('--casts <number>', 'casts in a queue', count(MILLION), 20_000)
  .option('--calls <number>', 'calls of each contestant in a round', count(MILLION), 2000)
  .option('--nodes <number>', 'nodes in the largest database', count(MILLION), 100_000)
  .option('--operations <number>', 'finished operations in the largest database', count(10 * MILLION), MILLION)
  .option('--backlog <number>', 'casts in the largest backlog', count(10 * MILLION), MILLION)
  .option('--minutes <number>', 'minutes for which a browser is watched', count(1440), 10)
  .option('--rounds <number>', 'number of rounds', count(100), 5)
  .option(...JSON_OPTION)
  .action((options: AllOptions) => all(options, interrupted.signal));

try {
  await program.parseAsync();
} catch (error) {
  process.stderr.write(`\nscript/bench: ${errorText(error)}\n`);
  process.exitCode = 1;
}
// By now everything is put back. Whatever an interrupted benchmark still waits for, such as an answer to a call, must
// not keep the process alive.
if (interrupted.signal.aborted) process.exit();
