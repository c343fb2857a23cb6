import { randomUUID } from 'node:crypto';

import type { ConsumeMessage } from 'amqplib';

import {
  ConnectionLost,
  connectWithin,
  copyOf,
  fanoutName,
  onChannel,
  Publisher,
  RpcConnection,
  type RpcConnectionOptions,
  type StreamEntry,
  type StreamPosition,
  StreamReader,
  Undeliverable,
} from '../amqp/index.js';
import { within } from '../async/within.js';
import { IronicError } from '../contract/errors.js';
import { onlyAsks } from '../contract/methods.js';
import { NetprovError } from '../errors.js';
import { journalName } from '../messages/queue-names.js';
import { decode, describeMessage, type ReadOptions } from '../messages/request.js';
import { queueName } from '../rpc/index.js';
import { aspectOf, type JournalEntry } from './replay-plan.js';

/** Most entries of one replay plan. Each takes some 400 bytes of memory. */
export const MAX_ENTRIES = 1_000_000;

/** Milliseconds to wait until the broker takes a message. It takes none while it is short of memory or disk. */
const CONFIRM_TIMEOUT = 30_000;

/** Type of the message that marks, for a reader, where the journal ended when the reader began. */
const MARK = 'netprov-journal-mark';

export interface JournalReaderOptions extends ReadOptions {
  topic: string;
  /** Seconds for which the journal's entries can be replayed. */
  maxAge: number;
  connection: RpcConnectionOptions;
  /** Seconds to wait for RabbitMQ. Default 10. */
  connectionTimeout?: number;
}

/** A range of the journal: from a time or an offset, to a time or an offset. */
export interface Range {
  from: StreamPosition;
  /** Null: to the end that the journal has when it is read. */
  to: number | Date | null;
}

/** The entries of a range and those after it, as they were at the survey. */
export interface Survey {
  entries: JournalEntry[];
  /** The first offset after the range. */
  end: number;
  /** Entries before this offset are so old that the database may have forgotten how they ended. */
  oldest: number;
}

/** There is no journal. Thrown to the operator, who corrects the options or starts a worker that declares one. */
export class NoJournal extends NetprovError {
  readonly code = 'no_journal';

  constructor(stream: string) {
    super(
      `there is no journal "${stream}": start a worker with journal.enabled, or correct rpc.topic or the virtual host in ` +
        'transport_url is another',
    );
  }
}

/** The range has more entries than one plan can hold. Thrown to the operator, who gives a later --from. */
export class TooManyEntries extends NetprovError {
  readonly code = 'too_many_entries';

  constructor() {
    super(`the journal has more than ${MAX_ENTRIES} entries from that time on: give a later --from`);
  }
}

/** Reads the journal, the stream with a copy of every request. Reading removes nothing from it. */
export class Journal {
  readonly #options: JournalReaderOptions;
  readonly #connection: RpcConnection;
  readonly #readers: StreamReader[] = [];
  readonly publisher: Publisher;
  /** Reads the entries that come after the survey. */
  #rest: StreamReader | null = null;

  private constructor(options: JournalReaderOptions, connection: RpcConnection) {
    this.#options = options;
    this.#connection = connection;
    this.publisher = new Publisher(connection, options.connection.log);
  }

  /** Connects to RabbitMQ. The journal itself is opened by the first read. @throws ConnectionLost */
  static async open(options: JournalReaderOptions): Promise<Journal> {
    const connection = new RpcConnection(options.connection);
    const journal = new Journal(options, connection);
    try {
      await connectWithin(connection, options.connectionTimeout ?? 10);
      await journal.publisher.ready();
      return journal;
    } catch (error) {
      await journal.close();
      throw error;
    }
  }

  get name(): string {
    return journalName(this.#options.topic);
  }

  /** Waits until the broker has confirmed a message. @throws ConnectionLost when that takes too long; its own errors */
  async taken(published: Promise<void>): Promise<void> {
    await within(CONFIRM_TIMEOUT, published, () => {
      const why = this.#connection.isBlocked ? ': it is low on memory or disk' : '';
      throw new ConnectionLost(`RabbitMQ did not accept a message within ${CONFIRM_TIMEOUT / 1000} s${why}`);
    });
  }

  /**
   * Reads from a position to the current end of the journal. To find that end, it publishes a mark into the journal:
   * RabbitMQ cannot tell the end, because it counts a stream's entries with a delay of seconds.
   *
   * @throws NoJournal, TooManyEntries, ConnectionLost
   */
  async survey({ from, to }: Range, onProgress: (done: number) => void): Promise<Survey> {
    const oldestTime = new Date(Date.now() - this.#options.maxAge * 1000);
    // The border at a time is the first entry that a reader from that time gets. At the latest, that is the mark.
    const oldest = await this.#read(oldestTime, 1);
    const after = to instanceof Date ? await this.#read(new Date(to.getTime() + 1000), 1) : null;
    const reader = await this.#read(from);
    const mark = randomUUID();
    const properties = { type: MARK, correlationId: mark };
    const marked = { contentType: null, mandatory: true, properties };
    await this.taken(this.publisher.publish('', this.name, Buffer.alloc(0), marked));
    const entries: JournalEntry[] = [];
    for (;;) {
      const entry = await reader.next();
      if (entry.message.properties.correlationId === mark) {
        this.#rest = reader;
        const end = typeof to === 'number' ? to + 1 : ((await after?.next())?.offset ?? entry.offset);
        return { entries, end: Math.min(end, entry.offset), oldest: (await oldest.next()).offset };
      }
      if (isMark(entry)) continue;
      if (entries.length === MAX_ENTRIES) throw new TooManyEntries();
      entries.push(this.#describe(entry));
      onProgress(entries.length);
    }
  }

  /** The nodes of changing requests that came since the survey, as far as their journal entries have arrived here. */
  async newcomers(): Promise<string[]> {
    const nodes: string[] = [];
    while (this.#rest?.ready) {
      const { node, changes } = this.#describe(await this.#rest.next());
      if (node !== null && changes) nodes.push(node);
    }
    return nodes;
  }

  /** Reads the messages from an offset on. It never ends: the caller breaks off. @throws ConnectionLost */
  async *messages(from: number): AsyncGenerator<StreamEntry> {
    const reader = await this.#read(from);
    for (;;) yield await reader.next();
  }

  /** Checks that the queues exist. @throws Undeliverable that names the queues that do not exist; ConnectionLost */
  async assertQueues(queues: readonly string[]): Promise<void> {
    const { model } = this.#connection;
    if (!model) throw new ConnectionLost('The connection to RabbitMQ was lost.');
    const missing: string[] = [];
    for (const queue of queues) {
      await onChannel(model, (channel) => channel.checkQueue(queue)).catch((error: unknown) => {
        if (!(error instanceof Error && 'code' in error && error.code === 404)) throw error;
        missing.push(queue);
      });
    }
    if (missing.length > 0) throw new Undeliverable(`Nothing was sent: there is no queue "${missing.join('", "')}".`);
  }

  async close(): Promise<void> {
    for (const reader of this.#readers) await reader.close();
    await this.publisher.close();
    await this.#connection.close();
  }

  async #read(from: StreamPosition, prefetch?: number): Promise<StreamReader> {
    const reader = await StreamReader.open(this.#connection, this.name, { from, ...(prefetch && { prefetch }) });
    if (reader === null) throw new NoJournal(this.name);
    this.#readers.push(reader);
    return reader;
  }

  #describe({ offset, message }: StreamEntry): JournalEntry {
    const { contentType, headers } = copyOf(message);
    const incoming = { body: message.content, contentType, headers, server: null };
    const decoded = decode(incoming, { ...this.#options, pingEnabled: true });
    const queue = this.#queueOf(message);
    const entry = { offset, queue, ended: null };
    if (decoded.kind === 'refused') {
      const { operationId, node, method } = describeMessage(incoming, this.#options);
      const problem = `${decoded.reason}: ${decoded.detail}`;
      return { ...entry, id: operationId, node, method, aspect: null, problem, changes: false };
    }
    const problem = queue === null ? 'it did not go to a queue of this topic' : null;
    const { uniqueId: id, method } = decoded.request;
    if (decoded.kind === 'ping') return { ...entry, id, node: null, method, aspect: null, problem, changes: false };
    if (decoded.kind === 'question') {
      const { nodeUuid } = decoded.which;
      return { ...entry, id, node: nodeUuid, method, aspect: null, problem, changes: false };
    }
    const { start, subject } = decoded;
    const aspect = subject instanceof IronicError ? null : aspectOf(decoded.method, subject.args);
    return { ...entry, id, node: start.nodeUuid, method, aspect, problem, changes: !onlyAsks(decoded.method) };
  }

  /** The queue that a message went to, according to its exchange and routing key; null: none of this topic. */
  #queueOf({ fields: { exchange, routingKey } }: ConsumeMessage): string | null {
    const { topic } = this.#options;
    if (exchange === fanoutName(topic)) return exchange;
    const ours = exchange !== '' && (routingKey === topic || routingKey.startsWith(queueName(topic, '')));
    return ours ? routingKey : null;
  }
}

function isMark({ message }: StreamEntry): boolean {
  return message.properties.type === MARK;
}
