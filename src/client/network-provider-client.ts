import { randomUUID } from 'node:crypto';

import { ConnectionLost, connectWithin, present, type QueueDepth, queueDepth, RpcConnection } from '../amqp/index.js';
import { InvalidParameterValue } from '../contract/errors.js';
import { type MethodName, METHODS } from '../contract/methods.js';
import { readResult, RESULT_QUESTION } from '../contract/result.js';
import type { OperationResult } from '../contract/types.js';
import { silentLogger } from '../log/log.js';
import { useDeadLetterQueue } from '../messages/dead-letter.js';
import { hostProblem } from '../messages/host-name.js';
import { journalStream } from '../messages/journal.js';
import { protobufCodec } from '../messages/protobuf.js';
import { deadLetterQueue } from '../messages/queue-names.js';
import {
  createJsonCodec,
  declareTopology,
  isCompatible,
  isVersion,
  NoWorker,
  PING_METHOD,
  queueName,
  RpcClient,
  type RpcContext,
  RPCVersionCapError,
  type Target,
} from '../rpc/index.js';
import {
  type CallOptions,
  CLIENT_DEFAULTS,
  type ClientSettings,
  type NetworkProviderClientOptions,
  type ResultOptions,
  type Unserved,
} from './client-options.js';
import { type Move, readRequest, type RequestOptions } from './request-input.js';
import { copyResults, listenForResults, type ResultHandler, type ResultListener } from './result-listener.js';

/**
 * Asks network provider workers to move nodes. Conductors in TypeScript use it. It connects at the first request and
 * reconnects by itself.
 *
 *     const client = new NetworkProviderClient({ transportUrl: 'rabbit://user:password@host:5672/' });
 *     await client.call('add_provisioning_network', { host: 'conductor-1', task: { node, ports } });
 *     await client.call('vif_attach', { host: 'conductor-1', nodeId: node.uuid, args: { vif_info: { id: vif } } });
 *     await client.close();
 *
 * Requests for methods of version 1.0 carry that version, so that a worker of version 1.0 serves them. Such a worker
 * refuses methods of version 1.1 with a RemoteError named UnsupportedVersion. With versionCap 1.0, this client refuses
 * them before sending.
 */
export class NetworkProviderClient {
  readonly #options: ClientSettings;
  readonly #connection: RpcConnection;
  readonly #rpc: RpcClient;
  readonly #listeners = new Set<ResultListener>();

  /** @throws InvalidTransportUrl; InvalidParameterValue when versionCap is not a version */
  constructor(options: NetworkProviderClientOptions) {
    const { versionCap } = options;
    if (versionCap !== undefined && !isVersion(versionCap)) {
      throw new InvalidParameterValue(`versionCap must be a version such as 1.0, not ${versionCap}`);
    }
    this.#options = { ...CLIENT_DEFAULTS, log: silentLogger(), ...options };
    this.#connection = new RpcConnection(this.#options);
    const codec = this.#options.encoding === 'protobuf' ? protobufCodec : this.#json();
    this.#rpc = new RpcClient({ ...this.#options, connection: this.#connection, codec });
  }

  /**
   * Has a worker run a method, and waits for the result.
   *
   * @throws InvalidParameterValue, MissingParameterValue when the task or an argument cannot be used; nothing was sent
   * then
   * @throws RPCVersionCapError when the method is newer than versionCap; nothing was sent then
   * @throws RemoteError with Ironic's class name, such as NetworkError, when the operation failed
   * @throws NoWorker when no worker would take the call, only with the option served; nothing was sent then
   * @throws MessagingTimeout when no result came in time; the operation may still be running
   * @throws Undeliverable when the host has no queue, because no worker has served it yet
   * @throws ConnectionLost when RabbitMQ cannot be reached
   */
  async call(method: MethodName, options: CallOptions & Move): Promise<OperationResult> {
    const args = readRequest(method, options);
    const { timeout = this.#options.responseTimeout, callMonitorTimeout = null } = options;
    const given = this.#target(options.host, method);
    await this.#connected(timeout);
    const target = options.served === true ? { ...given, server: await this.#served(options.host) } : given;
    await this.#tellUnserved(target, options.onUnserved);
    const waiting = { context: withRequestId(options.context), timeout, callMonitorTimeout };
    return readResult(await this.#rpc.call(target, method, args, waiting));
  }

  /**
   * Has a worker run a method, and does not wait for the result. Resolves with the operation's id when RabbitMQ has the
   * request. The result has the same id and goes to the host's queue of results.
   *
   * @throws the errors of call, except those that come from the worker or from waiting for it
   */
  async cast(method: MethodName, options: RequestOptions & Move): Promise<string> {
    const target = this.#target(options.host, method);
    const args = readRequest(method, options);
    await this.#connected();
    const signal = AbortSignal.timeout(this.#options.connectionTimeout * 1000);
    const context = withRequestId(options.context);
    return this.#rpc.cast(target, method, args, { context, signal });
  }

  /**
   * Asks for the result of an earlier request of a node, without having anything done. The answer comes after what the
   * node was asked before has ended. Null: no worker has such a request on record, so it was lost or never sent.
   *
   * @param requestId the request_id of the request's context
   * @throws the errors of call; RemoteError named NoSuchMethod or UnsupportedVersion from an older worker
   */
  async resultOf(
    requestId: string,
    { host, nodeId, timeout = this.#options.responseTimeout }: { host?: string; nodeId: string; timeout?: number },
  ): Promise<OperationResult | null> {
    if (host !== undefined) assertHost(host);
    await this.#connected(timeout);
    const target = { topic: this.#options.topic, server: host ?? null, version: '1.2' };
    const args = { node_id: nodeId, request_id: requestId };
    const result = await this.#rpc.call(target, RESULT_QUESTION, args, { timeout });
    return result === null || result === undefined ? null : readResult(result);
  }

  /**
   * Declares the exchange, the queues of these hosts, the dead-letter queue and the journal, as a worker for these
   * hosts does. From then on, casts wait in the queues while no worker runs. Resolves with the names of the queues.
   *
   * @throws TopologyMismatch when a queue exists with other properties
   * @throws ConnectionLost when RabbitMQ cannot be reached
   */
  async declareTopology(hosts: readonly string[]): Promise<string[]> {
    hosts.forEach(assertHost);
    await this.#connected();
    const { model } = this.#connection;
    if (!model) throw new ConnectionLost('The connection to RabbitMQ was lost.');
    const { topic, queueType, journal: kept, log } = this.#options;
    const journal = kept && journalStream(topic, kept);
    const dead = deadLetterQueue(topic);
    await useDeadLetterQueue(model, topic, queueType, log);
    const queues = { servers: hosts, fanout: true, anyServer: true, deadLetterQueue: dead, journal };
    return [...(await declareTopology(model, { ...this.#options, ...queues }, log)), dead];
  }

  /** Pings the worker that serves a host. @throws as call does; RemoteError when the worker does not answer pings */
  async ping(
    host: string | undefined,
    timeout: number = this.#options.responseTimeout,
    onUnserved?: Unserved,
  ): Promise<void> {
    await this.#connected(timeout);
    const target = { topic: this.#options.topic, server: host ?? null };
    await this.#tellUnserved(target, onUnserved);
    await this.#rpc.call(target, PING_METHOD, {}, { timeout });
  }

  /**
   * Hands every result of a host's casts to the handler. Resolves with a function that ends this. After a fault, a
   * result may come twice: it then has the same operation_id. If the handler fails, the result is handed over once
   * more.
   *
   * @throws TopologyMismatch when the queue exists with other properties
   * @throws ConnectionLost when RabbitMQ cannot be reached
   */
  async onResult(
    host: string,
    handler: ResultHandler,
    { copy = false, onUnserved }: ResultOptions = {},
  ): Promise<() => Promise<void>> {
    assertHost(host);
    await this.#connected();
    const listen = copy ? copyResults : listenForResults;
    const connection = this.#connection;
    const listener = await listen({ ...this.#options, connection, host, handler, jsonCodec: this.#json() });
    this.#listeners.add(listener);
    if (onUnserved) {
      const depth = await this.#depth(queueName(this.#options.topic, host));
      if (depth === null || depth.consumers === 0) onUnserved(depth?.messages ?? null);
    }
    return async () => {
      this.#listeners.delete(listener);
      await listener.close();
    };
  }

  /** Ends listening and disconnects. Calls that still wait end with their timeout. */
  async close(): Promise<void> {
    await Promise.all([...this.#listeners].map((listener) => listener.close()));
    await this.#rpc.close();
    await this.#connection.close();
  }

  /** Makes the target of a request. It names the oldest version that has the method, so that older workers serve it. */
  #target(host: string | undefined, method: MethodName): Target {
    const { topic, versionCap } = this.#options;
    if (host !== undefined) assertHost(host);
    const version = METHODS[method].since;
    if (versionCap !== undefined && !isCompatible(versionCap, version)) {
      throw new RPCVersionCapError(method, version, versionCap);
    }
    return { topic, server: host ?? null, version };
  }

  /**
   * Finds a server whose queue a worker takes from: the host itself, or null for the queue of any host. The queue of
   * any host is right only if no request waits in the host's own queue, because a conductor's requests must keep their
   * order.
   *
   * @throws NoWorker, ConnectionLost
   */
  async #served(host: string | undefined): Promise<string | null> {
    const { topic } = this.#options;
    const own = host === undefined ? null : await this.#depth(queueName(topic, host));
    if (host !== undefined && own !== null && own.consumers > 0) return host;
    const waiting = own?.messages ?? 0;
    if (waiting === 0 && ((await this.#depth(topic))?.consumers ?? 0) > 0) return null;
    if (host === undefined) throw new NoWorker('No worker serves nodes of any host: start one.');
    const requests = waiting === 1 ? '1 request waits' : `${waiting} requests wait`;
    const why = waiting === 0 ? 'and no other worker runs' : `and ${requests} in its queue`;
    throw new NoWorker(`No worker serves conductor host ${host}, ${why}: start one with ${host} in its option host.`);
  }

  /**
   * Calls `tell` if no worker takes from the queue. If the queue does not exist, it says nothing: the request then
   * fails at once. @throws ConnectionLost
   */
  async #tellUnserved({ topic, server = null }: Target, tell: Unserved | undefined): Promise<void> {
    if (!tell) return;
    const depth = await this.#depth(queueName(topic, server));
    if (depth?.consumers === 0) tell(depth.messages);
  }

  /** How many messages and consumers a queue has now; null: there is no such queue. @throws ConnectionLost */
  async #depth(queue: string): Promise<QueueDepth | null> {
    const { model } = this.#connection;
    if (!model) throw new ConnectionLost('The connection to RabbitMQ was lost.');
    return present(queueDepth(model, queue));
  }

  #json(): ReturnType<typeof createJsonCodec> {
    return createJsonCodec({ maxBytes: this.#options.maxMessageBytes });
  }

  /** Connects. @throws ConnectionLost with the reason, when there is no connection to RabbitMQ within the timeout */
  async #connected(timeout = Infinity): Promise<void> {
    await connectWithin(this.#connection, Math.min(timeout, this.#options.connectionTimeout));
  }
}

/** Checks the name of a conductor host. @throws InvalidParameterValue */
function assertHost(host: string): void {
  const problem = hostProblem(host);
  if (problem !== null) throw new InvalidParameterValue(`host is ${JSON.stringify(host)}: expected ${problem}`);
}

function withRequestId(context: Partial<RpcContext> = {}): Partial<RpcContext> {
  return { ...context, request_id: context.request_id ?? `req-${randomUUID()}` };
}
