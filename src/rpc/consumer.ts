import type { Channel, ChannelModel, ConsumeMessage } from 'amqplib';
import type { Logger } from '../log.js';
import type { RpcConnection } from './connection.js';
import { ChannelDelivery, type Delivery } from './delivery.js';
import type { Resumable } from './resumable.js';

export interface QueueConsumerOptions {
  connection: RpcConnection;
  queue: string;
  /** Given to each delivery. */
  server: string | null;
  /** Makes the queue where it is not there. */
  declare: (model: ChannelModel) => Promise<void>;
  /** Unacknowledged messages that the broker sends ahead. */
  prefetch: number;
  log: Logger;
  /** Must not throw. */
  onDelivery: (delivery: Delivery) => void;
}

interface Session {
  channel: Channel;
  consumerTag: string | null;
  live: Set<ChannelDelivery>;
}

/**
 * Consumes one queue on a channel of its own, and starts again when the connection, the channel or the queue went away.
 */
export class QueueConsumer {
  private readonly resumable: Resumable;
  private session: Session | null = null;
  private stopped = false;

  constructor(private readonly options: QueueConsumerOptions) {
    const { connection, queue } = options;
    this.resumable = connection.use(`consuming from "${queue}"`, (model) => this.open(model));
  }

  /** Settled by the first attempt: see Resumable.ready. */
  get ready(): Promise<void> {
    return this.resumable.ready;
  }

  /** Has the broker accepted us as a consumer? With a single active consumer, another may be the one it serves. */
  get consuming(): boolean {
    return this.session?.consumerTag != null;
  }

  /** Takes no more messages. What came before can still be settled. */
  async stop(): Promise<void> {
    this.stopped = true;
    this.resumable.release();
    const { session } = this;
    const consumerTag = session?.consumerTag;
    if (!session || consumerTag == null) return;
    session.consumerTag = null;
    // It rejects when the channel goes away meanwhile, which stops it too.
    await session.channel.cancel(consumerTag).catch(() => undefined);
  }

  /** Stops, and gives back what is not settled. */
  async close(): Promise<void> {
    await this.stop();
    const { session } = this;
    if (!session) return;
    this.end(session);
    await session.channel.close().catch(() => undefined);
  }

  private async open(model: ChannelModel): Promise<void> {
    const { queue, declare, prefetch, log } = this.options;
    if (this.session) await this.replace(this.session);
    await declare(model);
    const channel = await model.createChannel();
    const session: Session = { channel, consumerTag: null, live: new Set() };
    channel.on('error', (error) => {
      log.error(`RabbitMQ closed the channel of "${queue}"`, { reason: error.message });
    });
    channel.on('close', () => {
      const current = this.session === session;
      this.end(session);
      if (current) this.resumable.again();
    });
    this.session = session;
    await channel.prefetch(prefetch);
    const { consumerTag } = await channel.consume(queue, (message) => {
      if (message) this.receive(session, message);
      else this.cancelled(session);
    });
    if (this.stopped) await channel.cancel(consumerTag);
    else session.consumerTag = consumerTag;
  }

  private receive(session: Session, message: ConsumeMessage): void {
    const { queue, server, onDelivery, log } = this.options;
    const delivery = new ChannelDelivery(queue, server, session.channel, message, (settled) =>
      session.live.delete(settled),
    );
    session.live.add(delivery);
    try {
      onDelivery(delivery);
    } catch (error) {
      // Left unsettled: to requeue it now would deliver it again at once, for ever.
      log.error(`a message from "${queue}" could not be handled`, { reason: String(error) });
    }
  }

  /** The broker took the consumer away: the queue was deleted, or its node went down. */
  private cancelled(session: Session): void {
    this.options.log.warn(
      `RabbitMQ cancelled the consumer of "${this.options.queue}"; declaring it and consuming again`,
    );
    session.consumerTag = null;
    this.resumable.again();
  }

  private async replace(session: Session): Promise<void> {
    this.end(session);
    await session.channel.close().catch(() => undefined);
  }

  private end(session: Session): void {
    if (this.session === session) this.session = null;
    for (const delivery of session.live) delivery.lose();
    session.live.clear();
  }
}
