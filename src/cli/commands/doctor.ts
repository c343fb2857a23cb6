import { type Command, Option } from 'commander';

import { EXIT } from '../../services/errors.js';
import { managementUrlOption, seconds } from '../input/argument-parsers.js';
import { addOutput } from '../output/output.js';
import type { DoctorOptions } from './run-doctor.js';

/** Adds netprov doctor. Its code is loaded when it runs. */
export function addDoctorCommand(program: Command): void {
  const doctor = program
    .command('doctor')
    .summary('check RabbitMQ, database, Neutron, clocks and configuration')
    .description(
      'Checks RabbitMQ, the database and its schema, Neutron, the clocks and the configuration. It changes nothing. ' +
        'Each warning and problem comes with a remedy.\n\n' +
        `Exit code ${EXIT.problem} when there is a problem, otherwise ${EXIT.ok}, even with warnings.`,
    )
    .option('--host <host...>', 'the conductor hosts whose queues are checked (default: option host)')
    .addOption(managementUrlOption())
    .addOption(
      new Option('--timeout <s>', 'time limit for the checks of each server, in seconds')
        .argParser(seconds)
        .default(20),
    )
    .option('--problems', 'print only warnings and problems');
  addOutput(doctor).action(async (options: DoctorOptions, command: Command) => {
    const { runDoctor } = await import('./run-doctor.js');
    await runDoctor(options, command);
  });
}
