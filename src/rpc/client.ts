import { randomUUID } from 'node:crypto';

import type { RpcConnection } from '../amqp/connection.js';
import { ConnectionLost, Undeliverable } from '../amqp/errors.js';
import { type ExchangeOptions, Exchanges, fanoutName } from '../amqp/exchanges.js';
import { Publisher, type PublishOptions } from '../amqp/publisher.js';
import { toError } from '../async/error-text.js';
import type { Logger } from '../log/log.js';
import { traceProperties } from '../tracing/tracing.js';
import { jsonCodec } from './envelope.js';
import { type MessageCodec, NO_CONTEXT, type RpcContext, type RpcRequest } from './message.js';
import { PendingCall, ReplyQueue } from './reply-queue.js';
import { queueName } from './topology.js';

export interface RpcClientOptions extends ExchangeOptions {
  connection: RpcConnection;
  /** Encoding of the messages. Default: oslo.messaging's JSON. */
  codec?: MessageCodec;
  log: Logger;
}

/** The receiver of a message. */
export interface Target {
  topic: string;
  /** The server whose queue gets the message. Default: the queue from which any server may take. */
  server?: string | null;
  /** Default "1.0". */
  version?: string;
  namespace?: string | null;
}

export interface RpcCallOptions {
  context?: Partial<RpcContext>;
  /**
   * Seconds to wait for the reply. The request also expires in the queue after this time. Default 60, as
   * rpc_response_timeout.
   */
  timeout?: number;
  /** Seconds to wait for a heartbeat of the server. Default: it does not ask for heartbeats. */
  callMonitorTimeout?: number | null;
  signal?: AbortSignal;
}

export interface CastOptions {
  context?: Partial<RpcContext>;
  /** Id of the operation: a receiver that already knows the id does not do the work again. Default: a new id. */
  uniqueId?: string;
  /** Whether to fail if no queue takes the cast. Default true; oslo.messaging lets the broker drop such a cast. */
  mandatory?: boolean;
  signal?: AbortSignal;
}

/**
 * Sends calls and casts to oslo.messaging RPC servers. The casts of one client arrive in the order in which it sent
 * them.
 */
export class RpcClient {
  readonly #codec: MessageCodec;
  readonly #publisher: Publisher;
  readonly #exchanges: Exchanges;
  #replies: ReplyQueue | null = null;

  constructor(private readonly options: RpcClientOptions) {
    this.#codec = options.codec ?? jsonCodec;
    this.#publisher = new Publisher(options.connection, options.log);
    this.#exchanges = new Exchanges(options, options.log);
  }

  /**
   * Sends a request and waits for its result.
   * @throws RemoteError when the server raised an exception
   * @throws MessagingTimeout, Undeliverable, ConnectionLost, or the signal's reason
   */
  async call(
    target: Target,
    method: string,
    args: Record<string, unknown>,
    options: RpcCallOptions = {},
  ): Promise<unknown> {
    const { context, timeout = 60, callMonitorTimeout = null, signal } = options;
    const replies = (this.#replies ??= new ReplyQueue(this.options.connection, this.#codec, this.options.log));
    const msgId = newId();
    const request: RpcRequest = {
      ...makeRequest(target, method, args, context),
      msgId,
      replyQ: replies.name,
      timeout: callMonitorTimeout,
    };
    const call = new PendingCall({ method, timeout, callMonitorTimeout, signal });
    replies.expect(msgId, call);
    // The request expires with the call: a server must not do work for which nobody waits.
    const publishing = { mandatory: true, expiration: Math.ceil(timeout * 1000) };
    const send = async (): Promise<void> => {
      await replies.ready;
      await this.#send(target, false, request, publishing, signal);
    };
    send().catch((error: unknown) => {
      call.fail(toError(error));
    });
    try {
      return await call.outcome;
    } finally {
      call.dispose();
      replies.forget(msgId);
    }
  }

  /**
   * Sends a request without waiting for the work. Resolves with the request's unique id when the broker has the
   * request. Waits for the connection if there is none.
   * @throws Undeliverable, ConnectionLost
   */
  async cast(
    target: Target & { fanout?: boolean },
    method: string,
    args: Record<string, unknown>,
    { context, uniqueId = newId(), mandatory = true, signal }: CastOptions = {},
  ): Promise<string> {
    const request = { ...makeRequest(target, method, args, context), uniqueId };
    await this.#send(target, target.fanout ?? false, request, { mandatory }, signal);
    return uniqueId;
  }

  /** Removes the reply queue. The connection stays open. */
  async close(): Promise<void> {
    await this.#replies?.close();
    await this.#publisher.close();
  }

  async #send(
    { topic, server }: Target,
    fanout: boolean,
    request: RpcRequest,
    options: Omit<PublishOptions, 'contentType'>,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const body = this.#codec.encodeRequest(request);
    await this.#publisher.ready(signal);
    const { model } = this.options.connection;
    if (!model) throw new ConnectionLost('Not sent: there is no connection to RabbitMQ.');
    const exchange = fanout ? await this.#exchanges.fanout(model, topic) : await this.#exchanges.topic(model);
    const queue = fanout ? fanoutName(topic) : queueName(topic, server);
    try {
      await this.#publisher.publish(exchange, queue, body, {
        ...options,
        contentType: this.#codec.contentType,
        ...traceProperties(),
      });
    } catch (error) {
      if (!(error instanceof Undeliverable)) throw error;
      throw new Undeliverable(
        `"${request.method}" was not delivered: queue "${queue}" does not exist on exchange "${exchange}" yet. ` +
          'Start its server once, or declare its topology; the queue then stays.',
        { cause: error },
      );
    }
  }
}

function makeRequest(
  { version = '1.0', namespace = null }: Target,
  method: string,
  args: Record<string, unknown>,
  context: Partial<RpcContext> = {},
): RpcRequest {
  const { request_id, global_request_id } = { ...NO_CONTEXT, ...context };
  const anonymous = { uniqueId: newId(), msgId: null, replyQ: null, timeout: null };
  return { method, args, version, namespace, context: { request_id, global_request_id }, ...anonymous };
}

function newId(): string {
  return randomUUID().replaceAll('-', '');
}
