import { randomUUID } from 'node:crypto';

import {
  ConnectionLost,
  connectWithin,
  type ExchangeOptions,
  present,
  queueDepth,
  type QueueDepth,
  type QueueType,
  RpcConnection,
  type RpcConnectionOptions,
} from '../amqp/index.js';
import { InvalidParameterValue } from '../contract/errors.js';
import { type MethodName, METHODS } from '../contract/methods.js';
import { readResult } from '../contract/result.js';
import type { OperationResult } from '../contract/types.js';
import { type Logger, silentLogger } from '../log/log.js';
import { useDeadLetterQueue } from '../messages/dead-letter.js';
import { type JournalOptions, journalStream } from '../messages/journal.js';
import { protobufCodec } from '../messages/protobuf.js';
import { deadLetterQueue, hostProblem } from '../messages/queue-names.js';
import {
  createJsonCodec,
  declareTopology,
  DEFAULT_MAX_BYTES,
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
import { type Move, readRequest, type RequestOptions } from './request.js';
import { copyResults, listenForResults, type ResultHandler, type ResultListener } from './results.js';

/** @param waiting requests in a queue from which no worker takes */
type Unserved = (waiting: number) => void;

export interface CallOptions extends RequestOptions {
  /** Seconds to wait for the result. Default: the client's responseTimeout. */
  timeout?: number | undefined;
  /**
   * Whether a call that no worker would take fails at once, instead of waiting for one until its timeout. Where nobody serves the host, and
   * nothing waits in its queue that would have to be done before, any other worker is asked. Default false.
   */
  served?: boolean | undefined;
  /** Is told, before the request is sent, that no worker takes from the queue that it goes to, and how many requests wait there. */
  onUnserved?: Unserved | undefined;
  /** Seconds to wait for a sign of life of the worker. Default: none wanted. */
  callMonitorTimeout?: number | undefined;
}

export interface ResultOptions {
  /**
   * false: the host's own queue of results, which outlives this program; programs that listen for the same host share
   * what is in it. true: a copy of every result from now on, which takes nothing from anybody. Default false.
   */
  copy?: boolean;
  /**
   * Is told, when it listens, that no worker takes the host's requests, and how many wait; null: none has ever taken any, there
   * is no queue for them.
   */
  onUnserved?: ((waiting: number | null) => void) | undefined;
}

export interface NetworkProviderClientOptions
  extends Partial<Omit<RpcConnectionOptions, 'transportUrl'>>, Partial<ExchangeOptions> {
  /** The conductors' transport_url. */
  transportUrl: string;
  /** Default ironic.network_provider. */
  topic?: string;
  /** Type of a host's queue of results. Default quorum. */
  queueType?: QueueType;
  /** What the journal keeps that declareTopology declares. Default null: it declares none. */
  journal?: JournalOptions | null;
  /** How requests are written; results are read in both. Default json. */
  encoding?: 'json' | 'protobuf';
  /** Largest message that is read, in bytes. Default 1 MiB. */
  maxMessageBytes?: number;
  /**
   * Newest version of the interface that is asked for, as oslo.messaging's version_cap: 1.0 while there are workers of
   * version 1.0. Default: none.
   */
  versionCap?: string;
  /** Seconds to wait for the result of a call. Default 60. */
  responseTimeout?: number;
  /** Seconds to wait for RabbitMQ until a request fails. Default 10. */
  connectionTimeout?: number;
  /** Default: nothing is logged. */
  log?: Logger;
}

type WithoutDefault = 'ssl' | 'connectTimeout' | 'versionCap' | 'exchangeAutoDelete' | 'fanoutExchangeDurable';
type Settings = Required<Omit<NetworkProviderClientOptions, WithoutDefault>> &
  Pick<NetworkProviderClientOptions, WithoutDefault>;

const DEFAULTS = {
  connectionName: 'netprov client',
  heartbeat: 60,
  reconnect: { initialDelay: 1000, maxDelay: 30_000 },
  exchange: 'ironic',
  exchangeDurable: false,
  topic: 'ironic.network_provider',
  queueType: 'quorum',
  journal: null,
  encoding: 'json',
  maxMessageBytes: DEFAULT_MAX_BYTES,
  responseTimeout: 60,
  connectionTimeout: 10,
} satisfies Partial<Settings>;

/**
 * Asks network provider workers to move nodes: what a conductor in TypeScript uses. It connects when it is first needed
 * and reconnects by itself.
 *
 *     const client = new NetworkProviderClient({ transportUrl: 'rabbit://user:password@host:5672/' });
 *     await client.call('add_provisioning_network', { host: 'conductor-1', task: { node, ports } });
 *     await client.call('vif_attach', { host: 'conductor-1', nodeId: node.uuid, args: { vif_info: { id: vif } } });
 *     await client.close();
 *
 * The methods of version 1.0 are asked for as such, so that a worker of version 1.0 serves them; those of 1.1 are
 * refused by such a worker with a RemoteError named UnsupportedVersion, or here with versionCap.
 */
export class NetworkProviderClient {
  readonly #options: Settings;
  readonly #connection: RpcConnection;
  readonly #rpc: RpcClient;
  readonly #listeners = new Set<ResultListener>();

  /** @throws InvalidTransportUrl; InvalidParameterValue when versionCap is no version */
  constructor(options: NetworkProviderClientOptions) {
    const { versionCap } = options;
    if (versionCap !== undefined && !isVersion(versionCap)) {
      throw new InvalidParameterValue(`versionCap must be a version such as 1.0, not ${versionCap}`);
    }
    this.#options = { ...DEFAULTS, log: silentLogger(), ...options };
    this.#connection = new RpcConnection(this.#options);
    const codec = this.#options.encoding === 'protobuf' ? protobufCodec : this.#json();
    this.#rpc = new RpcClient({ ...this.#options, connection: this.#connection, codec });
  }

  /**
   * Has a worker do something, and waits for the result.
   *
   * @throws InvalidParameterValue, MissingParameterValue when the task or an argument cannot be used; nothing was sent then
   * @throws RPCVersionCapError when the method is newer than versionCap; nothing was sent then
   * @throws RemoteError with Ironic's class name, such as NetworkError, when the operation failed
   * @throws NoWorker when nobody would take it, with the option served; nothing was sent then
   * @throws MessagingTimeout when no result came in time; the operation may still be running
   * @throws Undeliverable when no worker has served the host yet
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
   * Has a worker do something, and does not wait for it. Resolves with the operation's id when RabbitMQ has the
   * request; the result, which has the same id, goes to the host's results.
   *
   * @throws as call does, but for what comes from the worker
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
   * Declares the exchange, the queues of these hosts, that of dead letters and the journal, as a worker that serves them
   * does: from then on casts wait there while no worker runs. Resolves with the names of the queues.
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

  /** Asks the worker that serves a host for a sign of life. @throws as call does; RemoteError when it answers no pings */
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
   * Hands every result of a host's casts to the handler, until the function it resolves with is called. A result may
   * come twice, after a fault: its operation_id tells. One whose handler fails is tried once more.
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

  /** Ends listening and disconnects. Calls that still wait come to an end with their timeout. */
  async close(): Promise<void> {
    await Promise.all([...this.#listeners].map((listener) => listener.close()));
    await this.#rpc.close();
    await this.#connection.close();
  }

  /** Asks for no newer version than the method needs: a worker of version 1.0 goes on serving what it has. */
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
   * The server whose queue a worker takes a call from: the host's own, or null, that of any host. The second is right only where nothing
   * waits in the first: what a node's conductor asked for comes in the order in which it asked.
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
    const why = waiting === 0 ? 'nor is there another worker' : `and ${waiting} requests wait in its queue`;
    throw new NoWorker(
      `No worker serves conductor host ${host}, ${why}: start one with ${host} among its option host.`,
    );
  }

  /** Says nothing where there is no queue: the request fails at once then. @throws ConnectionLost */
  async #tellUnserved({ topic, server = null }: Target, tell: Unserved | undefined): Promise<void> {
    if (!tell) return;
    const depth = await this.#depth(queueName(topic, server));
    if (depth?.consumers === 0) tell(depth.messages);
  }

  /** What a queue has at the moment; null: there is no such queue. @throws ConnectionLost */
  async #depth(queue: string): Promise<QueueDepth | null> {
    const { model } = this.#connection;
    if (!model) throw new ConnectionLost('The connection to RabbitMQ was lost.');
    return present(queueDepth(model, queue));
  }

  #json(): ReturnType<typeof createJsonCodec> {
    return createJsonCodec({ maxBytes: this.#options.maxMessageBytes });
  }

  /** @throws ConnectionLost with the reason, when RabbitMQ does not let us in within so many seconds. */
  async #connected(timeout = Infinity): Promise<void> {
    await connectWithin(this.#connection, Math.min(timeout, this.#options.connectionTimeout));
  }
}

/** @throws InvalidParameterValue */
function assertHost(host: string): void {
  const problem = hostProblem(host);
  if (problem !== null) throw new InvalidParameterValue(`host is ${JSON.stringify(host)}: expected ${problem}`);
}

function withRequestId(context: Partial<RpcContext> = {}): Partial<RpcContext> {
  return { ...context, request_id: context.request_id ?? `req-${randomUUID()}` };
}
