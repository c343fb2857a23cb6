import type { NetworkProviderClient } from '../../client/network-provider-client.js';
import type { Move, RequestOptions } from '../../client/request-input.js';
import type { Config } from '../../config/load.js';
import type { MethodName } from '../../contract/methods.js';
import { RemoteError } from '../../rpc/index.js';
import { withClient } from '../../services/connect.js';
import { EXIT, UsageError } from '../../services/errors.js';
import { type MoveOptions, readMove } from '../input/argument-parsers.js';
import { type MethodOptions, readMethodOptions } from '../input/method-arguments.js';
import { sayUnserved } from '../output/ask.js';
import { outputOf, type OutputOptions, print, printResult } from '../output/output.js';

export interface RequestArguments extends MoveOptions, MethodOptions, OutputOptions {
  host?: string;
  encoding: 'json' | 'protobuf';
  requestId?: string;
}

export interface CallArguments extends RequestArguments {
  timeout?: number;
  callMonitorTimeout?: number;
}

export interface PingArguments extends OutputOptions {
  host: string;
  timeout: number;
}

/** Lets a worker run a method, waits, and prints the result. */
export async function call(config: Config, method: MethodName, options: CallArguments): Promise<void> {
  const { timeout = config.rpc_response_timeout } = options;
  await withRequest(config, method, options, (client, asked) =>
    runCall(client, method, { ...options, timeout }, asked),
  );
}

/** Lets a worker run a method, and prints the id of the operation. */
export async function cast(config: Config, method: MethodName, options: RequestArguments): Promise<void> {
  await withRequest(config, method, options, async (client, asked) => {
    const id = await client.cast(method, asked);
    print(outputOf(options), { operation_id: id }, id);
  });
}

/** Prints how long the worker of a conductor host takes to answer. */
export async function ping(config: Config, { host, timeout, ...options }: PingArguments): Promise<void> {
  await withClient(config, {}, async (client) => {
    const begin = performance.now();
    await client.ping(host, timeout, sayUnserved(host, timeout));
    const milliseconds = Math.round(performance.now() - begin);
    print(outputOf(options), { host, milliseconds }, `pong from the worker of ${host} after ${milliseconds} ms`);
  });
}

/** Reads what the request holds, and opens the client for it. */
async function withRequest(
  config: Config,
  method: MethodName,
  options: RequestArguments,
  work: (client: NetworkProviderClient, asked: Move & RequestOptions) => Promise<void>,
): Promise<void> {
  const { host, requestId, encoding, task, portObj, portgroupObj } = options;
  if ([task, portObj, portgroupObj].filter((file) => file === '-').length > 1) {
    throw new UsageError('standard input can be only one of --task, --port-obj and --portgroup-obj');
  }
  const limit = config.rpc.max_message_bytes;
  const args = await readMethodOptions(method, options, limit);
  const move = await readMove(options, limit);
  const context = requestId === undefined ? {} : { request_id: requestId };
  await withClient(config, { encoding }, (client) => work(client, { ...move, args, host, context }));
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
