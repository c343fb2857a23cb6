import type { Channel, ChannelModel, ConsumeMessage } from 'amqplib';

import type { Logger } from '../log/log.js';
import { closeChannel, type RpcConnection } from './connection.js';
import { useQueue } from './declare.js';
import { ConnectionLost, TopologyMismatch } from './errors.js';

/** A stream that gets a copy of each message that queues of a topic get. */
export interface StreamOptions {
  name: string;
  /** Seconds after which an entry may go. */
  maxAge: number;
  /** Bytes that it may take on disk, about: the oldest segment goes when it takes more. */
  maxBytes: number;
}

/** Entries go by whole segments: the smaller these are, the closer the stream keeps to its limits. */
const SEGMENTS = 100;
const SEGMENT_BYTES = { least: 1_000_000, most: 500_000_000 };

/** The arguments of the stream's queue. Source: RabbitMQ, Streams, "Declaring a RabbitMQ Stream". */
export function streamArguments({ maxAge, maxBytes }: StreamOptions): Record<string, unknown> {
  const segment = Math.floor(maxBytes / SEGMENTS);
  return {
    'x-queue-type': 'stream',
    'x-max-age': `${maxAge}s`,
    'x-max-length-bytes': maxBytes,
    'x-stream-max-segment-size-bytes': Math.min(Math.max(segment, SEGMENT_BYTES.least), SEGMENT_BYTES.most),
  };
}

/**
 * Declares a stream. One that exists with other limits is used as it stands, with a warning: to delete it would be to
 * lose what is in it.
 *
 * @throws TopologyMismatch when a queue that is no stream has its name, or the broker has no streams
 */
export async function declareStream(model: ChannelModel, options: StreamOptions, log: Logger): Promise<void> {
  const { name } = options;
  const standing = (argument: string): boolean => argument !== 'x-queue-type';
  const differences = await useQueue(model, name, streamArguments(options), standing).catch((error: unknown) => {
    throw refused(name, error);
  });
  if (differences.length === 0) return;
  log.warn(
    `stream "${name}" exists with other limits; using it as it stands. To change them, delete it, which loses what is ` +
      'in it, and start again',
    Object.fromEntries(differences.map(({ property, current }) => [property, current])),
  );
}

/** Without streams, the broker calls the type or one of its arguments unsupported. */
function refused(name: string, error: unknown): unknown {
  if (error instanceof TopologyMismatch) return error;
  const reason = error instanceof Error ? error.message : String(error);
  if (!/PRECONDITION_FAILED|NOT_IMPLEMENTED|feature flag/i.test(reason)) return error;
  return new TopologyMismatch(
    `Stream "${name}" cannot be declared: ${reason}. It needs RabbitMQ 3.9 or later with the feature flag stream_queue.`,
    name,
    'x-queue-type',
    { cause: error },
  );
}

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
