import { randomUUID } from 'node:crypto';
import type { ChannelModel } from 'amqplib';
import type { Logger } from '../log.js';
import { onChannel } from './channel.js';
import type { RpcConnection } from './connection.js';
import { QueueConsumer } from './consumer.js';
import type { Delivery } from './delivery.js';
import type { MessageCodec } from './message.js';
import type { PendingCall } from './pending-call.js';

/** Milliseconds until the broker removes an abandoned reply queue: rabbit_transient_queues_ttl. */
const EXPIRES = 1_800_000;
const PREFETCH = 100;

/**
 * A client's queue of replies, named as oslo.messaging names it. Unlike there it is durable: a reply that is sent while
 * the broker restarts finds it, and RabbitMQ 4 discourages queues that are neither durable nor exclusive.
 */
export class ReplyQueue {
  readonly name = `reply_${randomUUID().replaceAll('-', '')}`;
  private readonly calls = new Map<string, PendingCall>();
  private readonly consumer: QueueConsumer;

  constructor(
    private readonly connection: RpcConnection,
    private readonly codec: MessageCodec,
    private readonly log: Logger,
  ) {
    const declare = async (model: ChannelModel): Promise<void> => {
      await onChannel(model, (channel) => channel.assertQueue(this.name, { durable: true, expires: EXPIRES }));
    };
    const onDelivery = (delivery: Delivery): void => {
      this.receive(delivery);
    };
    this.consumer = new QueueConsumer({
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
    return this.consumer.ready;
  }

  expect(msgId: string, call: PendingCall): void {
    this.calls.set(msgId, call);
  }

  forget(msgId: string): void {
    this.calls.delete(msgId);
  }

  /** Removes the queue from the broker. */
  async close(): Promise<void> {
    await this.consumer.close();
    const { model } = this.connection;
    // Without a connection the broker removes it when it expires.
    if (model) await onChannel(model, (channel) => channel.deleteQueue(this.name)).catch(() => undefined);
  }

  private receive(delivery: Delivery): void {
    delivery.ack();
    try {
      const reply = this.codec.decodeReply(delivery.body);
      const call = this.calls.get(reply.msgId);
      if (call) call.receive(reply);
      else this.log.debug('nobody waits for a reply: it is late or a duplicate', { msgId: reply.msgId });
    } catch (error) {
      this.log.warn('dropped a reply that cannot be read', { reason: String(error) });
    }
  }
}
