import { Argument, type Command, Option } from 'commander';

import type { MethodName } from '../../contract/methods.js';
import { configOf, seconds, wholeNumber } from '../input/argument-parsers.js';
import { addMethodOptions, METHOD_HELP, methodName } from '../input/method-arguments.js';
import { addOutput } from '../output/output.js';
import type { CallArguments, PingArguments, RequestArguments } from './run-requests.js';

/**
 * Adds netprov call, cast and ping: the requests that conductors send to workers. Its code is loaded when it runs.
 */
export function addRequestCommands(program: Command): void {
  const calling = program
    .command('call')
    .description('let a worker run a method for a node, wait, and print the result')
    .addOption(
      new Option('--timeout <s>', 'seconds to wait for the result (default: rpc_response_timeout)').argParser(seconds),
    )
    .addOption(
      new Option('--call-monitor-timeout <s>', 'seconds to wait for a heartbeat of the worker').argParser(
        wholeNumber(1, 86_400),
      ),
    );
  addRequestOptions(calling).action(async (method: MethodName, options: CallArguments, command: Command) => {
    const { call } = await import('./run-requests.js');
    await call(configOf(command, hosts(options)), method, options);
  });

  const casting = program
    .command('cast')
    .description('let a worker run a method for a node, and print the id of the operation');
  addRequestOptions(casting).action(async (method: MethodName, options: RequestArguments, command: Command) => {
    const { cast } = await import('./run-requests.js');
    await cast(configOf(command, hosts(options)), method, options);
  });

  const pinging = program
    .command('ping')
    .description('check that a worker serves a conductor host (it needs the option rpc_ping_enabled)')
    .requiredOption('--host <host>', 'the conductor host')
    .addOption(new Option('--timeout <s>', 'seconds to wait for the answer').argParser(seconds).default(5));
  addOutput(pinging).action(async (options: PingArguments, command: Command) => {
    const { ping } = await import('./run-requests.js');
    await ping(configOf(command, [options.host]), options);
  });
}

/** The conductor hosts that replace those of the configuration. */
function hosts({ host }: RequestArguments): string[] | undefined {
  return host === undefined ? undefined : [host];
}

function addRequestOptions(command: Command): Command {
  command
    .addArgument(new Argument('<method>', 'the method: see the end of this text').argParser(methodName))
    .option('--host <host>', 'the conductor host that asks; without it, any worker may take the request')
    .option('--task <file>', 'JSON with node, ports and portgroups; - for standard input')
    .addOption(new Option('--node-id <uuid>', 'UUID of a node that the worker has recorded').conflicts('task'))
    .addOption(new Option('--encoding <name>', 'of the message').choices(['json', 'protobuf']).default('json'))
    .option('--request-id <id>', 'request id for the logs of all services, req-<uuid> (default: a new one)')
    .addHelpText('after', METHOD_HELP);
  return addMethodOptions(addOutput(command));
}
