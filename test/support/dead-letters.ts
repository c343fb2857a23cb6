import type { GetMessage, Options } from 'amqplib';

import { CommandPlace, HOST } from './command-place.js';
import { until } from './poll.js';

export const TOPIC = 'ironic.network_provider';
export const DEAD = `${TOPIC}.dead`;
export const HOST_QUEUE = `${TOPIC}.${HOST}`;
/** The node and the time of letters that headersOf describes. */
export const NODE = '1be26c0b-03f2-4d2e-ae87-c02d7f33c123';
export const TIME = '2026-01-31T14:00:00.000Z';

/** A letter's headers as a worker writes them. */
export function headersOf(fields: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    'netprov-reason': 'retries_exhausted',
    'netprov-detail': 'Neutron answers 503',
    'netprov-origin-queue': HOST_QUEUE,
    'netprov-first-time': TIME,
    'netprov-last-time': TIME,
    'netprov-deaths': 1,
    'netprov-attempts': 1,
    'netprov-node': NODE,
    'netprov-method': 'add_cleaning_network',
    ...fields,
  };
}

/** Where netprov dead-letter runs in tests, with what it reads and changes. */
export class DeadLetterPlace extends CommandPlace {
  /** Declares a quorum queue. */
  async declare(queue: string, more: Record<string, unknown> = {}): Promise<void> {
    await this.broker.onChannel((channel) =>
      channel.assertQueue(queue, { durable: true, arguments: { 'x-queue-type': 'quorum', ...more } }),
    );
  }

  async send(queue: string, body: string, options: Options.Publish = {}): Promise<void> {
    await this.broker.onChannel((channel) => Promise.resolve(channel.sendToQueue(queue, Buffer.from(body), options)));
  }

  /** Waits until so many messages can be had from a queue. */
  async ready(queue: string, count: number): Promise<void> {
    await until(`${count} messages in ${queue}`, async () => (await this.broker.counts(queue)).ready === count);
  }

  /** Makes letters with these operation ids, oldest first; their headers are those of headersOf. */
  async write(letters: Record<string, Record<string, unknown>>): Promise<void> {
    await this.declare(DEAD, { 'x-delivery-limit': 1_000_000_000 });
    for (const [id, fields] of Object.entries(letters)) {
      await this.send(DEAD, `body of ${id}`, { headers: headersOf({ 'netprov-operation-id': id, ...fields }) });
    }
    await this.ready(DEAD, Object.keys(letters).length);
  }

  /** Takes all messages from a queue. */
  async take(queue: string): Promise<GetMessage[]> {
    const messages: GetMessage[] = [];
    await this.broker.onChannel(async (channel) => {
      for (;;) {
        const message = await channel.get(queue, { noAck: true });
        if (message === false) return;
        messages.push(message);
      }
    });
    return messages;
  }

  /** Takes all messages from a queue: their bodies. */
  async bodies(queue: string): Promise<string[]> {
    return (await this.take(queue)).map(({ content }) => String(content));
  }
}
