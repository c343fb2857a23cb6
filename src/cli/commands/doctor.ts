import { type Command, Option } from 'commander';

import { EXIT } from '../../services/errors.js';
import { managementUrlOption, seconds } from '../input/arguments.js';
import { addOutput } from '../output/output.js';
import type { DoctorOptions } from './run-doctor.js';

/** Adds netprov doctor. Its code is loaded when it runs. */
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
    .addOption(managementUrlOption())
    .addOption(new Option('--timeout <s>', 'seconds for the checks of each server').argParser(seconds).default(20))
    .option('--problems', 'print warnings and problems alone');
  addOutput(doctor).action(async (options: DoctorOptions, command: Command) => {
    const { runDoctor } = await import('./run-doctor.js');
    await runDoctor(options, command);
  });
}
