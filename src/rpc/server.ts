import type { RpcConnection } from '../amqp/connection.js';
import { HeldBytes, QueueConsumer } from '../amqp/consumer.js';
import type { Delivery } from '../amqp/delivery.js';
import { Exchanges } from '../amqp/exchanges.js';
import { errorText } from '../async/error-text.js';
import type { Logger } from '../log/log.js';
import {
  declareServerQueue,
  declareTopology,
  type ServerQueue,
  serverQueues,
  type TopologyOptions,
} from './topology.js';

export type { Delivery } from '../amqp/delivery.js';

export interface RpcServerOptions extends TopologyOptions {
  connection: RpcConnection;
  /** Unacknowledged messages that the broker sends ahead, for each queue. */
  prefetch: number;
  /** The most bytes of message bodies to hold, for all queues together. Default: no limit. */
  maxHeldBytes?: number;
  log: Logger;
  /**
   * Called for each message, in the order of its queue. It returns at once: it does the work later, and settles the
   * delivery when it is done.
   */
  onDelivery: (delivery: Delivery) => void;
}

export interface QueueStatus {
  queue: string;
  server: string | null;
  /** Whether we are registered as a consumer. With single active consumer, we may be on standby. */
  consuming: boolean;
}

/**
 * Consumes the queues of an oslo.messaging RPC server: the topic's queue, one queue for each server name, and the
 * fanout queue. Unlike oslo.messaging, it acknowledges nothing by itself.
 */
export class RpcServer {
  #declaring = false;
  #consumers: { queue: ServerQueue; consumer: QueueConsumer }[] = [];

  constructor(private readonly options: RpcServerOptions) {}

  /**
   * Declares and consumes every queue. Resolves when all are consumed. Waits for the connection if there is none.
   * @throws TopologyMismatch, or the broker's refusal. Then it consumes nothing.
   */
  async start(): Promise<void> {
    const { connection, prefetch, maxHeldBytes = Infinity, log, onDelivery } = this.options;
    const heldBytes = new HeldBytes(maxHeldBytes);
    const exchanges = new Exchanges(this.options, log);
    this.#consumers = serverQueues(this.options).map((queue) => ({
      queue,
      consumer: new QueueConsumer({
        connection,
        queue: queue.name,
        server: queue.server,
        declare: (model) => declareServerQueue(model, exchanges, this.options, queue, log),
        prefetch,
        heldBytes,
        log,
        onDelivery,
      }),
    }));
    try {
      await Promise.all(this.#consumers.map(({ consumer }) => consumer.ready));
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  /**
   * Takes no more messages. Earlier deliveries can still be settled. Until `close`, no other consumer gets messages
   * from the queues, because they have a single active consumer. So a shutdown does not change the order of messages.
   */
  stopConsuming(): void {
    for (const { consumer } of this.#consumers) consumer.stop();
  }

  /**
   * Declares and binds everything again while consuming goes on. Call it when somebody deleted the exchange, and
   * thereby its bindings. It does nothing while it is already running, or without a connection: a new connection
   * declares everything anyway.
   */
  declareAgain(): void {
    const { connection, log } = this.options;
    if (this.#declaring || !connection.model) return;
    this.#declaring = true;
    log.warn('an exchange was deleted; declaring it, the queues and their bindings again');
    declareTopology(connection.model, this.options, log)
      .catch((error: unknown) => {
        log.error('could not declare exchange and queues again', { reason: errorText(error) });
      })
      .finally(() => (this.#declaring = false));
  }

  /** Takes no more messages from one queue until `reopen`. Earlier deliveries can still be settled. */
  pause(queue: string): void {
    this.#consumer(queue)?.pause();
  }

  /**
   * Returns the unsettled messages of one queue in their order, and consumes the queue again. All standby consumers
   * then come before it.
   */
  async reopen(queue: string): Promise<void> {
    await this.#consumer(queue)?.reopen();
  }

  /** Stops, and returns unsettled messages to their queues in their order. */
  async close(): Promise<void> {
    await Promise.all(this.#consumers.map(({ consumer }) => consumer.close()));
  }

  status(): QueueStatus[] {
    return this.#consumers.map(({ queue, consumer }) => ({
      queue: queue.name,
      server: queue.server,
      consuming: consumer.consuming,
    }));
  }

  /** The queues that are consumed now, and for each how often consuming it has begun. */
  consumed(): Record<string, number> {
    return Object.fromEntries(
      this.#consumers
        .filter(({ consumer }) => consumer.consuming)
        .map(({ queue, consumer }) => [queue.name, consumer.sessions]),
    );
  }

  #consumer(name: string): QueueConsumer | undefined {
    return this.#consumers.find(({ queue }) => queue.name === name)?.consumer;
  }
}
