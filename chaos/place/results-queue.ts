import { type ChannelModel, connect, type ConsumeMessage } from 'amqplib';

import { deadLetterQueue } from '../../src/messages/queue-names.js';
import { jsonCodec } from '../../src/rpc/index.js';
import { until } from '../../testkit/fixtures/poll.js';
import type { TestBroker } from '../../testkit/servers/broker.js';

/** A result that came out of RabbitMQ. */
export interface SeenResult {
  requestId: string | null;
  operationId: string;
  result: unknown;
}

/** A message in the dead-letter queue. */
export interface SeenLetter {
  headers: Record<string, unknown>;
  body: string;
}

const QUEUE = 'chaos.results';
const PREFETCH = 500;
/** Milliseconds without a message after which a queue counts as empty. */
const QUIET = 300;

/** A queue for the results of all conductor hosts. It is read when the run is over. */
export class ResultsQueue {
  readonly #taken: SeenResult[] = [];

  constructor(
    private readonly broker: TestBroker,
    private readonly exchange: string,
    private readonly topic: string,
  ) {}

  /** Declares the queue, with a durable exchange as conductors have it. */
  async declare(hosts: readonly string[]): Promise<void> {
    await this.#connected(async (model) => {
      const channel = await model.createChannel();
      await channel.assertExchange(this.exchange, 'topic', { durable: true });
      await channel.assertQueue(QUEUE, { durable: true, arguments: { 'x-queue-type': 'quorum' } });
      for (const host of hosts) await channel.bindQueue(QUEUE, this.exchange, `${this.topic}_results.${host}`);
    });
  }

  /** Number of operations that have results so far. */
  async seen(): Promise<number> {
    return new Set((await this.takeAll()).map(({ operationId }) => operationId)).size;
  }

  /** Returns all results so far. Takes the new ones out of the queue. */
  async takeAll(): Promise<readonly SeenResult[]> {
    for (const { content } of await this.#take(QUEUE)) {
      const { args, uniqueId, context } = jsonCodec.decodeRequest(content);
      this.#taken.push({ requestId: context.request_id, operationId: uniqueId, result: args['result'] });
    }
    return this.#taken;
  }

  /** Takes all dead letters out of their queue. */
  async takeLetters(): Promise<SeenLetter[]> {
    return (await this.#take(deadLetterQueue(this.topic))).map(({ properties, content }) => ({
      headers: properties.headers ?? {},
      body: content.toString(),
    }));
  }

  async #take(queue: string): Promise<ConsumeMessage[]> {
    const messages: ConsumeMessage[] = [];
    await this.#connected(async (model) => {
      const channel = await model.createChannel();
      await channel.prefetch(PREFETCH);
      let last = Date.now();
      await channel.consume(queue, (message) => {
        if (message === null) return;
        last = Date.now();
        messages.push(message);
        channel.ack(message);
      });
      const empty = async (): Promise<boolean> => (await channel.checkQueue(queue)).messageCount === 0;
      await until(`${queue} is empty`, async () => (await empty()) && Date.now() - last > QUIET, 60_000);
    });
    return messages;
  }

  async #connected<T>(work: (model: ChannelModel) => Promise<T>): Promise<T> {
    const { hostname, port, username, password } = this.broker.host;
    const model = await connect({ hostname, port, username, password, vhost: this.broker.vhost });
    try {
      return await work(model);
    } finally {
      await model.close();
    }
  }
}
