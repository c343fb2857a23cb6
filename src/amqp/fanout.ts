import { randomUUID } from 'node:crypto';

import type { Channel, ChannelModel } from 'amqplib';

import type { Logger } from '../log/log.js';
import { closeChannel } from './channels.js';
import type { RpcConnection } from './connection.js';
import { Undeliverable } from './errors.js';
import { declareExchange } from './exchanges.js';
import { Publisher } from './publisher.js';
import type { Resumable } from './resumable.js';

export interface FanoutOptions {
  connection: RpcConnection;
  exchange: string;
  log: Logger;
}

export interface FanoutSubscriberOptions extends FanoutOptions {
  /** Milliseconds for which a message waits in the queue of a slow subscriber. */
  ttl: number;
  /** The most messages that wait in the queue. Beyond it, the broker drops the oldest. */
  maxLength: number;
  /** Must not throw. */
  onMessage: (body: Buffer) => void;
}

/** Declares the exchange durable, though its messages are not: publishers find it after a restart of the broker. */
async function declare(model: ChannelModel, exchange: string, log: Logger): Promise<void> {
  await declareExchange(model, exchange, 'fanout', { durable: true, autoDelete: false }, log);
}

/**
 * Receives a copy of every message of a fanout exchange. It loses the messages that are sent while it is not connected.
 * Its queue is exclusive and is deleted with its connection. Each connection uses a new queue name, because the broker
 * may hold the previous queue for a while after a lost connection. A subscriber does not notice when somebody deletes
 * the exchange: it receives nothing until it connects again.
 */
export class FanoutSubscriber {
  readonly #options: FanoutSubscriberOptions;
  readonly #resumable: Resumable;
  #channel: Channel | null = null;

  constructor(options: FanoutSubscriberOptions) {
    this.#options = options;
    this.#resumable = options.connection.use(`listening to "${options.exchange}"`, (model) => this.#open(model));
  }

  /** Settled by the first attempt: see Resumable.ready. */
  get ready(): Promise<void> {
    return this.#resumable.ready;
  }

  async close(): Promise<void> {
    this.#resumable.release();
    await this.#discard();
  }

  async #open(model: ChannelModel): Promise<void> {
    const { exchange, ttl, maxLength, log, onMessage } = this.#options;
    await this.#discard();
    await declare(model, exchange, log);
    const channel = await model.createChannel();
    channel.on('error', (error) => {
      log.error(`RabbitMQ closed the channel that listens to "${exchange}"`, { reason: error.message });
    });
    channel.on('close', () => {
      if (this.#channel !== channel) return;
      this.#channel = null;
      this.#resumable.again();
    });
    this.#channel = channel;
    const queue = `${exchange}.${randomUUID()}`;
    await channel.assertQueue(queue, {
      exclusive: true,
      autoDelete: true,
      durable: false,
      messageTtl: ttl,
      maxLength,
      arguments: { 'x-queue-type': 'classic' },
    });
    await channel.bindQueue(queue, exchange, '');
    await channel.consume(
      queue,
      (message) => {
        if (message) onMessage(message.content);
        else this.#resumable.again();
      },
      { noAck: true },
    );
    if (this.#resumable.released.aborted) await this.#discard();
  }

  async #discard(): Promise<void> {
    const channel = this.#channel;
    this.#channel = null;
    if (channel) await closeChannel(channel);
  }
}

/** Publishes to all current subscribers of a fanout exchange. It is not an error if there are none. */
export class FanoutPublisher {
  readonly #options: FanoutOptions;
  readonly #publisher: Publisher;
  readonly #declaration: Resumable;

  constructor(options: FanoutOptions) {
    const { connection, exchange, log } = options;
    this.#options = options;
    this.#declaration = connection.use(`declaring exchange "${exchange}"`, (model) => declare(model, exchange, log));
    this.#publisher = new Publisher(connection, log);
  }

  /** Resolves when it can publish. @throws the broker's error if it refuses the declaration */
  async ready(): Promise<void> {
    await this.#declaration.ready;
    await this.#publisher.ready();
  }

  /**
   * Publishes a message. Resolves when the broker has put it into every bound queue.
   *
   * @param ttl milliseconds after which the message is useless and the broker may drop it
   * @throws ConnectionLost or Undeliverable when the message may not have reached the queues
   */
  async publish(body: Buffer, ttl: number): Promise<void> {
    const options = { contentType: 'application/json', persistent: false, expiration: ttl };
    try {
      await this.#publisher.publish(this.#options.exchange, '', body, options);
    } catch (error) {
      // Somebody deleted the exchange. Declare it again for the next message.
      if (error instanceof Undeliverable) this.#declaration.again();
      throw error;
    }
  }

  async close(): Promise<void> {
    this.#declaration.release();
    await this.#publisher.close();
  }
}
