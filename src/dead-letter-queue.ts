import type { GetMessage } from 'amqplib';

import { readLetter, type Letter } from './dead-letter.js';
import {
  connectWithin,
  ConnectionLost,
  copyOf,
  Publisher,
  QueueReader,
  RpcConnection,
  Undeliverable,
  type RpcConnectionOptions,
} from './rpc/index.js';
import { DEAD_LETTER_HEADERS, requeuedHeaders } from './worker/dead-letters.js';
import { describeMessage, type Description, type ReadOptions } from './worker/describe.js';

/** A letter that was read and is held: nobody else sees it until it is requeued, dropped or given back. */
export interface HeldLetter {
  letter: Letter;
  /** Without its body, where bodies were not asked for. */
  message: GetMessage;
}

export interface ChooseOptions {
  filter: (letter: Letter) => boolean;
  /** Whether the letters' bodies are needed. */
  bodies: boolean;
  /** Most letters to choose. */
  limit?: number | undefined;
  /** Told after each letter how many were read, and of how many. */
  onProgress?: (done: number, all: number) => void;
}

export interface Chosen {
  letters: HeldLetter[];
  /** Letters were left unread, since the limit, or as much as can be held, was reached. */
  more: boolean;
}

export interface DeadLetterQueueOptions extends ReadOptions {
  queue: string;
  connection: RpcConnectionOptions;
  /** Seconds to wait for RabbitMQ. Default 10. */
  connectionTimeout?: number;
}

/**
 * RabbitMQ 4 drops a message that went back to a quorum queue 20 times, unless a policy says otherwise; every look at a
 * letter sends it back once. Letters that went back so often are therefore made anew.
 */
const RENEW_AT = 10;
/** Most bytes of letters that are held at once. */
const MAX_HELD_BYTES = 256 * 1024 * 1024;
const NO_BODY = Buffer.alloc(0);
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
    private reader: QueueReader,
  ) {}

  /** @throws NoDeadLetterQueue, ConnectionLost when RabbitMQ cannot be reached */
  static async open(options: DeadLetterQueueOptions): Promise<DeadLetterQueue> {
    const connection = new RpcConnection(options.connection);
    try {
      await connectWithin(connection, options.connectionTimeout ?? 10);
      const publisher = new Publisher(connection, options.connection.log);
      await publisher.ready();
      return new DeadLetterQueue(options, connection, publisher, await openReader(connection, options.queue));
    } catch (error) {
      await connection.close();
      throw error;
    }
  }

  /** Reads the letters, oldest first, and holds those that the filter wants. To be called once. @throws ConnectionLost */
  async choose({ filter, bodies, limit = Infinity, onProgress }: ChooseOptions): Promise<Chosen> {
    const letters: HeldLetter[] = [];
    let bytes = 0;
    const first = await this.first();
    // No more than were there at first: letters that come meanwhile would keep us here.
    const { size } = this.reader;
    for (let done = 1, message = first; message !== null; done++) {
      const letter = readLetter(message, this.options);
      if (filter(letter)) {
        letters.push({ letter, message: bodies ? message : { ...message, content: NO_BODY } });
        if (bodies) bytes += letter.bytes;
      }
      onProgress?.(done, size);
      if (done >= size) break;
      if (letters.length >= limit || bytes > MAX_HELD_BYTES) return { letters, more: true };
      message = await this.reader.next();
    }
    return { letters, more: false };
  }

  /** What can be read of a letter's message. */
  describe({ message }: HeldLetter): Description {
    return describeMessage({ body: message.content, contentType: copyOf(message).contentType }, this.options);
  }

  /**
   * Sends letters back to the queues they came from, one after the other. A letter leaves only when its queue has taken
   * it. One whose queue does not exist stays, with those after it that belong there: none overtakes another.
   *
   * Resolves with the letters that stay, and why. @throws ConnectionLost: those not done yet stay
   */
  async requeue(letters: readonly HeldLetter[], onProgress?: (done: number, all: number) => void): Promise<Stays[]> {
    const stay: Stays[] = [];
    const missing = new Set<string>();
    for (const [index, { letter, message }] of letters.entries()) {
      const { queue } = letter;
      if (queue === null) {
        stay.push({ letter, why: `it has no header ${DEAD_LETTER_HEADERS.originQueue}` });
      } else if (missing.has(queue) || !(await this.sent(queue, message, requeuedHeaders))) {
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

  /** The oldest letter, once all letters are fit to be read. */
  private async first(): Promise<GetMessage | null> {
    const first = await this.reader.next();
    // The oldest has gone back the most often.
    if (first === null || returnsOf(first) < RENEW_AT) return first;
    await this.renew(first);
    await this.reader.close();
    this.reader = await openReader(this.connection, this.options.queue);
    return this.reader.next();
  }

  /** Puts a fresh copy of every letter in its place, in their order. A letter leaves only when its copy is there. */
  private async renew(first: GetMessage): Promise<void> {
    const { queue, size } = this.reader;
    for (let done = 1, message: GetMessage | null = first; message !== null; done++) {
      const copied = await this.sent(queue, message, (headers) => headers);
      if (!copied) throw new NoDeadLetterQueue(queue);
      this.reader.remove(message);
      message = done < size ? await this.reader.next() : null;
    }
    await this.reader.settled();
  }

  /** Whether the queue, if it exists, has taken the message. */
  private async sent(queue: string, message: GetMessage, change: (headers: Headers) => Headers): Promise<boolean> {
    const { headers, ...copy } = copyOf(message);
    const options = { ...copy, headers: change(headers), mandatory: true };
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

/** A letter that stays a dead letter. */
export interface Stays {
  letter: Letter;
  why: string;
}

type Headers = Record<string, unknown>;

async function openReader(connection: RpcConnection, queue: string): Promise<QueueReader> {
  const reader = await QueueReader.open(connection, queue);
  if (reader === null) throw new NoDeadLetterQueue(queue);
  return reader;
}

/** How often a message went back to its quorum queue. */
function returnsOf({ properties }: GetMessage): number {
  const count: unknown = properties.headers?.['x-delivery-count'];
  return typeof count === 'number' ? count : 0;
}
