import type { Channel, ChannelModel, ConsumeMessage } from 'amqplib';

import { errorText } from '../async/error-text.js';
import type { Logger } from '../log/log.js';
import { closeChannel } from './channels.js';
import type { RpcConnection } from './connection.js';
import { Acknowledgements, ChannelDelivery, type Delivery } from './delivery.js';
import { ConnectionLost } from './errors.js';
import type { Resumable } from './resumable.js';

interface QueueConsumerOptions {
  connection: RpcConnection;
  queue: string;
  /** The server whose queue this is. Each delivery carries it. Null when the queue is not one server's. */
  server: string | null;
  /** Creates the queue if it does not exist. */
  declare: (model: ChannelModel) => Promise<void>;
  /** Unacknowledged messages that the broker sends ahead. */
  prefetch: number;
  /** Limits the bytes of bodies that are held in memory. Default: no limit. */
  heldBytes?: HeldBytes;
  log: Logger;
  /** Must not throw. */
  onDelivery: (delivery: Delivery) => void;
}

interface Session {
  channel: Channel;
  consumerTag: string | null;
  /** Aborted when the channel is gone. */
  gone: AbortController;
  /** Whether it ignores further messages. */
  paused: boolean;
  /**
   * Whether it left messages with the broker for lack of room. It reopens when every message that it holds is settled.
   */
  full: boolean;
  /** Deliveries that are not settled yet, oldest first. */
  live: Set<ChannelDelivery>;
  acknowledgements: Acknowledgements;
}

/**
 * Consumes one queue on its own channel, and starts again when the connection, the channel or the queue is lost.
 */
export class QueueConsumer {
  readonly #resumable: Resumable;
  readonly #heldBytes: HeldBytes;
  #session: Session | null = null;
  #stopped = false;
  #opened = 0;

  constructor(private readonly options: QueueConsumerOptions) {
    const { connection, queue, heldBytes = new HeldBytes(Infinity) } = options;
    this.#heldBytes = heldBytes;
    this.#resumable = connection.use(`consuming from "${queue}"`, (model) => this.#open(model));
  }

  /** Settled by the first attempt: see Resumable.ready. */
  get ready(): Promise<void> {
    return this.#resumable.ready;
  }

  /** Whether the broker has accepted us as a consumer. With single active consumer, it may be serving another one. */
  get consuming(): boolean {
    return !this.#stopped && this.#session?.consumerTag != null;
  }

  /** How often it has begun to consume. With single active consumer, the broker serves the consumer that came first. */
  get sessions(): number {
    return this.#opened;
  }

  /** Takes no more messages until `reopen`. Earlier deliveries can still be settled. */
  pause(): void {
    if (this.#session) this.#session.paused = true;
  }

  /** Returns unsettled messages in their order, and consumes again. All standby consumers then come before it. */
  async reopen(): Promise<void> {
    const session = this.#session;
    if (!session) return;
    await this.#discard(session);
    if (!this.#stopped) this.#resumable.again();
  }

  /**
   * Takes no more messages. Earlier deliveries can still be settled.
   *
   * It stays the queue's consumer until `close`. If it cancelled now, a quorum queue would activate the standby
   * consumer at once. The standby would then get the messages after those that are still unsettled here: out of order.
   */
  stop(): void {
    this.#stopped = true;
    this.#resumable.release();
  }

  /** Stops, and returns unsettled messages to the queue in their order. */
  async close(): Promise<void> {
    this.stop();
    const session = this.#session;
    if (session) await this.#discard(session);
  }

  async #open(model: ChannelModel): Promise<void> {
    const { queue, declare, prefetch, log } = this.options;
    if (this.#session) await this.#discard(this.#session);
    await declare(model);
    const channel = await model.createChannel();
    const live = new Set<ChannelDelivery>();
    const session: Session = {
      channel,
      consumerTag: null,
      gone: new AbortController(),
      paused: false,
      full: false,
      live,
      acknowledgements: new Acknowledgements(channel, live),
    };
    channel.on('error', (error) => {
      log.error(`RabbitMQ closed the channel of "${queue}"`, { reason: error.message });
    });
    channel.on('close', () => {
      const current = this.#session === session;
      this.#end(session);
      if (current) this.#resumable.again();
    });
    this.#session = session;
    await channel.prefetch(prefetch);
    const { consumerTag } = await channel.consume(queue, (message) => {
      if (message) this.#receive(session, message);
      else this.#cancelled(session);
    });
    session.consumerTag = consumerTag;
    this.#opened += 1;
    if (this.#stopped) await this.#discard(session);
  }

  #receive(session: Session, message: ConsumeMessage): void {
    // The message stays unsettled at the broker, which delivers it again when this channel closes.
    if (this.#stopped || session.paused) return;
    if (this.#isTooMuch(session, message)) return;
    const { queue, server, onDelivery, log } = this.options;
    const delivery = new ChannelDelivery(queue, server, session.gone.signal, message, (settled, how) => {
      session.live.delete(settled);
      this.#heldBytes.giveBack(settled.bytes);
      if (how === 'acknowledged') session.acknowledgements.add(settled);
      else session.acknowledgements.refuse(settled);
      if (session.full && session.live.size === 0 && !this.#stopped) void this.#beginAnew(session);
    });
    session.live.add(delivery);
    this.#heldBytes.take(delivery.bytes);
    try {
      onDelivery(delivery);
    } catch (error) {
      // Leave it unsettled: if we requeued it now, the broker would deliver it again at once, for ever.
      log.error(`a message from "${queue}" could not be handled; it stays unacknowledged`, {
        reason: errorText(error),
      });
    }
  }

  /**
   * Whether there is no room for a message. If so, this message and all later ones stay unsettled at the broker until
   * all held messages are settled, which keeps the order. When nothing of this queue is held, one message is always
   * taken, or the queue could stand still for ever.
   */
  #isTooMuch(session: Session, { content }: ConsumeMessage): boolean {
    if (session.live.size === 0 || this.#heldBytes.haveRoomFor(content.length)) return false;
    session.paused = true;
    session.full = true;
    this.options.log.info(
      `rpc.max_held_bytes is reached; reading "${this.options.queue}" continues when its held messages are done`,
      { messages: session.live.size },
    );
    return true;
  }

  /** Reopens the channel, so that the broker delivers the messages again that were left with it. */
  async #beginAnew(session: Session): Promise<void> {
    if (this.#session !== session) return;
    await this.#discard(session);
    if (!this.#stopped) this.#resumable.again(0);
  }

  /** The broker cancelled the consumer, because the queue was deleted or its node went down. */
  #cancelled(session: Session): void {
    this.options.log.warn(
      `RabbitMQ cancelled the consumer of "${this.options.queue}"; declaring the queue again and consuming from it`,
    );
    session.consumerTag = null;
    this.#resumable.again();
  }

  async #discard(session: Session): Promise<void> {
    session.acknowledgements.flush();
    this.#end(session);
    await closeChannel(session.channel);
  }

  #end(session: Session): void {
    if (this.#session === session) this.#session = null;
    const reason = new ConnectionLost('The message went back to its queue: its channel is closed.');
    for (const delivery of session.live) {
      this.#heldBytes.giveBack(delivery.bytes);
      delivery.abandon(reason);
    }
    session.live.clear();
    session.gone.abort(reason);
  }
}

/**
 * Counts the bytes of message bodies that the program holds, for all queues together. RabbitMQ's prefetch limits only
 * the number of messages.
 */
export class HeldBytes {
  #held = 0;

  /** @param limit the most bytes that may be held */
  constructor(private readonly limit: number) {}

  /** Whether this many more bytes can be held. */
  haveRoomFor(bytes: number): boolean {
    return this.#held + bytes <= this.limit;
  }

  take(bytes: number): void {
    this.#held += bytes;
  }

  giveBack(bytes: number): void {
    this.#held -= bytes;
  }
}
