import { bulkhead } from 'cockatiel';

import { ConnectionLost, present, queueDepth, type RpcConnection } from '../amqp/index.js';
import type { QueueAtNow } from '../api/operators/tools.js';
import { within } from '../async/within.js';
import { deadLetterQueue } from '../messages/queue-names.js';
import { serverQueues } from '../rpc/index.js';

/** Milliseconds within which RabbitMQ must be connected: somebody waits. */
const CONNECT_WITHIN = 5_000;
/** Queues that are asked for at the same time: each needs a channel. */
const AT_ONCE = 8;

/** How many messages and consumers our queues have now, by RabbitMQ's own answer. */
export class QueueDepths {
  readonly #turns = bulkhead(AT_ONCE, Infinity);
  #connecting: Promise<void> | null = null;

  /** @param connection one that does not publish; it connects at the first call */
  constructor(
    private readonly connection: RpcConnection,
    private readonly topic: string,
  ) {}

  /**
   * The queues of these conductor hosts, of any host, of fanout messages, and of dead letters.
   *
   * @throws ConnectionLost; the broker's refusal
   */
  async of(conductors: readonly string[]): Promise<QueueAtNow[]> {
    const all = serverQueues({ topic: this.topic, servers: conductors, anyServer: true, fanout: true });
    const queues = [
      ...all.map(({ name, server, fanout }) => ({
        name,
        kind: server !== null ? ('host' as const) : fanout ? ('fanout' as const) : ('any_host' as const),
        conductor_host: server,
      })),
      { name: deadLetterQueue(this.topic), kind: 'dead_letters' as const, conductor_host: null },
    ];
    await this.#connected();
    return Promise.all(queues.map((queue) => this.#turns.execute(() => this.#look(queue))));
  }

  async #look(queue: Pick<QueueAtNow, 'name' | 'kind' | 'conductor_host'>): Promise<QueueAtNow> {
    const { model } = this.connection;
    if (model === null) throw new ConnectionLost('RabbitMQ does not answer.');
    const depth = await present(queueDepth(model, queue.name));
    return { ...queue, messages: depth?.messages ?? null, consumers: depth?.consumers ?? null };
  }

  async #connected(): Promise<void> {
    this.#connecting ??= this.connection.connect();
    // It goes on by itself: whoever asks later may find it connected.
    this.#connecting.catch(() => undefined);
    await within(CONNECT_WITHIN, this.#connecting, () => {
      throw new ConnectionLost('RabbitMQ does not answer.');
    });
  }
}
