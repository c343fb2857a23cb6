import type { Channel, ConsumeMessage } from 'amqplib';

import { copyOf, type MessageCopy } from './message-copy.js';

/** One message from a queue, until it is settled or its channel is gone. Settling twice, or too late, does nothing. */
export interface Delivery {
  readonly queue: string;
  /** The server whose queue it came from; null for the any-server and fanout queues. */
  readonly server: string | null;
  /** The same for all that came on one channel; aborted when that is gone. */
  readonly session: AbortSignal;
  readonly body: Buffer;
  readonly contentType: string | null;
  readonly headers: Record<string, unknown>;
  /** What it takes to publish it once more. */
  readonly copy: MessageCopy;
  /** Was it given to a consumer before? */
  readonly redelivered: boolean;
  /** How often it came back to a quorum queue; 0 in a classic one. */
  readonly deliveryCount: number;
  /**
   * Aborted when the delivery's channel is gone (the broker gives the message to somebody else, or to us again), and by
   * abandon(). Made when first asked for: most messages are done without.
   */
  readonly signal: AbortSignal;
  /** Whether the signal is aborted, or would be. */
  readonly abandoned: boolean;
  /** The message is done; the broker forgets it. */
  ack(): void;
  /** The message goes back to its queue: to its place in a classic one, to the end of a quorum queue. */
  requeue(): void;
  /** Aborts the work on the message, which stays with the broker as unsettled until the channel closes. */
  abandon(reason: Error): void;
}

/** Told when a delivery is settled: the acknowledgement itself is the consumer's to send. */
type OnSettled = (delivery: ChannelDelivery, how: 'acknowledged' | 'requeued') => void;

export class ChannelDelivery implements Delivery {
  /** Of its body. */
  readonly bytes: number;
  private settled = false;
  private lostBy: Error | null = null;
  /** One for each delivery, so that listeners go away with it. */
  private aborter: AbortController | null = null;

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
    this.aborter ??= new AbortController();
    if (this.lostBy) this.aborter.abort(this.lostBy);
    return this.aborter.signal;
  }

  get abandoned(): boolean {
    return this.lostBy !== null;
  }

  ack(): void {
    this.settle('acknowledged');
  }

  requeue(): void {
    this.settle('requeued');
  }

  abandon(reason: Error): void {
    if (this.settled || this.lostBy) return;
    this.lostBy = reason;
    this.aborter?.abort(reason);
  }

  private settle(how: 'acknowledged' | 'requeued'): void {
    if (this.settled || this.lostBy) return;
    this.settled = true;
    this.onSettled(this, how);
  }
}

/**
 * Sends a channel's acknowledgements, once in a turn of the event loop: all that are older than the oldest unsettled
 * delivery in one frame, the others one by one. For a quorum queue each frame is an entry in its log.
 */
export class Acknowledgements {
  private waiting: ChannelDelivery[] = [];

  /** @param live the channel's unsettled deliveries, oldest first */
  constructor(
    private readonly channel: Channel,
    private readonly live: ReadonlySet<ChannelDelivery>,
  ) {}

  add(delivery: ChannelDelivery): void {
    if (this.waiting.push(delivery) > 1) return;
    setImmediate(() => {
      this.flush();
    });
  }

  /** Gives a message back to its queue. */
  refuse(delivery: ChannelDelivery): void {
    this.send(() => {
      this.channel.nack(delivery.message, false, true);
    });
  }

  /** Sends what waits now. */
  flush(): void {
    const acknowledged = this.waiting;
    this.waiting = [];
    const [oldestLive] = this.live;
    const limit = oldestLive ? tagOf(oldestLive) : Infinity;
    let newestBelow: ChannelDelivery | null = null;
    for (const delivery of acknowledged) {
      const tag = tagOf(delivery);
      if (tag > limit) this.acknowledge(delivery, false);
      else if (!newestBelow || tag > tagOf(newestBelow)) newestBelow = delivery;
    }
    if (newestBelow) this.acknowledge(newestBelow, true);
  }

  private acknowledge({ message }: ChannelDelivery, allUpTo: boolean): void {
    this.send(() => {
      this.channel.ack(message, allUpTo);
    });
  }

  private send(frame: () => void): void {
    try {
      frame();
    } catch {
      // The channel is closing: the broker gives the message out again, which is what a late settlement means.
    }
  }
}

function tagOf({ message }: ChannelDelivery): number {
  return message.fields.deliveryTag;
}

/**
 * How often a message came back to its quorum queue, by whatever way: returned, or with the channel of its consumer. 0 in a
 * classic queue, which does not count.
 *
 * Up to RabbitMQ 4.2, x-delivery-count says it. From 4.3 on that leaves out what basic.nack returned, which does not count
 * towards the delivery limit any more, and x-acquired-count says it. Seen with 3.10, 4.0 and 4.3.
 */
export function timesReturned(headers: Readonly<Record<string, unknown>>): number {
  const count = headers['x-acquired-count'] ?? headers['x-delivery-count'];
  return typeof count === 'number' ? count : 0;
}
