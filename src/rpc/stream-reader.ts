import type { Channel, ConsumeMessage } from 'amqplib';
import { closeChannel } from './channel.js';
import type { RpcConnection } from './connection.js';
import { ConnectionLost, TopologyMismatch } from './errors.js';

/** Where to begin to read: at the first entry, at an offset, or at the first chunk written at a time or later. */
export type StreamPosition = 'first' | number | Date;

/** One entry of a stream. */
export interface StreamEntry {
  /** Grows by one with each entry; never used twice. */
  offset: number;
  message: ConsumeMessage;
}

/** Entries that the broker sends ahead; a stream has to be read with a limit. */
const PREFETCH = 500;
const NOT_FOUND = 404;

/**
 * Reads a stream in order, from a position on, without end: a reader at its end waits for what comes. Reading takes
 * nothing away.
 *
 * A time in AMQP has whole seconds; RabbitMQ begins with the first chunk (a group of entries written at once) whose time
 * is the same or later. A position past the end is the end. Seen with RabbitMQ 3.10.
 */
export class StreamReader {
  private readonly waiting: ConsumeMessage[] = [];
  private wake: () => void = () => undefined;
  private lost: Error | null = null;

  private constructor(
    private readonly channel: Channel,
    readonly queue: string,
  ) {
    channel.on('error', (error) => (this.lost = error));
    channel.on('close', () => {
      this.end(new Error('the channel was closed'));
    });
  }

  /** Null: there is no such stream. @throws ConnectionLost, and what the broker refuses */
  static async open(
    { model }: RpcConnection,
    queue: string,
    { from, prefetch = PREFETCH }: { from: StreamPosition; prefetch?: number },
  ): Promise<StreamReader | null> {
    if (!model) throw new ConnectionLost('The connection to RabbitMQ was lost.');
    const reader = new StreamReader(await model.createChannel(), queue);
    try {
      await reader.consume(from, prefetch);
      return reader;
    } catch (error) {
      await reader.close();
      if (error instanceof Error && 'code' in error && error.code === NOT_FOUND) return null;
      throw error;
    }
  }

  /** The next entry; waits until there is one. @throws ConnectionLost; TopologyMismatch when it is no stream */
  async next(): Promise<StreamEntry> {
    for (;;) {
      const message = this.waiting.shift();
      if (message) {
        const offset = this.offsetOf(message);
        // Only gives credit for one more.
        if (!this.lost) this.channel.ack(message);
        return { offset, message };
      }
      if (this.lost) throw this.gone(this.lost);
      await new Promise<void>((resolve) => {
        this.wake = resolve;
      });
    }
  }

  /** Whether the next entry has come already. */
  get ready(): boolean {
    return this.waiting.length > 0;
  }

  async close(): Promise<void> {
    if (!this.lost) await closeChannel(this.channel);
  }

  private async consume(from: StreamPosition, prefetch: number): Promise<void> {
    await this.channel.prefetch(prefetch);
    const offset = from instanceof Date ? { '!': 'timestamp', value: Math.floor(from.getTime() / 1000) } : from;
    await this.channel.consume(
      this.queue,
      (message) => {
        if (message) this.waiting.push(message);
        else this.end(new Error('the stream was deleted, or its broker went down'));
        this.wake();
      },
      { arguments: { 'x-stream-offset': offset } },
    );
  }

  private end(reason: Error): void {
    this.lost ??= reason;
    this.wake();
  }

  /** An ordinary queue would lose what is acknowledged. @throws TopologyMismatch */
  private offsetOf({ properties }: ConsumeMessage): number {
    const offset: unknown = properties.headers?.['x-stream-offset'];
    if (typeof offset === 'number') return offset;
    throw new TopologyMismatch(`Queue "${this.queue}" is no stream.`, this.queue, 'x-queue-type');
  }

  private gone(cause: Error): ConnectionLost {
    return new ConnectionLost(`Stream "${this.queue}" can no longer be read: ${cause.message}`, { cause });
  }
}
