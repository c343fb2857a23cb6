import type { Channel, GetMessage } from 'amqplib';

import { closeChannel } from './channels.js';
import type { RpcConnection } from './connection.js';
import { ConnectionLost } from './errors.js';

const NOT_FOUND = 404;

/**
 * Reads the messages of a queue one by one, and removes selected ones.
 *
 * Messages that were read and not removed go back to the queue on `close`; until then nobody else sees them. A classic
 * queue puts them back in their places. A quorum queue puts them before all messages that were never returned, and
 * behind all that were returned earlier, so a reader that reads all messages does not change their order. A quorum
 * queue counts each return (see timesReturned), and drops a message that was returned more often than its delivery
 * limit. Seen with RabbitMQ 3.10.
 */
export class QueueReader {
  #lost: Error | null = null;

  private constructor(
    private readonly channel: Channel,
    readonly queue: string,
    /** Messages that waited in the queue when the reader was opened. */
    readonly size: number,
  ) {
    channel.on('error', (error) => (this.#lost = error));
    channel.on('close', () => (this.#lost ??= new Error('the channel was closed')));
  }

  /** Opens a queue for reading. Null if there is no such queue. @throws ConnectionLost, or the broker's refusal */
  static async open({ model }: RpcConnection, queue: string): Promise<QueueReader | null> {
    if (!model) throw new ConnectionLost('The connection to RabbitMQ was lost.');
    const channel = await model.createChannel();
    channel.on('error', () => undefined);
    try {
      const { messageCount } = await channel.checkQueue(queue);
      return new QueueReader(channel, queue, messageCount);
    } catch (error) {
      await closeChannel(channel);
      if (error instanceof Error && 'code' in error && error.code === NOT_FOUND) return null;
      throw error;
    }
  }

  /** Reads the next message. Null if there is none at the moment. @throws ConnectionLost */
  next(): Promise<GetMessage | null> {
    return this.#asked(async () => (await this.channel.get(this.queue, { noAck: false })) || null);
  }

  /** Removes a message that was read. @throws ConnectionLost */
  remove(message: GetMessage): void {
    if (this.#lost) throw this.#goneWith(this.#lost);
    this.channel.ack(message);
  }

  /** Resolves when the broker has received all removals. @throws ConnectionLost when it may not have received them */
  async settled(): Promise<void> {
    await this.#asked(() => this.channel.checkQueue(this.queue));
  }

  /** Closes the channel, which returns the messages that were not removed. */
  async close(): Promise<void> {
    if (!this.#lost) await closeChannel(this.channel);
  }

  /** Runs a request on the channel, and rejects if the channel closes: amqplib never settles the request then. */
  async #asked<T>(ask: () => Promise<T>): Promise<T> {
    if (this.#lost) throw this.#goneWith(this.#lost);
    let onClose: () => void = () => undefined;
    const closed = new Promise<never>((_, reject) => {
      onClose = () => {
        reject(this.#goneWith(this.#lost));
      };
      this.channel.once('close', onClose);
    });
    try {
      return await Promise.race([ask(), closed]);
    } catch (error) {
      throw error instanceof ConnectionLost ? error : this.#goneWith(error);
    } finally {
      this.channel.off('close', onClose);
    }
  }

  #goneWith(cause: unknown): ConnectionLost {
    const reason = cause instanceof Error ? cause.message : 'the channel was closed';
    return new ConnectionLost(`Queue "${this.queue}" can no longer be read: ${reason}`, { cause });
  }
}
