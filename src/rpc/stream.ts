import type { ChannelModel } from 'amqplib';
import type { Logger } from '../log.js';
import { useQueue } from './declare-queue.js';
import { TopologyMismatch } from './errors.js';

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
