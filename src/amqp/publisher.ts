import { randomUUID } from 'node:crypto';

import type { ChannelModel, ConfirmChannel, Message } from 'amqplib';

import { atMost } from '../async/wait.js';
import type { Logger } from '../log/log.js';
import { closeChannel, type RpcConnection } from './connection.js';
import { ConnectionLost, NoExchange, NotConfirmed, Undeliverable, Unsendable } from './errors.js';
import type { MessageCopy, SenderProperties } from './message-copy.js';
import type { Resumable } from './resumable.js';

export interface PublishOptions {
  /** Null: the message says none. */
  contentType: string | null;
  /** Reject with Undeliverable when no queue takes the message. Default false: the broker drops it silently. */
  mandatory?: boolean;
  /** Written to disk by durable queues. Default true. */
  persistent?: boolean;
  headers?: Record<string, unknown>;
  /** Milliseconds after which the broker drops the message from a queue. */
  expiration?: number;
  /** Ends the wait for the broker's confirm; without it, and else, that ends after the publisher's confirmTimeout. */
  signal?: AbortSignal;
  /** Those of a message that is passed on as it came; without them, JSON says that it is UTF-8. */
  properties?: SenderProperties;
}

/** Milliseconds for which a confirm is waited for by default, and milliseconds that closing waits for the last ones. */
const CONFIRM_TIMEOUT = 30_000;
const CLOSE_TIMEOUT = 5_000;

/** Milliseconds before the caller hears of a refused message, and the least age of a channel that is given up for one. */
const REFUSAL_PAUSE = 1_000;

/** Bytes that AMQP's short texts have less than. */
const MAX_SHORT = 256;

/** What amqplib says when the broker sent basic.nack. */
const NACKED = 'message nacked';

interface Pending {
  exchange: string;
  routingKey: string;
  returned: boolean;
  /** Ends the timer, and listening to the signal. */
  stopWaiting: () => void;
  resolve: () => void;
  reject: (error: Error) => void;
}

/**
 * Publishes with the broker's confirms, many at once, in the order of the calls. It opens its channel again by itself;
 * what was not confirmed by then is rejected, and the caller decides whether to send it again.
 */
export class Publisher {
  private channel: ConfirmChannel | null = null;
  private readonly pending = new Map<string, Pending>();
  private readonly prefix = randomUUID();
  private count = 0;
  private openedAt = 0;
  private readonly waiting = new Set<() => void>();
  private readonly resumable: Resumable;

  /** @param confirmTimeout milliseconds for which a confirm is waited for: nothing waits for ever for a broker in need */
  constructor(
    private readonly connection: RpcConnection,
    private readonly log: Logger,
    private readonly confirmTimeout = CONFIRM_TIMEOUT,
  ) {
    const wake = (): void => {
      this.wake();
    };
    connection.on('unblocked', wake);
    this.resumable = connection.use('opening the publishing channel', (model) => this.open(model));
    this.resumable.released.addEventListener('abort', () => {
      connection.off('unblocked', wake);
      this.wake();
    });
  }

  /**
   * Resolves when there is a channel to publish on and the broker accepts messages, or when the signal aborts.
   * @throws ConnectionLost when there will be none any more: the publisher or its connection was closed
   */
  async ready(signal?: AbortSignal): Promise<void> {
    const { released } = this.resumable;
    while ((!this.channel || this.connection.isBlocked) && !signal?.aborted) {
      if (released.aborted) throw new ConnectionLost('The connection to RabbitMQ was closed.');
      await new Promise<void>((resolve) => {
        const wake = (): void => {
          signal?.removeEventListener('abort', wake);
          this.waiting.delete(wake);
          resolve();
        };
        this.waiting.add(wake);
        signal?.addEventListener('abort', wake);
      });
    }
  }

  /**
   * Resolves when the broker has taken responsibility for the message.
   * @throws Undeliverable when it was mandatory and no queue took it
   * @throws NoExchange when there is none of this name
   * @throws ConnectionLost when there is no channel, or none any more, or the broker refused (nack): the message may or
   *   may not have arrived
   * @throws NotConfirmed when it did not do so in time, or is known to accept nothing now
   * @throws Unsendable when AMQP cannot say it
   */
  publish(exchange: string, routingKey: string, body: Buffer, options: PublishOptions): Promise<void> {
    const { channel } = this;
    if (!channel) return Promise.reject(new ConnectionLost('Not published: there is no connection to RabbitMQ.'));
    if (options.signal?.aborted)
      return Promise.reject(new NotConfirmed('Not published: nobody waits for it any more.'));
    // What is written to such a broker stays here, in memory.
    if (this.connection.isBlocked) {
      return Promise.reject(new NotConfirmed('Not published: RabbitMQ accepts no messages (memory or disk alarm).'));
    }
    const { contentType, mandatory = false, persistent = true, headers, expiration } = options;
    const { properties = contentType === 'application/json' ? { contentEncoding: 'utf-8' } : {} } = options;
    const messageId = `${this.prefix}.${++this.count}`;
    return new Promise((resolve, reject) => {
      this.pending.set(messageId, {
        ...{ exchange, routingKey, returned: false, resolve, reject },
        stopWaiting: this.waitAtMost(messageId, options.signal),
      });
      try {
        channel.publish(
          exchange,
          routingKey,
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
            this.settle(messageId, error);
          },
        );
      } catch (error) {
        // amqplib encodes a message before it sends any of it.
        const unsendable = error instanceof TypeError || error instanceof RangeError;
        this.settle(messageId, unsendable ? new Unsendable(error.message, { cause: error }) : error);
      }
    });
  }

  /**
   * Publishes a message once more, to a queue that must exist: as its sender made it, with these headers of ours beside its
   * own. What AMQP does not take back, such as headers of more than 64 kB, is left out: the body counts.
   *
   * @throws as publish
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
      this.log.warn('a message is kept without the headers and properties of its sender', {
        queue,
        reason: error.message,
      });
      const { contentType } = copy;
      const fit = contentType !== null && Buffer.byteLength(contentType) < MAX_SHORT;
      await this.publish('', queue, body, { ...options, contentType: fit ? contentType : null, headers });
    }
  }

  /** Gives up the wait for a confirm in time, and when the signal aborts; the function returned ends that. */
  private waitAtMost(messageId: string, signal: AbortSignal | undefined): () => void {
    const giveUp = (why: string): void => {
      this.settle(
        messageId,
        new NotConfirmed(`RabbitMQ did not confirm the message ${why}; it may or may not arrive.`),
      );
    };
    const onAbort = (): void => {
      giveUp('while it was waited for');
    };
    const timer = setTimeout(giveUp, this.confirmTimeout, `within ${this.confirmTimeout} ms`);
    signal?.addEventListener('abort', onAbort, { once: true });
    return () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
    };
  }

  /** Waits a moment for what is unconfirmed, then closes the channel. */
  async close(): Promise<void> {
    this.resumable.release();
    const { channel } = this;
    this.channel = null;
    if (!channel) return;
    // It rejects when the channel goes meanwhile; the publishers have been told then.
    await atMost(
      CLOSE_TIMEOUT,
      channel.waitForConfirms().catch(() => undefined),
    );
    await closeChannel(channel);
  }

  private async open(model: ChannelModel): Promise<void> {
    const channel = await model.createConfirmChannel();
    channel.on('error', (error) => {
      this.log.error('RabbitMQ closed the publishing channel', { reason: error.message });
      this.blame(error);
    });
    channel.on('return', (message) => {
      this.markReturned(message);
    });
    // By then amqplib has failed every confirm that was still to come.
    channel.on('close', () => {
      if (this.channel !== channel) return;
      this.channel = null;
      this.resumable.again();
    });
    if (this.resumable.released.aborted) {
      await closeChannel(channel);
      return;
    }
    this.channel = channel;
    this.openedAt = performance.now();
    this.wake();
  }

  /**
   * Goes on with another channel, and leaves the old one to its last confirms. A channel of RabbitMQ's remembers who led a
   * quorum queue when it was first published to; if that node was dead already, it refuses all that comes for the queue,
   * for ever. Seen with 3.10.
   */
  private async replace(): Promise<void> {
    const { channel: old } = this;
    const { model } = this.connection;
    if (!old || !model || performance.now() - this.openedAt < REFUSAL_PAUSE) return;
    this.openedAt = performance.now();
    this.log.warn('RabbitMQ refused a message; publishing on another channel from now on');
    try {
      await this.open(model);
    } catch {
      return; // The connection is gone, and the next one comes with a channel.
    }
    await atMost(
      CLOSE_TIMEOUT,
      old.waitForConfirms().catch(() => undefined),
    );
    await closeChannel(old);
  }

  private wake(): void {
    for (const wake of [...this.waiting]) wake();
  }

  /** The broker sends a message back before it confirms it, so the confirm that follows finds the mark. */
  private markReturned(message: Message): void {
    const pending = this.pending.get(String(message.properties.messageId));
    if (pending) pending.returned = true;
  }

  private settle(messageId: string, error: unknown): void {
    const pending = this.take(messageId);
    if (!pending) return;
    const { exchange, routingKey, returned, resolve, reject } = pending;
    if (returned) {
      const place = exchange === '' ? `queue "${routingKey}"` : `queue bound to "${exchange}" with key "${routingKey}"`;
      reject(new Undeliverable(`Not delivered: there is no ${place}.`));
    } else if (error instanceof Error && error.message === NACKED) {
      void this.replace();
      // Whoever tries again at once would be refused at once.
      setTimeout(() => {
        reject(new ConnectionLost('RabbitMQ refused the message; it is not in every queue that it was for.'));
      }, REFUSAL_PAUSE);
    } else if (error instanceof Unsendable || error instanceof NotConfirmed) {
      reject(error);
    } else if (error) {
      reject(new ConnectionLost('RabbitMQ did not confirm the message; it may or may not be there.', { cause: error }));
    } else {
      resolve();
    }
  }

  /** Publishing to an exchange that is not there closes the channel for all that use it. */
  private blame(failure: Error): void {
    for (const [messageId, { exchange, reject }] of [...this.pending]) {
      if (!failure.message.includes(`no exchange '${exchange}'`)) continue;
      this.take(messageId);
      reject(new NoExchange(exchange, { cause: failure }));
    }
  }

  /** What is waited for no more, however it ended; undefined: it had ended before. */
  private take(messageId: string): Pending | undefined {
    const pending = this.pending.get(messageId);
    pending?.stopWaiting();
    this.pending.delete(messageId);
    return pending;
  }
}
