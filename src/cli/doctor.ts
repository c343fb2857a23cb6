import { InvalidArgumentError, Option, type Command } from 'commander';

import { seconds } from './arguments.js';
import { EXIT } from './exit.js';
import { addOutput } from './output.js';
import type { DoctorOptions } from './run-doctor.js';

/** netprov doctor. What does it is loaded when it is needed. */
export function addDoctorCommand(program: Command): void {
  const doctor = program
    .command('doctor')
    .summary('check RabbitMQ, database, Neutron, clocks and configuration')
    .description(
      'Checks what netprov needs: RabbitMQ, the database and its schema, Neutron, clocks, the configuration; changes nothing, ' +
        'and says of each finding what to do about it.\n\n' +
        `Exit code ${EXIT.ok} when all is well or there are warnings alone, ${EXIT.problem} when there is a problem.`,
    )
    .option('--host <host...>', 'the conductor hosts whose queues are looked at; option host')
    .addOption(
      new Option(
        '--management-url <url>',
        "of RabbitMQ's management API, which tells more: http://user:password@host:15672",
      )
        .env('NETPROV_RABBITMQ_MANAGEMENT_URL')
        .argParser(managementUrl),
    )
    .addOption(new Option('--timeout <s>', 'seconds for the checks of each server').argParser(seconds).default(20))
    .option('--problems', 'print warnings and problems alone');
  addOutput(doctor).action(async (options: DoctorOptions, command: Command) => {
    const { runDoctor } = await import('./run-doctor.js');
    await runDoctor(options, command);
  });
}

/** The value is not repeated: it may have a password in it. */
function managementUrl(text: string): URL {
  if (URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)) return new URL(text);
  throw new InvalidArgumentError('It must be a URL such as http://user:password@rabbit1:15672.');
}
