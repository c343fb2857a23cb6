import type { Channel, ConsumeMessage } from 'amqplib';
import { ConnectionLost } from './errors.js';

/** One message from a queue, until it is settled or its channel is gone. Settling twice, or too late, does nothing. */
export interface Delivery {
  readonly queue: string;
  /** The server whose queue it came from; null for the any-server and fanout queues. */
  readonly server: string | null;
  readonly body: Buffer;
  readonly contentType: string | null;
  readonly headers: Record<string, unknown>;
  /** Was it given to a consumer before? */
  readonly redelivered: boolean;
  /** How often it came back to a quorum queue; 0 in a classic one. */
  readonly deliveryCount: number;
  /** Aborted when the delivery's channel is gone: the broker gives the message to somebody else, or to us again. */
  readonly signal: AbortSignal;
  /** The message is done; the broker forgets it. */
  ack(): void;
  /** The message goes back to its place in the queue. */
  requeue(): void;
}

export class ChannelDelivery implements Delivery {
  private state: 'live' | 'settled' | 'lost' = 'live';
  /** Made when first asked for. One for each delivery, so that listeners go away with it. */
  private aborter: AbortController | null = null;

  constructor(
    readonly queue: string,
    readonly server: string | null,
    private readonly channel: Channel,
    private readonly message: ConsumeMessage,
    private readonly onSettled: (self: ChannelDelivery) => void,
  ) {}

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

  get redelivered(): boolean {
    return this.message.fields.redelivered;
  }

  get deliveryCount(): number {
    const count = this.headers['x-delivery-count'];
    return typeof count === 'number' ? count : 0;
  }

  get signal(): AbortSignal {
    this.aborter ??= new AbortController();
    if (this.state === 'lost') this.aborter.abort(lost());
    return this.aborter.signal;
  }

  ack(): void {
    this.settle((channel) => {
      channel.ack(this.message);
    });
  }

  requeue(): void {
    this.settle((channel) => {
      channel.nack(this.message, false, true);
    });
  }

  /** The channel is gone. */
  lose(): void {
    if (this.state !== 'live') return;
    this.state = 'lost';
    this.aborter?.abort(lost());
  }

  private settle(send: (channel: Channel) => void): void {
    if (this.state !== 'live') return;
    this.state = 'settled';
    this.onSettled(this);
    try {
      send(this.channel);
    } catch {
      // The channel is closing: the broker gives the message out again, which is what a late settlement means.
    }
  }
}

function lost(): ConnectionLost {
  return new ConnectionLost('The message went back to its queue: the channel it came on is gone.');
}
