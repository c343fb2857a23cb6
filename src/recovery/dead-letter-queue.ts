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
import { type Letter, readLetter } from '../messages/dead-letter-details.js';
import { DEAD_LETTER_HEADERS, declareDeadLetterQueue, requeuedHeaders } from '../messages/dead-letter.js';
import { deadLetterQueue } from '../messages/queue-names.js';
import { decode, describeMessage, type Description, type ReadOptions } from '../messages/request.js';

/** A letter that was read and is held: nobody else sees it until it is requeued, dropped or given back. */
export interface HeldLetter {
  letter: Letter;
  /** Without its body, where bodies were not asked for. */
  message: GetMessage;
}

export interface LetterSelectionOptions {
  filter: (letter: Letter) => boolean;
  /** Whether the letters' bodies are needed. */
  bodies: boolean;
  /** Most letters to choose. */
  limit?: number | undefined;
  /** Told after each letter how many were read, and of how many. */
  onProgress?: (done: number, all: number) => void;
}

export interface RequeueOptions {
  /** Requeue even what this version of the worker would refuse, for others may know it, and what nobody waits for. */
  force?: boolean;
  /** Told after each letter how many were dealt with, and of how many. */
  onProgress?: (done: number, all: number) => void;
}

export interface LetterSelection {
  letters: HeldLetter[];
  /** More letters are wanted than the limit, or than can be held. */
  more: boolean;
}

export interface DeadLetterQueueOptions extends ReadOptions {
  topic: string;
  queueType: QueueType;
  connection: RpcConnectionOptions;
  /** Seconds to wait for RabbitMQ. Default 10. */
  connectionTimeout?: number;
}

/** Most bytes of letters that are held at once. */
const MAX_HELD_BYTES = 256 * 1024 * 1024;
const NO_BODY = Buffer.alloc(0);
/** RabbitMQ's reason for a letter that waited too long in its queue. */
const EXPIRED = 'expired';
/** Milliseconds to wait for the broker to take a letter: it takes none while it is short of memory or disk. */
const CONFIRM_TIMEOUT = 30_000;

/** There is no queue for dead letters. Thrown to the operator, who corrects the options or starts a worker. */
export class NoDeadLetterQueue extends Error {
  constructor(queue: string) {
    super(
      `there is no queue "${queue}": no worker has run yet, or rpc.topic or the virtual host of transport_url is another`,
    );
    this.name = 'NoDeadLetterQueue';
  }
}

/** Reads and changes the queue of dead letters. What was read and not removed goes back to its place when it closes. */
export class DeadLetterQueue {
  private constructor(
    private readonly options: DeadLetterQueueOptions,
    private readonly connection: RpcConnection,
    private readonly publisher: Publisher,
    private readonly reader: QueueReader,
  ) {}

  /** @throws NoDeadLetterQueue, TopologyMismatch, ConnectionLost when RabbitMQ cannot be reached */
  static async open(options: DeadLetterQueueOptions): Promise<DeadLetterQueue> {
    const { topic, queueType, connectionTimeout = 10 } = options;
    const connection = new RpcConnection(options.connection);
    try {
      await connectWithin(connection, connectionTimeout);
      const reader = await QueueReader.open(connection, deadLetterQueue(topic));
      if (reader === null || connection.model === null) throw new NoDeadLetterQueue(deadLetterQueue(topic));
      // It is there already: this refuses one whose letters could be lost by being looked at.
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
   * Reads all letters, and holds those that the filter wants, oldest first. To be called once.
   *
   * All, even if few are wanted: what goes back to a quorum queue goes behind what went back before, so that only all
   * letters together keep their order. @throws ConnectionLost
   */
  async choose({ filter, bodies, limit = Infinity, onProgress }: LetterSelectionOptions): Promise<LetterSelection> {
    const wanted: HeldLetter[] = [];
    let bytes = 0;
    let tooMuch = false;
    // No more than were there at first: letters that come meanwhile would keep us here.
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
    // Whoever was interrupted while reading has put the oldest letters behind the others, gone back once more than they.
    wanted.sort((one, other) => returnsOf(other) - returnsOf(one));
    return { letters: wanted.slice(0, limit), more: tooMuch || wanted.length > limit };
  }

  /** What can be read of a letter's message. */
  describe({ message }: HeldLetter): Description {
    return describeMessage({ body: message.content, contentType: copyOf(message).contentType }, this.options);
  }

  /**
   * Sends letters back to the queues they came from, one after the other. A letter leaves only when its queue has taken
   * it. One whose queue does not exist stays, with those after it that belong there: none overtakes another. One that
   * still cannot become an operation stays too, or whose caller gave up, unless it is forced.
   *
   * Resolves with the letters that stay, and why. @throws ConnectionLost: those not done yet stay
   */
  async requeue(letters: readonly HeldLetter[], { force = false, onProgress }: RequeueOptions = {}): Promise<Stays[]> {
    const stay: Stays[] = [];
    const missing = new Set<string>();
    for (const [index, { letter, message }] of letters.entries()) {
      const { queue } = letter;
      const wrong = force ? null : this.wrongWith(letter, message);
      if (wrong !== null) {
        stay.push({ letter, why: wrong });
      } else if (queue === null) {
        stay.push({ letter, why: `neither ${DEAD_LETTER_HEADERS.originQueue} nor x-death says where it came from` });
      } else if (missing.has(queue) || !(await this.sent(queue, letter, message))) {
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

  /** Removes letters for good. @throws ConnectionLost: some may be there still */
  async drop(letters: readonly HeldLetter[]): Promise<void> {
    for (const { message } of letters) this.reader.remove(message);
    await this.reader.settled();
  }

  async close(): Promise<void> {
    await this.reader.close();
    await this.publisher.close();
    await this.connection.close();
  }

  /** Why a message is not to be done again unless somebody insists; null: it may be. */
  private wrongWith({ reason }: Letter, message: GetMessage): string | null {
    if (reason === EXPIRED) return 'its caller waits for it no more; --force has it done all the same';
    const { contentType, headers } = copyOf(message);
    const incoming = { body: message.content, contentType, headers, server: null };
    const decoded = decode(incoming, { ...this.options, pingEnabled: true });
    return decoded.kind === 'refused' ? `it would become a dead letter again: ${decoded.detail}` : null;
  }

  /** Whether the queue, if it exists, has taken the message. */
  private async sent(queue: string, letter: Letter, message: GetMessage): Promise<boolean> {
    const { headers, ...copy } = copyOf(message);
    const options = { ...copy, headers: { ...requeuedHeaders(headers), ...storyOf(letter) }, mandatory: true };
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        const why = this.connection.isBlocked ? ': it is short of memory or disk' : '';
        reject(new ConnectionLost(`RabbitMQ did not take a letter within ${CONFIRM_TIMEOUT / 1000} s${why}`));
      }, CONFIRM_TIMEOUT);
    });
    try {
      await Promise.race([this.publisher.publish('', queue, message.content, options), late]);
      return true;
    } catch (error) {
      if (error instanceof Undeliverable) return false;
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }
}

/** What a letter that goes back keeps of its story, whoever told it. */
function storyOf({ first_time: first, deaths }: Letter): Record<string, unknown> {
  if (deaths === 0) return {};
  return { ...(first !== null && { [DEAD_LETTER_HEADERS.firstTime]: first }), [DEAD_LETTER_HEADERS.deaths]: deaths };
}

/** A letter that stays a dead letter. */
export interface Stays {
  letter: Letter;
  why: string;
}

/** How often a letter went back to its quorum queue; 0 in a classic one, which keeps the places. */
function returnsOf({ message }: HeldLetter): number {
  return timesReturned(message.properties.headers ?? {});
}
