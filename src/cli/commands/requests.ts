import { Argument, type Command, Option } from 'commander';

import type { NetworkProviderClient } from '../../client/network-provider-client.js';
import type { Move, RequestOptions } from '../../client/request-input.js';
import type { Config } from '../../config/load.js';
import type { MethodName } from '../../contract/methods.js';
import { RemoteError } from '../../rpc/index.js';
import { withClient } from '../../services/connect.js';
import { EXIT, UsageError } from '../../services/errors.js';
import { configOf, type MoveOptions, readMove, seconds, wholeNumber } from '../input/argument-parsers.js';
import {
  addMethodOptions,
  METHOD_HELP,
  methodName,
  type MethodOptions,
  readMethodOptions,
} from '../input/method-arguments.js';
import { sayUnserved } from '../output/ask.js';
import { addOutput, outputOf, type OutputOptions, print, printResult } from '../output/output.js';

interface RequestArguments extends MoveOptions, MethodOptions, OutputOptions {
  host?: string;
  encoding: 'json' | 'protobuf';
  requestId?: string;
}

interface CallArguments extends RequestArguments {
  timeout?: number;
  callMonitorTimeout?: number;
}

interface PingArguments extends OutputOptions {
  host: string;
  timeout: number;
}

/** Adds netprov call, cast and ping: the requests that conductors send to workers. */
export function addRequestCommands(program: Command): void {
  const call = program
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
  addRequestOptions(call).action(async (method: MethodName, options: CallArguments, command: Command) => {
    await request(method, options, command, (client, asked, config) => {
      const { timeout = config.rpc_response_timeout } = options;
      return runCall(client, method, { ...options, timeout }, asked);
    });
  });

  const cast = program
    .command('cast')
    .description('let a worker run a method for a node, and print the id of the operation');
  addRequestOptions(cast).action(async (method: MethodName, options: RequestArguments, command: Command) => {
    await request(method, options, command, async (client, asked) => {
      const id = await client.cast(method, asked);
      print(outputOf(options), { operation_id: id }, id);
    });
  });

  const ping = program
    .command('ping')
    .description('check that a worker serves a conductor host (it needs the option rpc_ping_enabled)')
    .requiredOption('--host <host>', 'the conductor host')
    .addOption(new Option('--timeout <s>', 'seconds to wait for the answer').argParser(seconds).default(5));
  addOutput(ping).action(async ({ host, timeout, ...options }: PingArguments, command: Command) => {
    await withClient(configOf(command, [host]), {}, async (client) => {
      const begin = performance.now();
      await client.ping(host, timeout, sayUnserved(host, timeout));
      const milliseconds = Math.round(performance.now() - begin);
      print(outputOf(options), { host, milliseconds }, `pong from the worker of ${host} after ${milliseconds} ms`);
    });
  });
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

async function request(
  method: MethodName,
  options: RequestArguments,
  command: Command,
  work: (client: NetworkProviderClient, asked: Move & RequestOptions, config: Config) => Promise<void>,
): Promise<void> {
  const { host, requestId, encoding, task, portObj, portgroupObj } = options;
  const config = configOf(command, host === undefined ? undefined : [host]);
  if ([task, portObj, portgroupObj].filter((file) => file === '-').length > 1) {
    throw new UsageError('standard input can be only one of --task, --port-obj and --portgroup-obj');
  }
  const limit = config.rpc.max_message_bytes;
  const args = await readMethodOptions(method, options, limit);
  const move = await readMove(options, limit);
  const context = requestId === undefined ? {} : { request_id: requestId };
  await withClient(config, { encoding }, (client) => work(client, { ...move, args, host, context }, config));
}

async function runCall(
  client: NetworkProviderClient,
  method: MethodName,
  options: CallArguments & { timeout: number },
  asked: Move & RequestOptions,
): Promise<void> {
  const { timeout, callMonitorTimeout } = options;
  const onUnserved = sayUnserved(asked.host, timeout);
  const output = outputOf(options);
  try {
    const result = await client.call(method, { ...asked, timeout, callMonitorTimeout, onUnserved });
    printResult(result, output);
    if (result.status !== 'succeeded') process.exitCode = EXIT.failed;
  } catch (error) {
    // Programs read the failure in the same place as the result.
    if (output !== 'table' && error instanceof RemoteError) {
      print(output, { error: { class: error.className, module: error.module, message: error.message } }, '');
    }
    throw error;
  }
}
