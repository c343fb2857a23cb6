import { randomUUID } from 'node:crypto';

import type { ChannelModel, ConfirmChannel } from 'amqplib';

import { within } from '../async/within.js';
import type { Logger } from '../log/log.js';
import { closeChannel } from './channels.js';
import type { RpcConnection } from './connection.js';
import { ConnectionLost, NotConfirmed, Unsendable } from './errors.js';
import type { MessageCopy, SenderProperties } from './message-copy.js';
import { Outstanding, type OutstandingMessage, REFUSAL_PAUSE } from './outstanding.js';
import type { Resumable } from './resumable.js';

export interface PublishOptions {
  /** Null: the message has no content type. */
  contentType: string | null;
  /**
   * Whether to reject with Undeliverable if no queue takes the message. Default false: the broker drops it silently.
   */
  mandatory?: boolean;
  /** Whether durable queues write the message to disk. Default true. */
  persistent?: boolean;
  headers?: Record<string, unknown>;
  /** Milliseconds after which the broker drops the message from a queue. */
  expiration?: number;
  /** Aborting it ends the wait for the broker's confirm. The wait always ends after the publisher's confirmTimeout. */
  signal?: AbortSignal;
  /** Properties of a message that is passed on as it came. Default: JSON is marked as UTF-8. */
  properties?: SenderProperties;
}

/** Milliseconds to wait for a confirm by default, and milliseconds to wait for the last confirms when closing. */
const CONFIRM_TIMEOUT = 30_000;
const CLOSE_TIMEOUT = 5_000;

/** AMQP's short strings have fewer bytes than this. */
const MAX_SHORT = 256;

/** One of many messages that are published together. */
export interface GroupedMessage extends Pick<PublishOptions, 'contentType'> {
  routingKey: string;
  body: Buffer;
}

const nothing = (): void => undefined;

/**
 * Publishes messages with broker confirms, many at once, in the order of the calls. After a loss it reopens its channel
 * by itself. It rejects the messages that were not confirmed before, and the caller decides whether to send them again.
 */
export class Publisher {
  #channel: ConfirmChannel | null = null;
  readonly #outstanding: Outstanding;
  readonly #prefix = randomUUID();
  #count = 0;
  #openedAt = 0;
  readonly #waiting = new Set<() => void>();
  readonly #resumable: Resumable;

  /**
   * @param confirmTimeout milliseconds to wait for a confirm, so that nobody waits for ever while the broker is short
   *   of memory or disk
   */
  constructor(
    private readonly connection: RpcConnection,
    private readonly log: Logger,
    confirmTimeout = CONFIRM_TIMEOUT,
  ) {
    this.#outstanding = new Outstanding(confirmTimeout, () => void this.#replace());
    const wake = (): void => {
      this.#wake();
    };
    connection.on('unblocked', wake);
    this.#resumable = connection.use('opening the publishing channel', (model) => this.#open(model));
    this.#resumable.released.addEventListener('abort', () => {
      connection.off('unblocked', wake);
      this.#wake();
    });
  }

  /**
   * Resolves when there is a channel to publish on and the broker accepts messages, or when the signal aborts.
   * @throws ConnectionLost when the publisher or its connection was closed for good
   */
  async ready(signal?: AbortSignal): Promise<void> {
    const { released } = this.#resumable;
    while ((!this.#channel || this.connection.isBlocked) && !signal?.aborted) {
      if (released.aborted) throw new ConnectionLost('The connection to RabbitMQ was closed.');
      await new Promise<void>((resolve) => {
        const wake = (): void => {
          signal?.removeEventListener('abort', wake);
          this.#waiting.delete(wake);
          resolve();
        };
        this.#waiting.add(wake);
        signal?.addEventListener('abort', wake);
      });
    }
  }

  /**
   * Publishes a message. Resolves when the broker has taken responsibility for it.
   * @throws Undeliverable when it was mandatory and no queue took it
   * @throws NoExchange when there is no exchange of this name
   * @throws ConnectionLost when there is no channel, when the channel was lost, or when the broker refused (nack): the
   *   message may or may not have arrived
   * @throws NotConfirmed when the broker did not confirm in time, or is known to accept no messages now
   * @throws Unsendable when AMQP cannot encode the message
   */
  publish(exchange: string, routingKey: string, body: Buffer, options: PublishOptions): Promise<void> {
    const channel = this.#openChannel(options.signal);
    if (channel instanceof Error) return Promise.reject(channel);
    return new Promise((resolve, reject) => {
      const messageId = this.#nextId();
      const stopWaiting = this.#outstanding.waitAtMost([messageId], options.signal);
      this.#send(channel, messageId, body, options, { exchange, routingKey, stopWaiting, resolve, reject });
    });
  }

  /**
   * Publishes many messages to one exchange. Resolves when each of them is confirmed or has failed.
   *
   * @param signal aborting it ends the wait for the confirms
   * @returns the error of each message, as `publish` rejects with it; null: the broker has it
   */
  async publishAll(
    exchange: string,
    messages: readonly GroupedMessage[],
    signal?: AbortSignal,
  ): Promise<(Error | null)[]> {
    if (messages.length === 0) return [];
    const channel = this.#openChannel(signal);
    if (channel instanceof Error) return messages.map(() => channel);
    const outcomes: (Error | null)[] = messages.map(() => null);
    const ids = messages.map(() => this.#nextId());
    const stopWaiting = this.#outstanding.waitAtMost(ids, signal);
    await new Promise<void>((resolve) => {
      let left = messages.length;
      const ended = (): void => {
        if (--left === 0) resolve();
      };
      for (const [index, { routingKey, body, contentType }] of messages.entries()) {
        this.#send(
          channel,
          ids[index] ?? '',
          body,
          { contentType },
          {
            exchange,
            routingKey,
            stopWaiting: nothing,
            resolve: ended,
            reject: (error) => {
              outcomes[index] = error;
              ended();
            },
          },
        );
      }
    });
    stopWaiting();
    return outcomes;
  }

  /** The channel to publish on, or the reason why nothing can be published now. */
  #openChannel(signal: AbortSignal | undefined): ConfirmChannel | Error {
    if (!this.#channel) return new ConnectionLost('Not published: there is no connection to RabbitMQ.');
    if (signal?.aborted) return new NotConfirmed('Not published: the caller gave up.');
    // A blocked broker does not read, so messages written to it would pile up in our memory.
    if (!this.connection.isBlocked) return this.#channel;
    return new NotConfirmed('Not published: RabbitMQ accepts no messages (memory or disk alarm).');
  }

  #nextId(): string {
    return `${this.#prefix}.${++this.#count}`;
  }

  #send(
    channel: ConfirmChannel,
    messageId: string,
    body: Buffer,
    options: PublishOptions,
    message: OutstandingMessage,
  ): void {
    const { contentType, mandatory = false, persistent = true, headers, expiration } = options;
    const { properties = contentType === 'application/json' ? { contentEncoding: 'utf-8' } : {} } = options;
    this.#outstanding.add(messageId, message);
    try {
      channel.publish(
        message.exchange,
        message.routingKey,
        body,
        {
          ...properties,
          messageId,
          ...(contentType !== null && { contentType }),
          mandatory,
          persistent,
          ...(headers && { headers }),
          ...(expiration !== undefined && { expiration }),
        },
        (error: unknown) => {
          this.#outstanding.end(messageId, error);
        },
      );
    } catch (error) {
      // amqplib encodes the whole message before it sends any of it, so nothing was sent.
      const unsendable = error instanceof TypeError || error instanceof RangeError;
      this.#outstanding.end(messageId, unsendable ? new Unsendable(error.message, { cause: error }) : error);
    }
  }

  /**
   * Publishes a copy of a message to a queue that must exist. The copy has the sender's properties and headers, plus
   * the given headers of ours. If AMQP cannot encode them, such as headers of more than 64 kB, the sender's properties
   * and headers are left out: the body is what matters.
   *
   * @throws the same errors as publish
   */
  async publishCopy(
    queue: string,
    body: Buffer,
    { headers: own, ...copy }: MessageCopy,
    headers: Record<string, unknown>,
    signal?: AbortSignal,
  ): Promise<void> {
    const options = { mandatory: true, ...(signal && { signal }) };
    try {
      await this.publish('', queue, body, { ...copy, ...options, headers: { ...own, ...headers } });
    } catch (error) {
      if (!(error instanceof Unsendable)) throw error;
      this.log.warn("a message is published without its sender's headers and properties, which AMQP does not allow", {
        queue,
        reason: error.message,
      });
      const { contentType } = copy;
      const fit = contentType !== null && Buffer.byteLength(contentType) < MAX_SHORT;
      await this.publish('', queue, body, { ...options, contentType: fit ? contentType : null, headers });
    }
  }

  /** Waits a moment for outstanding confirms, then closes the channel. */
  async close(): Promise<void> {
    this.#resumable.release();
    const channel = this.#channel;
    this.#channel = null;
    if (!channel) return;
    // It rejects if the channel is lost meanwhile. The callers of `publish` have got their errors by then.
    const confirmed = channel.waitForConfirms().catch(() => undefined);
    await within(CLOSE_TIMEOUT, confirmed, () => undefined);
    await closeChannel(channel);
  }

  async #open(model: ChannelModel): Promise<void> {
    const channel = await model.createConfirmChannel();
    channel.on('error', (error) => {
      this.log.error('RabbitMQ closed the publishing channel', { reason: error.message });
      this.#outstanding.blame(error);
    });
    channel.on('return', (message) => {
      this.#outstanding.markReturned(message);
    });
    // When this event comes, amqplib has already failed every outstanding confirm.
    channel.on('close', () => {
      if (this.#channel !== channel) return;
      this.#channel = null;
      this.#resumable.again();
    });
    if (this.#resumable.released.aborted) {
      await closeChannel(channel);
      return;
    }
    this.#channel = channel;
    this.#openedAt = performance.now();
    this.#wake();
  }

  /**
   * Switches to a new channel, and closes the old one after its last confirms. A channel in RabbitMQ remembers which
   * node led a quorum queue when the channel first published to it. If that node was already dead, the channel refuses
   * every message for the queue, for ever. Seen with 3.10.
   */
  async #replace(): Promise<void> {
    const old = this.#channel;
    const { model } = this.connection;
    if (!old || !model || performance.now() - this.#openedAt < REFUSAL_PAUSE) return;
    this.#openedAt = performance.now();
    this.log.warn('RabbitMQ refused a message; opening another channel for publishing');
    try {
      await this.#open(model);
    } catch {
      return; // The connection is lost. The next connection opens a new channel.
    }
    const confirmed = old.waitForConfirms().catch(() => undefined);
    await within(CLOSE_TIMEOUT, confirmed, () => undefined);
    await closeChannel(old);
  }

  #wake(): void {
    for (const wake of [...this.#waiting]) wake();
  }
}
