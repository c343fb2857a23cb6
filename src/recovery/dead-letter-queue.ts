import type { GetMessage } from 'amqplib';

import {
  ConnectionLost,
  connectWithin,
  copyOf,
  Publisher,
  QueueReader,
  type QueueType,
  RpcConnection,
  type RpcConnectionOptions,
  timesReturned,
  Undeliverable,
} from '../amqp/index.js';
import { within } from '../async/within.js';
import { NetprovError } from '../errors.js';
import { DEAD_LETTER_HEADERS, declareDeadLetterQueue, requeuedHeaders } from '../messages/dead-letter.js';
import { type Letter, readLetter } from '../messages/dead-letter-details.js';
import { deadLetterQueue } from '../messages/queue-names.js';
import { decode, describeMessage, type Description, type ReadOptions } from '../messages/request.js';

/** A dead letter that was read and is held. No other reader sees it until it is requeued, dropped or given back. */
export interface HeldLetter {
  letter: Letter;
  /** The message. Its body is empty if the caller asked for no bodies. */
  message: GetMessage;
}

export interface LetterSelectionOptions {
  filter: (letter: Letter) => boolean;
  /** Whether the letters' bodies are needed. */
  bodies: boolean;
  /** Most letters to choose. */
  limit?: number | undefined;
  /** Called after each letter, with the number of letters read and of all letters. */
  onProgress?: (done: number, all: number) => void;
}

export interface RequeueOptions {
  /** Requeue also messages that this version of the worker would refuse (others may not), and expired calls. */
  force?: boolean;
  /** Called after each letter, with the number of letters done and of all letters. */
  onProgress?: (done: number, all: number) => void;
}

export interface LetterSelection {
  letters: HeldLetter[];
  /** Whether more letters match than the limit allows, or than can be held. */
  more: boolean;
}

export interface DeadLetterQueueOptions extends ReadOptions {
  topic: string;
  queueType: QueueType;
  connection: RpcConnectionOptions;
  /** Seconds to wait for RabbitMQ. Default 10. */
  connectionTimeout?: number;
}

/** Most bytes of letter bodies that are held at once. */
const MAX_HELD_BYTES = 256 * 1024 * 1024;
const NO_BODY = Buffer.alloc(0);
/** RabbitMQ's reason for a message that waited too long in its queue. */
const EXPIRED = 'expired';
/** Milliseconds to wait until the broker takes a letter. It takes none while it is short of memory or disk. */
const CONFIRM_TIMEOUT = 30_000;

/** The dead-letter queue does not exist. Thrown to the operator, who corrects the options or starts a worker. */
export class NoDeadLetterQueue extends NetprovError {
  readonly code = 'no_dead_letter_queue';

  constructor(queue: string) {
    super(`there is no queue "${queue}": start a worker, or correct rpc.topic or the virtual host in transport_url`);
  }
}

/** Reads and changes the dead-letter queue. On close, letters that were read but not removed return to their places. */
export class DeadLetterQueue {
  private constructor(
    private readonly options: DeadLetterQueueOptions,
    private readonly connection: RpcConnection,
    private readonly publisher: Publisher,
    private readonly reader: QueueReader,
  ) {}

  /** Connects to RabbitMQ and opens the queue. @throws NoDeadLetterQueue, TopologyMismatch, ConnectionLost */
  static async open(options: DeadLetterQueueOptions): Promise<DeadLetterQueue> {
    const { topic, queueType, connectionTimeout = 10 } = options;
    const connection = new RpcConnection(options.connection);
    try {
      await connectWithin(connection, connectionTimeout);
      const reader = await QueueReader.open(connection, deadLetterQueue(topic));
      if (reader === null || connection.model === null) throw new NoDeadLetterQueue(deadLetterQueue(topic));
      // The queue exists already. This check refuses a queue without our high delivery limit: RabbitMQ may drop its
      // letters after some looks at them.
      await declareDeadLetterQueue(connection.model, topic, queueType);
      const publisher = new Publisher(connection, options.connection.log);
      await publisher.ready();
      return new DeadLetterQueue(options, connection, publisher, reader);
    } catch (error) {
      await connection.close();
      throw error;
    }
  }

  /**
   * Reads all letters, and holds those that match the filter, oldest first. Call it only once.
   *
   * It reads all letters even if few are wanted. A letter that returns to a quorum queue goes behind the letters that
   * returned before it, so the order is kept only if all letters return together.
   *
   * @throws ConnectionLost
   */
  async choose({ filter, bodies, limit = Infinity, onProgress }: LetterSelectionOptions): Promise<LetterSelection> {
    const wanted: HeldLetter[] = [];
    let bytes = 0;
    let tooMuch = false;
    // Reads only as many letters as there were at first. Otherwise new letters could keep this loop running.
    const { size } = this.reader;
    for (let done = 1; done <= size; done++) {
      const message = await this.reader.next();
      if (message === null) break;
      const letter = readLetter(message, this.options);
      if (filter(letter)) {
        if (bodies) bytes += letter.bytes;
        tooMuch ||= bytes > MAX_HELD_BYTES && wanted.length > 0;
        if (!tooMuch) wanted.push({ letter, message: bodies ? message : { ...message, content: NO_BODY } });
      }
      onProgress?.(done, size);
    }
    // A reader that was interrupted has put the oldest letters behind the others. They have returned once more.
    wanted.sort((one, other) => returnsOf(other) - returnsOf(one));
    return { letters: wanted.slice(0, limit), more: tooMuch || wanted.length > limit };
  }

  /** Describes a letter's message, as far as it can be read. */
  describe({ message }: HeldLetter): Description {
    return describeMessage({ body: message.content, contentType: copyOf(message).contentType }, this.options);
  }

  /**
   * Sends letters back to the queues they came from, one after the other. A letter is removed only after its queue has
   * taken it. A letter whose queue does not exist stays, and so do later letters of the same queue, so that none
   * overtakes another. Without `force`, a letter also stays if it still cannot become an operation, or if its caller
   * gave up.
   *
   * @returns the letters that stay, and why
   * @throws ConnectionLost; the letters that are not done yet stay
   */
  async requeue(letters: readonly HeldLetter[], { force = false, onProgress }: RequeueOptions = {}): Promise<Stays[]> {
    const stay: Stays[] = [];
    const missing = new Set<string>();
    for (const [index, { letter, message }] of letters.entries()) {
      const { queue } = letter;
      const wrong = force ? null : this.#wrongWith(letter, message);
      if (wrong !== null) {
        stay.push({ letter, why: wrong });
      } else if (queue === null) {
        stay.push({
          letter,
          why: `its original queue is unknown: it has neither the header ${DEAD_LETTER_HEADERS.originQueue} nor x-death`,
        });
      } else if (missing.has(queue) || !(await this.#sent(queue, letter, message))) {
        missing.add(queue);
        stay.push({ letter, why: `its queue "${queue}" does not exist` });
      } else {
        this.reader.remove(message);
      }
      onProgress?.(index + 1, letters.length);
    }
    await this.reader.settled();
    return stay;
  }

  /** Removes letters for good. @throws ConnectionLost; some letters may then still be there */
  async drop(letters: readonly HeldLetter[]): Promise<void> {
    for (const { message } of letters) this.reader.remove(message);
    await this.reader.settled();
  }

  async close(): Promise<void> {
    await this.reader.close();
    await this.publisher.close();
    await this.connection.close();
  }

  /** Why a message is not requeued without `force`; null: it may be requeued. */
  #wrongWith({ reason }: Letter, message: GetMessage): string | null {
    if (reason === EXPIRED) return 'its caller no longer waits for it; --force requeues it anyway';
    const { contentType, headers } = copyOf(message);
    const incoming = { body: message.content, contentType, headers, server: null };
    const decoded = decode(incoming, { ...this.options, pingEnabled: true });
    return decoded.kind === 'refused' ? `it would become a dead letter again: ${decoded.detail}` : null;
  }

  /** Sends a message to a queue. Returns false if the queue does not exist. @throws ConnectionLost */
  async #sent(queue: string, letter: Letter, message: GetMessage): Promise<boolean> {
    const { headers, ...copy } = copyOf(message);
    const options = { ...copy, headers: { ...requeuedHeaders(headers), ...storyOf(letter) }, mandatory: true };
    try {
      await within(CONFIRM_TIMEOUT, this.publisher.publish('', queue, message.content, options), () => {
        const why = this.connection.isBlocked ? ': it is low on memory or disk' : '';
        throw new ConnectionLost(`RabbitMQ did not accept a dead letter within ${CONFIRM_TIMEOUT / 1000} s${why}`);
      });
      return true;
    } catch (error) {
      if (error instanceof Undeliverable) return false;
      throw error;
    }
  }
}

/** The headers by which a requeued letter keeps its first time and its deaths, whether we or RabbitMQ recorded them. */
function storyOf({ first_time: first, deaths }: Letter): Record<string, unknown> {
  if (deaths === 0) return {};
  return { ...(first !== null && { [DEAD_LETTER_HEADERS.firstTime]: first }), [DEAD_LETTER_HEADERS.deaths]: deaths };
}

/** A letter that was not requeued, and why. */
export interface Stays {
  letter: Letter;
  why: string;
}

/** How often a letter returned to its quorum queue. It is 0 in a classic queue, where letters keep their places. */
function returnsOf({ message }: HeldLetter): number {
  return timesReturned(message.properties.headers ?? {});
}
