import type { RpcConnection } from '../amqp/connection.js';
import { HeldBytes, QueueConsumer } from '../amqp/consumer.js';
import type { Delivery } from '../amqp/delivery.js';
import { Exchanges } from '../amqp/exchanges.js';
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
  /** Most bytes of their bodies, of all queues together. Default: whatever comes. */
  maxHeldBytes?: number;
  log: Logger;
  /** Called for each message in the order of its queue. It decodes, works, and settles the delivery in its own time. */
  onDelivery: (delivery: Delivery) => void;
}

export interface QueueStatus {
  queue: string;
  server: string | null;
  /** Registered as a consumer; with a single active consumer it may be standing by. */
  consuming: boolean;
}

/**
 * Consumes the queues of an oslo.messaging RPC server: the topic's, one for each server name, and the fanout queue.
 * Unlike oslo.messaging it acknowledges nothing by itself.
 */
export class RpcServer {
  private declaring = false;
  private consumers: { queue: ServerQueue; consumer: QueueConsumer }[] = [];

  constructor(private readonly options: RpcServerOptions) {}

  /**
   * Resolves when every queue is declared and consumed; waits for the connection if there is none.
   * @throws TopologyMismatch, or the broker's refusal; nothing is consumed then
   */
  async start(): Promise<void> {
    const { connection, prefetch, maxHeldBytes = Infinity, log, onDelivery } = this.options;
    const heldBytes = new HeldBytes(maxHeldBytes);
    const exchanges = new Exchanges(this.options, log);
    this.consumers = serverQueues(this.options).map((queue) => ({
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
      await Promise.all(this.consumers.map(({ consumer }) => consumer.ready));
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  /**
   * Takes no more messages. Deliveries that came before can still be settled, and until `close` no other consumer gets
   * anything from the queues: they are single-active-consumer queues, and order outlives a shutdown.
   */
  stopConsuming(): void {
    for (const { consumer } of this.consumers) consumer.stop();
  }

  /**
   * Declares and binds once more, beside what is consumed: somebody deleted the exchange, and its bindings with it. Does
   * nothing while that is under way, or without a connection: a new one declares all anyway.
   */
  declareAgain(): void {
    const { connection, log } = this.options;
    if (this.declaring || !connection.model) return;
    this.declaring = true;
    log.warn('an exchange is gone; declaring it, the queues and their bindings again');
    declareTopology(connection.model, this.options, log)
      .catch((error: unknown) => {
        log.error('exchange and queues could not be declared again', { reason: String(error) });
      })
      .finally(() => (this.declaring = false));
  }

  /** Takes no more messages from one queue until `reopen`; what came before can still be settled. */
  pause(queue: string): void {
    this.consumer(queue)?.pause();
  }

  /** Gives back what came from one queue and is not settled, in its order, and consumes it behind all who stand by. */
  async reopen(queue: string): Promise<void> {
    await this.consumer(queue)?.reopen();
  }

  /** Stops; what is not settled goes back to its queue, in its order. */
  async close(): Promise<void> {
    await Promise.all(this.consumers.map(({ consumer }) => consumer.close()));
  }

  status(): QueueStatus[] {
    return this.consumers.map(({ queue, consumer }) => ({
      queue: queue.name,
      server: queue.server,
      consuming: consumer.consuming,
    }));
  }

  /** The queues that are consumed now, and how often consuming each was begun. */
  consumed(): Record<string, number> {
    return Object.fromEntries(
      this.consumers
        .filter(({ consumer }) => consumer.consuming)
        .map(({ queue, consumer }) => [queue.name, consumer.sessions]),
    );
  }

  private consumer(name: string): QueueConsumer | undefined {
    return this.consumers.find(({ queue }) => queue.name === name)?.consumer;
  }
}
