import { randomUUID } from 'node:crypto';

import type { ChannelModel } from 'amqplib';

import { onChannel } from '../amqp/channels.js';
import type { RpcConnection } from '../amqp/connection.js';
import { QueueConsumer } from '../amqp/consumer.js';
import type { Delivery } from '../amqp/delivery.js';
import { errorText } from '../async/error-text.js';
import type { Logger } from '../log/log.js';
import { MessagingTimeout } from './errors.js';
import { deserializeFailure } from './failure.js';
import type { MessageCodec, RpcReply } from './message.js';

/**
 * Milliseconds until the broker removes an unused reply queue. oslo.messaging's option is rabbit_transient_queues_ttl.
 */
const EXPIRES = 1_800_000;
const PREFETCH = 100;

/**
 * A client's reply queue, named as in oslo.messaging. Unlike oslo.messaging's, it is durable. So a reply that is sent
 * around a restart of the broker still finds it, and RabbitMQ 4 discourages queues that are neither durable nor
 * exclusive.
 */
export class ReplyQueue {
  readonly name = `reply_${randomUUID().replaceAll('-', '')}`;
  readonly #calls = new Map<string, PendingCall>();
  readonly #consumer: QueueConsumer;

  constructor(
    private readonly connection: RpcConnection,
    private readonly codec: MessageCodec,
    private readonly log: Logger,
  ) {
    const declare = async (model: ChannelModel): Promise<void> => {
      await onChannel(model, (channel) => channel.assertQueue(this.name, { durable: true, expires: EXPIRES }));
    };
    const onDelivery = (delivery: Delivery): void => {
      this.#receive(delivery);
    };
    this.#consumer = new QueueConsumer({
      connection,
      queue: this.name,
      server: null,
      declare,
      prefetch: PREFETCH,
      log,
      onDelivery,
    });
  }

  /** Resolves when replies can arrive. */
  get ready(): Promise<void> {
    return this.#consumer.ready;
  }

  expect(msgId: string, call: PendingCall): void {
    this.#calls.set(msgId, call);
  }

  forget(msgId: string): void {
    this.#calls.delete(msgId);
  }

  /** Removes the queue from the broker. */
  async close(): Promise<void> {
    await this.#consumer.close();
    const { model } = this.connection;
    // Without a connection, the queue stays until it expires, and the broker then removes it.
    if (model) await onChannel(model, (channel) => channel.deleteQueue(this.name)).catch(() => undefined);
  }

  #receive(delivery: Delivery): void {
    delivery.ack();
    try {
      const reply = this.codec.decodeReply(delivery.body);
      const call = this.#calls.get(reply.msgId);
      if (call) call.receive(reply);
      else this.log.debug('dropped a reply that no call waits for: it is late or a duplicate', { msgId: reply.msgId });
    } catch (error) {
      this.log.warn('dropped an unreadable reply', { reason: errorText(error) });
    }
  }
}

interface PendingCallOptions {
  /** The method's name, for errors. */
  method: string;
  /** Seconds after which the call fails. */
  timeout: number;
  /** Seconds without a heartbeat after which the call fails. Null: it does not expect heartbeats. */
  callMonitorTimeout: number | null;
  signal?: AbortSignal | undefined;
}

/** A call that waits for its reply. Source: ReplyWaiter.wait in oslo_messaging/_drivers/amqpdriver.py. */
export class PendingCall {
  readonly outcome: Promise<unknown>;
  #resolve: (result: unknown) => void = () => undefined;
  #reject: (error: Error) => void = () => undefined;
  #result: unknown = null;
  readonly #timer: NodeJS.Timeout;
  #monitor: NodeJS.Timeout | undefined;

  constructor(private readonly options: PendingCallOptions) {
    this.outcome = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    // A call may fail before anybody waits for it.
    this.outcome.catch(() => undefined);
    const { method, timeout, signal } = options;
    this.#timer = setTimeout(() => {
      this.#reject(new MessagingTimeout(`No reply to "${method}" within ${timeout} s.`));
    }, timeout * 1000);
    this.#watchHeartbeats();
    if (signal?.aborted) this.#abort();
    signal?.addEventListener('abort', this.#abort);
  }

  receive({ result, failure, ending }: RpcReply): void {
    if (failure !== null) {
      this.#reject(deserializeFailure(failure));
      return;
    }
    // Old servers send the result first, and then an empty message that ends the call.
    if (result !== null) this.#result = result;
    else if (!ending) this.#watchHeartbeats();
    if (ending) this.#resolve(this.#result);
  }

  fail(error: Error): void {
    this.#reject(error);
  }

  /** Frees timers and listeners. */
  dispose(): void {
    clearTimeout(this.#timer);
    clearTimeout(this.#monitor);
    this.options.signal?.removeEventListener('abort', this.#abort);
  }

  readonly #abort = (): void => {
    const reason: unknown = this.options.signal?.reason;
    this.#reject(reason instanceof Error ? reason : new Error('The call was cancelled.'));
  };

  #watchHeartbeats(): void {
    const { method, callMonitorTimeout } = this.options;
    clearTimeout(this.#monitor);
    if (callMonitorTimeout === null) return;
    this.#monitor = setTimeout(() => {
      this.#reject(new MessagingTimeout(`No heartbeat from the server of "${method}" for ${callMonitorTimeout} s.`));
    }, callMonitorTimeout * 1000);
  }
}
