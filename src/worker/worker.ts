import type { DataSource } from 'typeorm';

import type { Logger } from '../log.js';
import {
  createJsonCodec,
  Publisher,
  ReplySender,
  RpcServer,
  type Delivery,
  type QueueType,
  type Resumable,
  type RpcConnection,
} from '../rpc/index.js';
import { assertSchemaCurrent, State } from '../state/index.js';
import { DeadLetters, deadLetterQueue, declareDeadLetterQueue } from './dead-letters.js';
import type { Readiness } from './health.js';
import { Process } from './process.js';
import type { Providers, RetryOptions } from './provide.js';

export interface WorkerOptions {
  /** Conductor hosts that are served. */
  hosts: readonly string[];
  topic: string;
  /** control_exchange. */
  exchange: string;
  /** Whether the conductors declare it durable. */
  exchangeDurable: boolean;
  queueType: QueueType;
  /** Most messages of one queue that are held here at once. */
  prefetch: number;
  /** Whether oslo_rpc_server_ping is answered. */
  pingEnabled: boolean;
  maxMessageBytes: number;
  /** Milliseconds for which a missing reply queue is waited for. */
  missingReplyTimeout: number;
  defaultNetworkProvider: string;
  retry: RetryOptions;
  /** Most operations that are with their provider at once; the others wait for their turn. */
  maxOperations: number;
  /** Most operations that are committed in one transaction. */
  groupSize: number;
  /** Milliseconds that running operations have to finish when the worker stops. */
  shutdownTimeout: number;
}

/** What a worker works with. It opens none of them, and closes none but what it opened on them. */
export interface WorkerParts {
  /** Consumes. Apart from the publishing one, since a broker short of memory stops reading from publishers. */
  consumer: RpcConnection;
  publisher: RpcConnection;
  dataSource: DataSource;
  providers: Providers;
  log: Logger;
}

/** Serves the NetworkProvider methods for some conductor hosts. */
export class Worker {
  readonly #options: WorkerOptions;
  readonly #parts: WorkerParts;
  readonly #publisher: Publisher;
  readonly #deadLetterQueue: Resumable;
  readonly #server: RpcServer;
  readonly #state: State;
  readonly #process: Process;
  readonly #running = new Map<Delivery, Promise<void>>();

  constructor(options: WorkerOptions, parts: WorkerParts) {
    const { log } = parts;
    this.#options = options;
    this.#parts = parts;
    this.#publisher = new Publisher(parts.publisher, log);
    this.#deadLetterQueue = parts.publisher.use('declaring the dead-letter queue', (model) =>
      declareDeadLetterQueue(model, options.topic, options.queueType),
    );
    this.#state = new State(parts.dataSource, options.groupSize);
    const jsonCodec = createJsonCodec({ maxBytes: options.maxMessageBytes });
    const { maxMessageBytes } = options;
    const deadLetters = deadLetterQueue(options.topic);
    this.#process = new Process({
      state: this.#state,
      providers: parts.providers,
      defaultNetworkProvider: options.defaultNetworkProvider,
      retry: options.retry,
      maxOperations: options.maxOperations,
      jsonCodec,
      maxMessageBytes,
      pingEnabled: options.pingEnabled,
      publisher: this.#publisher,
      replies: new ReplySender({ publisher: this.#publisher, log, retryFor: options.missingReplyTimeout }),
      exchange: options.exchange,
      resultsTopic: `${options.topic}_results`,
      deadLetters: new DeadLetters(deadLetters, this.#publisher, { jsonCodec, maxMessageBytes }, log),
      log,
    });
    this.#server = new RpcServer({
      connection: parts.consumer,
      exchange: options.exchange,
      exchangeDurable: options.exchangeDurable,
      topic: options.topic,
      servers: [...options.hosts],
      fanout: true,
      anyServer: true,
      queueType: options.queueType,
      prefetch: options.prefetch,
      log,
      onDelivery: (delivery) => {
        this.#receive(delivery);
      },
    });
  }

  /** @throws SchemaBehind when the database lacks migrations, and what the broker refuses. */
  async start(): Promise<void> {
    await assertSchemaCurrent(this.#parts.dataSource);
    await Promise.all([this.#parts.publisher.connect(), this.#parts.consumer.connect()]);
    await this.#publisher.ready();
    await this.#deadLetterQueue.ready;
    await this.#server.start();
  }

  /**
   * Stops in this order:
   * 1. takes no more messages;
   * 2. begins nothing that is still waiting in a lane: it stays in the queue;
   * 3. finishes what runs, until the deadline; what is not done by then is aborted and stays in the queue;
   * 4. waits for the broker's confirms of what was published;
   * 5. closes its channels, which gives back what was not acknowledged.
   */
  async stop(): Promise<void> {
    await this.#server.stopConsuming();
    this.#process.drain();
    const deadline = setTimeout(() => {
      this.#abandonAll();
    }, this.#options.shutdownTimeout);
    await Promise.all(this.#running.values());
    clearTimeout(deadline);
    await this.#publisher.close();
    this.#deadLetterQueue.release();
    await this.#server.close();
  }

  /** Whether messages can be taken, worked on and answered now. */
  async readiness(): Promise<Readiness> {
    const reasons: string[] = [];
    if (this.#parts.consumer.state !== 'connected' || this.#parts.publisher.state !== 'connected') {
      reasons.push('not connected to RabbitMQ');
    }
    if (this.#parts.publisher.isBlocked) reasons.push('RabbitMQ accepts no messages (memory or disk alarm)');
    for (const { queue, consuming } of this.#server.status()) {
      if (!consuming) reasons.push(`not consuming from queue ${queue}`);
    }
    await this.#state.ping().catch(() => reasons.push('the database does not answer'));
    reasons.push(...this.#parts.providers.away());
    return { ready: reasons.length === 0, reasons };
  }

  #receive(delivery: Delivery): void {
    const handled = this.#process.handle(delivery).finally(() => {
      this.#running.delete(delivery);
    });
    this.#running.set(delivery, handled);
  }

  #abandonAll(): void {
    if (this.#running.size === 0) return;
    this.#parts.log.warn('shutdown_timeout is over: what still runs stays in the queue', {
      operations: this.#running.size,
    });
    for (const delivery of this.#running.keys()) delivery.abandon(new Error('the worker stops'));
  }
}
