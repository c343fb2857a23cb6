import { type ChannelModel, type ConfirmChannel, connect, type Options } from 'amqplib';

import { pause } from '../../src/async/pause.js';

/** Milliseconds between two attempts to connect, and before an unconfirmed message is published again. */
const PAUSE = 300;
/** Seconds between heartbeats. */
const HEARTBEAT = 5;

/** A message and its destination. */
export interface Message {
  exchange: string;
  routingKey: string;
  body: Buffer;
  properties: Options.Publish;
}

/** A connection that publishes with confirms and reconnects as often as necessary. */
export class Link {
  #model: ChannelModel | null = null;
  #channel: Promise<ConfirmChannel> | null = null;
  /** Ids of messages that RabbitMQ returned because no queue takes them. */
  readonly #returned = new Set<string>();
  #count = 0;

  constructor(private readonly where: Options.Connect) {}

  /**
   * Resolves when RabbitMQ has accepted the message, even if it must be sent often. @param repeated called for each
   * repeat
   */
  async publish(message: Message, repeated: () => void = () => undefined): Promise<void> {
    for (let attempt = 0; ; attempt++) {
      const channel = await this.#ready();
      if (attempt > 0) repeated();
      if (await this.#send(channel, message)) return;
      await pause(PAUSE);
    }
  }

  async close(): Promise<void> {
    await this.#model?.close();
  }

  /** Returns a channel as soon as one is open. */
  async #ready(): Promise<ConfirmChannel> {
    for (;;) {
      try {
        return await (this.#channel ??= this.#open());
      } catch {
        await pause(PAUSE);
      }
    }
  }

  /**
   * Returns whether the message was accepted. RabbitMQ confirms a returned message too, but it does not count as
   * accepted.
   */
  async #send(channel: ConfirmChannel, { exchange, routingKey, body, properties }: Message): Promise<boolean> {
    const messageId = String(++this.#count);
    try {
      await new Promise<void>((resolve, reject) => {
        const options = { ...properties, messageId, mandatory: true, persistent: true };
        channel.publish(exchange, routingKey, body, options, (error: unknown) => {
          if (error) reject(error instanceof Error ? error : new Error('refused'));
          else resolve();
        });
      });
      return !this.#returned.delete(messageId);
    } catch {
      return false;
    }
  }

  async #open(): Promise<ConfirmChannel> {
    try {
      const model = await connect({ ...this.where, heartbeat: HEARTBEAT }, { timeout: 5000 });
      this.#model = model;
      const lost = (): void => {
        if (this.#model !== model) return;
        this.#model = null;
        this.#channel = null;
      };
      model.on('error', lost);
      model.on('close', lost);
      const channel = await model.createConfirmChannel();
      channel.on('error', lost);
      channel.on('close', lost);
      channel.on('return', (message) => this.#returned.add(String(message.properties.messageId)));
      return channel;
    } catch (error) {
      this.#channel = null;
      throw error;
    }
  }
}
