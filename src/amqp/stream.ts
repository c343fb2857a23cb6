import type { Channel, ChannelModel, ConsumeMessage } from 'amqplib';

import { errorText } from '../async/error-text.js';
import type { Logger } from '../log/log.js';
import { closeChannel } from './channels.js';
import type { RpcConnection } from './connection.js';
import { useQueue } from './declare.js';
import { ConnectionLost, TopologyMismatch } from './errors.js';

/** Options of a stream. It gets a copy of every message that goes to a topic's queues. */
export interface StreamOptions {
  name: string;
  /** Seconds after which RabbitMQ may remove an entry. */
  maxAge: number;
  /** Approximate bytes that it may take on disk. Above that, RabbitMQ removes the oldest segment. */
  maxBytes: number;
}

/** RabbitMQ removes whole segments: the smaller the segments, the closer the stream keeps to its limits. */
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
 * Declares a stream. An existing stream with other limits is used as it is, with a warning, because deleting it would
 * lose its entries.
 *
 * @throws TopologyMismatch when the name belongs to a queue that is not a stream, or when the broker has no streams
 */
export async function declareStream(model: ChannelModel, options: StreamOptions, log: Logger): Promise<void> {
  const { name } = options;
  const standing = (argument: string): boolean => argument !== 'x-queue-type';
  const differences = await useQueue(model, name, streamArguments(options), standing).catch((error: unknown) => {
    throw refused(name, error);
  });
  if (differences.length === 0) return;
  log.warn(
    `stream "${name}" exists with other limits; using it as it is. To change them, delete the stream, which loses its messages, ` +
      'and start again',
    Object.fromEntries(differences.map(({ property, current }) => [property, current])),
  );
}

/** Turns the broker's error into a TopologyMismatch if it says that it does not support streams. */
function refused(name: string, error: unknown): unknown {
  if (error instanceof TopologyMismatch) return error;
  const reason = errorText(error);
  if (!/PRECONDITION_FAILED|NOT_IMPLEMENTED|feature flag/i.test(reason)) return error;
  return new TopologyMismatch(
    `Stream "${name}" cannot be declared: ${reason}. It needs RabbitMQ 3.9 or later with the feature flag stream_queue.`,
    name,
    'x-queue-type',
    { cause: error },
  );
}

/** Where to start reading: at the first entry, at an offset, or at the first chunk written at or after a time. */
export type StreamPosition = 'first' | number | Date;

/** One entry of a stream. */
export interface StreamEntry {
  /** Position in the stream. It grows by one with each entry and is never reused. */
  offset: number;
  message: ConsumeMessage;
}

/** Entries that the broker sends ahead. RabbitMQ requires such a limit for reading a stream. */
const PREFETCH = 500;
const NOT_FOUND = 404;

/**
 * Reads a stream in order from a given position. At the end of the stream it waits for new entries. Reading removes
 * nothing.
 *
 * AMQP times are whole seconds. RabbitMQ starts with the first chunk (a group of entries written at once) whose time is
 * the given time or later. A position past the end means the end. Seen with RabbitMQ 3.10.
 */
export class StreamReader {
  readonly #waiting: ConsumeMessage[] = [];
  #wake: () => void = () => undefined;
  #lost: Error | null = null;

  private constructor(
    private readonly channel: Channel,
    readonly queue: string,
  ) {
    channel.on('error', (error) => (this.#lost = error));
    channel.on('close', () => {
      this.#end(new Error('the channel was closed'));
    });
  }

  /** Opens a stream for reading. Null if there is no such stream. @throws ConnectionLost, or the broker's refusal */
  static async open(
    { model }: RpcConnection,
    queue: string,
    { from, prefetch = PREFETCH }: { from: StreamPosition; prefetch?: number },
  ): Promise<StreamReader | null> {
    if (!model) throw new ConnectionLost('The connection to RabbitMQ was lost.');
    const reader = new StreamReader(await model.createChannel(), queue);
    try {
      await reader.#consume(from, prefetch);
      return reader;
    } catch (error) {
      await reader.close();
      if (error instanceof Error && 'code' in error && error.code === NOT_FOUND) return null;
      throw error;
    }
  }

  /**
   * Reads the next entry, and waits until there is one.
   * @throws ConnectionLost; TopologyMismatch when it is no stream
   */
  async next(): Promise<StreamEntry> {
    for (;;) {
      const message = this.#waiting.shift();
      if (message) {
        const offset = this.#offsetOf(message);
        // For a stream, an acknowledgement removes nothing; it only lets the broker send one more entry.
        if (!this.#lost) this.channel.ack(message);
        return { offset, message };
      }
      if (this.#lost) throw this.#gone(this.#lost);
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /** Whether the next entry has already arrived. */
  get ready(): boolean {
    return this.#waiting.length > 0;
  }

  async close(): Promise<void> {
    if (!this.#lost) await closeChannel(this.channel);
  }

  async #consume(from: StreamPosition, prefetch: number): Promise<void> {
    await this.channel.prefetch(prefetch);
    const offset = from instanceof Date ? { '!': 'timestamp', value: Math.floor(from.getTime() / 1000) } : from;
    await this.channel.consume(
      this.queue,
      (message) => {
        if (message) this.#waiting.push(message);
        else this.#end(new Error('the stream was deleted, or its broker went down'));
        this.#wake();
      },
      { arguments: { 'x-stream-offset': offset } },
    );
  }

  #end(reason: Error): void {
    this.#lost ??= reason;
    this.#wake();
  }

  /**
   * Returns the entry's offset. It must be called before the acknowledgement: an ordinary queue would lose the message.
   * @throws TopologyMismatch when the message has no offset, so that the queue is no stream
   */
  #offsetOf({ properties }: ConsumeMessage): number {
    const offset: unknown = properties.headers?.['x-stream-offset'];
    if (typeof offset === 'number') return offset;
    throw new TopologyMismatch(`Queue "${this.queue}" is not a stream.`, this.queue, 'x-queue-type');
  }

  #gone(cause: Error): ConnectionLost {
    return new ConnectionLost(`Stream "${this.queue}" can no longer be read: ${cause.message}`, { cause });
  }
}
