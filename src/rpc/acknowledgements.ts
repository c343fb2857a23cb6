import type { Channel } from 'amqplib';
import type { ChannelDelivery } from './delivery.js';

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
