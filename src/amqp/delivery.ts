import type { Channel, ConsumeMessage } from 'amqplib';

import { copyOf, type MessageCopy } from './message-copy.js';

/**
 * One message from a queue, until it is settled or its channel is gone. Settling it twice, or too late, does nothing.
 */
export interface Delivery {
  readonly queue: string;
  /** The server whose queue it came from. Null for the any-server and fanout queues. */
  readonly server: string | null;
  /** The same signal for all deliveries of one channel. Aborted when the channel is gone. */
  readonly session: AbortSignal;
  readonly body: Buffer;
  readonly contentType: string | null;
  readonly headers: Record<string, unknown>;
  /** The properties and headers with which to publish the message again. */
  readonly copy: MessageCopy;
  /** Whether the broker delivered it to a consumer before. */
  readonly redelivered: boolean;
  /** How often it came back to its quorum queue. 0 in a classic queue. */
  readonly deliveryCount: number;
  /**
   * Aborted when the delivery's channel is gone (the broker then delivers the message to another consumer, or to us
   * again), and by abandon(). Created on first use, because most messages never need it.
   */
  readonly signal: AbortSignal;
  /** Whether the signal is aborted, without creating it. */
  readonly abandoned: boolean;
  /** Acknowledges the message: it is done, and the broker forgets it. */
  ack(): void;
  /**
   * Returns the message to its queue: to its place in a classic queue, near the head of a quorum queue that has a
   * delivery limit, as ours do, and to the end of a quorum queue without one.
   */
  requeue(): void;
  /** Aborts the work on the message, which stays with the broker as unsettled until the channel closes. */
  abandon(reason: Error): void;
}

/** Called when a delivery is settled. The consumer then sends the acknowledgement itself. */
type OnSettled = (delivery: ChannelDelivery, how: 'acknowledged' | 'requeued') => void;

export class ChannelDelivery implements Delivery {
  /** Size of the body in bytes. */
  readonly bytes: number;
  #settled = false;
  #lostBy: Error | null = null;
  /** Each delivery has its own controller, so that listeners are freed with it. */
  #aborter: AbortController | null = null;

  constructor(
    readonly queue: string,
    readonly server: string | null,
    readonly session: AbortSignal,
    readonly message: ConsumeMessage,
    private readonly onSettled: OnSettled,
  ) {
    this.bytes = message.content.length;
  }

  get body(): Buffer {
    return this.message.content;
  }

  get contentType(): string | null {
    const value: unknown = this.message.properties.contentType;
    return typeof value === 'string' ? value : null;
  }

  get headers(): Record<string, unknown> {
    return this.message.properties.headers ?? {};
  }

  get copy(): MessageCopy {
    return copyOf(this.message);
  }

  get redelivered(): boolean {
    return this.message.fields.redelivered;
  }

  get deliveryCount(): number {
    return timesReturned(this.headers);
  }

  get signal(): AbortSignal {
    this.#aborter ??= new AbortController();
    if (this.#lostBy) this.#aborter.abort(this.#lostBy);
    return this.#aborter.signal;
  }

  get abandoned(): boolean {
    return this.#lostBy !== null;
  }

  ack(): void {
    this.#settle('acknowledged');
  }

  requeue(): void {
    this.#settle('requeued');
  }

  abandon(reason: Error): void {
    if (this.#settled || this.#lostBy) return;
    this.#lostBy = reason;
    this.#aborter?.abort(reason);
  }

  #settle(how: 'acknowledged' | 'requeued'): void {
    if (this.#settled || this.#lostBy) return;
    this.#settled = true;
    this.onSettled(this, how);
  }
}

/**
 * Sends a channel's acknowledgements once per turn of the event loop. All deliveries older than the oldest unsettled
 * one go in one frame, the others one by one. Few frames matter: a quorum queue writes a log entry for each.
 */
export class Acknowledgements {
  #waiting: ChannelDelivery[] = [];

  /** @param live the channel's unsettled deliveries, oldest first */
  constructor(
    private readonly channel: Channel,
    private readonly live: ReadonlySet<ChannelDelivery>,
  ) {}

  add(delivery: ChannelDelivery): void {
    if (this.#waiting.push(delivery) > 1) return;
    setImmediate(() => {
      this.flush();
    });
  }

  /** Requeues a message. */
  refuse(delivery: ChannelDelivery): void {
    this.#send(() => {
      this.channel.nack(delivery.message, false, true);
    });
  }

  /** Sends the waiting acknowledgements now. */
  flush(): void {
    const acknowledged = this.#waiting;
    this.#waiting = [];
    const [oldestLive] = this.live;
    const limit = oldestLive ? tagOf(oldestLive) : Infinity;
    let newestBelow: ChannelDelivery | null = null;
    for (const delivery of acknowledged) {
      const tag = tagOf(delivery);
      if (tag > limit) this.#acknowledge(delivery, false);
      else if (!newestBelow || tag > tagOf(newestBelow)) newestBelow = delivery;
    }
    if (newestBelow) this.#acknowledge(newestBelow, true);
  }

  #acknowledge({ message }: ChannelDelivery, allUpTo: boolean): void {
    this.#send(() => {
      this.channel.ack(message, allUpTo);
    });
  }

  #send(frame: () => void): void {
    try {
      frame();
    } catch {
      // The channel is closing. The broker delivers the message again, as it does after every settlement that is too
      // late.
    }
  }
}

function tagOf({ message }: ChannelDelivery): number {
  return message.fields.deliveryTag;
}

/**
 * How often a message came back to its quorum queue, either because it was requeued or because its consumer's channel
 * closed. 0 in a classic queue, which does not count.
 *
 * Up to RabbitMQ 4.2, this is the header x-delivery-count. From 4.3 on it is x-acquired-count: x-delivery-count then
 * leaves out messages returned by basic.nack, which no longer count towards the delivery limit. Seen with 3.10, 4.0 and
 * 4.3.
 */
export function timesReturned(headers: Readonly<Record<string, unknown>>): number {
  const count = headers['x-acquired-count'] ?? headers['x-delivery-count'];
  return typeof count === 'number' ? count : 0;
}
