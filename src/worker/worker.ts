import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';

import { type Delivery, Publisher, type Resumable } from '../amqp/index.js';
import { errorText } from '../async/error-text.js';
import { componentLogger } from '../log/log.js';
import { useDeadLetterQueue } from '../messages/dead-letter.js';
import { journalStream } from '../messages/journal.js';
import { deadLetterQueue } from '../messages/queue-names.js';
import { createJsonCodec, type MessageCodec, queueName, ReplySender, RpcServer } from '../rpc/index.js';
import { type OwedResult, OwnershipStore, State, type WorkerRecord } from '../state/index.js';
import { castReconcile, deliverOwed, type ResultsOptions } from './answer.js';
import { Housekeeping } from './housekeeping.js';
import { DeadLetters } from './keep-dead-letter.js';
import { Turns } from './lanes.js';
import { MessageHandler } from './message-handler.js';
import { NO_METRICS, type WorkerMetrics } from './metrics.js';
import type { Readiness, WorkerOptions, WorkerParts, WorkerStatus } from './options.js';
import { Owed } from './owed.js';
import { Ownership } from './ownership/ownership.js';
import { Spread } from './ownership/spread.js';
import type { Tenure } from './ownership/tenure.js';

/** What the message handler needs beside the worker's own fields. */
interface HandlerParts {
  jsonCodec: MessageCodec;
  results: ResultsOptions;
  metrics: WorkerMetrics;
  onLost: (queue: string) => void;
}

/**
 * Milliseconds that running operations get to end when a queue is handed over. Meanwhile all other operations of its
 * conductor host wait. The queue's next owner does again what has not ended by then.
 */
const HAND_OVER_TIMEOUT = 10_000;

/** Serves the NetworkProvider methods for the conductor hosts in its options. */
export class Worker {
  readonly #id = randomUUID();
  readonly #options: WorkerOptions;
  readonly #parts: WorkerParts;
  readonly #publisher: Publisher;
  readonly #deadLetterQueue: Resumable;
  readonly #server: RpcServer;
  readonly #state: State;
  readonly #owed: Owed;
  readonly #ownership: Ownership;
  readonly #spread: Spread;
  readonly #housekeeping: Housekeeping;
  readonly #handler: MessageHandler;
  readonly #turns: Turns;
  readonly #running = new Set<Delivery>();

  constructor(options: WorkerOptions, parts: WorkerParts) {
    const { log, metrics = NO_METRICS } = parts;
    this.#options = options;
    this.#parts = parts;
    this.#publisher = new Publisher(parts.publisher, componentLogger(log, 'rpc'));
    this.#deadLetterQueue = parts.publisher.use('declaring the dead-letter queue', (model) =>
      useDeadLetterQueue(model, options.topic, options.queueType, log),
    );
    this.#state = new State(parts.dataSource, options.groupSize);
    const jsonCodec = createJsonCodec({ maxBytes: options.maxMessageBytes });
    const results = {
      publisher: this.#publisher,
      exchange: options.exchange,
      resultsTopic: `${options.topic}_results`,
      declareAgain: () => {
        this.#server.declareAgain();
      },
    };
    const deliver = (owed: OwedResult, signal: AbortSignal): Promise<void> =>
      deliverOwed(owed, jsonCodec, results, signal);
    this.#owed = new Owed(this.#state, deliver, options.owedAfter, metrics, log);
    const onLost = (queue: string): void => {
      metrics.lost();
      this.#reopen(queue);
    };
    const store = new OwnershipStore(parts.dataSource, parts.leases);
    this.#ownership = new Ownership({
      store,
      workerId: this.#id,
      lease: options.lease,
      log,
      onLost,
    });
    this.#spread = new Spread({
      store,
      topic: options.topic,
      log,
      self: () => this.#record(),
      handOver: (queue) => this.#handOver(queue),
    });
    this.#housekeeping = new Housekeeping({
      ...options,
      state: this.#state,
      spread: this.#spread,
      owed: this.#owed,
      hosts: () => this.hosts(),
      lookAgain: (node, signal) =>
        castReconcile(node, { topic: options.topic, codec: jsonCodec, publisher: this.#publisher }, signal),
      log,
    });
    this.#turns = new Turns(options.maxOperations);
    this.#handler = this.#makeHandler({ jsonCodec, results, metrics, onLost });
    this.#server = this.#makeServer();
  }

  /**
   * Starts taking messages. The database schema must be current.
   * @throws the broker's errors, if it refuses something
   */
  async start(): Promise<void> {
    await Promise.all([this.#parts.publisher.connect(), this.#parts.consumer.connect()]);
    await this.#publisher.ready();
    await this.#deadLetterQueue.ready;
    this.#owed.start();
    this.#ownership.start();
    await this.#server.start();
    this.#spread.start();
    this.#housekeeping.start();
  }

  /**
   * Stops the worker. In this order, it:
   * 1. takes no more messages;
   * 2. begins no operation that still waits in a lane: its message stays in the queue;
   * 3. lets running operations end until the deadline, then aborts the rest: their messages stay in the queue;
   * 4. releases its queues in the database, so that the next owner need not wait for a lease to run out;
   * 5. waits until the broker has confirmed everything that was published;
   * 6. closes its channels: the broker then takes back every message that was not acknowledged.
   */
  async stop(): Promise<void> {
    this.#server.stopConsuming();
    await Promise.all([
      this.#windUp(this.#ownership.tenures(), 'shutdown_timeout is over', this.#options.shutdownTimeout),
      this.#housekeeping.stop(),
      this.#spread.stop(),
    ]);
    await this.#publisher.close();
    this.#deadLetterQueue.release();
    await this.#server.close();
    await this.#ownership.stop();
    await this.#owed.close();
  }

  /** Tells whether the worker can take, process and answer messages now. */
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
    reasons.push(...this.#ownership.lapsed(), ...this.#parts.providers.away());
    return { ready: reasons.length === 0, reasons };
  }

  /** What the worker holds at the moment: messages, lanes, running operations and queues. */
  status(): WorkerStatus {
    const queues = this.#server.status().map((status) => ({
      ...status,
      owned: this.#ownership.tenures(status.queue).some((tenure) => tenure.fence !== null && tenure.check()),
    }));
    const { lanes } = this.#handler;
    const [messages, running] = [this.#running.size, this.#turns.running];
    return { messages, lanes, running, queues, deadLetterQueue: deadLetterQueue(this.#options.topic) };
  }

  /** Counts the results that this worker's queues still owe, up to a limit. @throws the database's errors */
  async owed(limit: number): Promise<number> {
    return this.#state.countOwed(this.#spread.mine(), limit);
  }

  #makeServer(): RpcServer {
    const options = this.#options;
    return new RpcServer({
      ...options,
      connection: this.#parts.consumer,
      servers: [...options.hosts],
      fanout: true,
      anyServer: true,
      deadLetterQueue: deadLetterQueue(options.topic),
      journal: options.journal && journalStream(options.topic, options.journal),
      log: componentLogger(this.#parts.log, 'rpc'),
      onDelivery: (delivery) => {
        this.#receive(delivery);
      },
    });
  }

  #makeHandler({ jsonCodec, results, metrics, onLost }: HandlerParts): MessageHandler {
    const { log, providers } = this.#parts;
    const options = this.#options;
    const retryFor = options.missingReplyTimeout;
    return new MessageHandler({
      ...options,
      ...results,
      state: this.#state,
      providers,
      turns: this.#turns,
      metrics,
      jsonCodec,
      replies: new ReplySender({ publisher: this.#publisher, log: componentLogger(log, 'rpc'), retryFor }),
      owed: this.#owed,
      deadLetters: new DeadLetters(
        deadLetterQueue(options.topic),
        this.#publisher,
        { ...options, jsonCodec },
        metrics,
        log,
        this.#state,
      ),
      log,
      stepByStep: options.stepByStep ?? false,
      onLost,
      onDone: (delivery, tenure) => {
        this.#running.delete(delivery);
        tenure.leave();
      },
    });
  }

  /** The conductor hosts whose queues are this worker's share. It looks after their nodes. */
  hosts(): string[] {
    const mine = new Set(this.#spread.mine());
    return this.#options.hosts.filter((host) => mine.has(queueName(this.#options.topic, host)));
  }

  /** The record by which other workers see this one. */
  #record(): WorkerRecord {
    const { build = '' } = this.#options;
    return { id: this.#id, name: `${hostname()} ${process.pid}`, build, queues: this.#server.consumed() };
  }

  #receive(delivery: Delivery): void {
    const tenure = this.#ownership.of(delivery);
    this.#running.add(delivery);
    tenure.enter();
    this.#handler.receive(delivery, tenure);
  }

  /** Consumes the queue anew, so that this worker stands by behind the worker that acts for the queue now. */
  #reopen(queue: string): void {
    this.#server.reopen(queue).catch((error: unknown) => {
      const reason = errorText(error);
      this.#parts.log.warn('could not consume again from a queue that another worker acts for', { queue, reason });
    });
  }

  /** Gives a queue to the worker that stands by for it. Afterwards this worker stands by. */
  async #handOver(queue: string): Promise<void> {
    this.#server.pause(queue);
    const timeout = Math.min(HAND_OVER_TIMEOUT, this.#options.shutdownTimeout);
    await this.#windUp(this.#ownership.tenures(queue), 'the queue is being handed over', timeout);
    await this.#server.reopen(queue);
  }

  /**
   * Ends some tenures: begins nothing new under them, lets running operations end within `timeout` milliseconds, gives
   * up the rest, and releases the queues in the database.
   */
  async #windUp(tenures: readonly Tenure[], why: string, timeout: number): Promise<void> {
    const deadline = setTimeout(() => {
      for (const { queue } of tenures) this.#abandon(queue, why);
    }, timeout);
    for (const tenure of tenures) tenure.drain();
    await Promise.all(tenures.map((tenure) => tenure.idle()));
    clearTimeout(deadline);
    await Promise.all(tenures.map((tenure) => this.#ownership.release(tenure)));
  }

  #abandon(queue: string, why: string): void {
    const running = [...this.#running].filter((delivery) => delivery.queue === queue);
    if (running.length === 0) return;
    const operations = running.length;
    this.#parts.log.warn(`${why}: running operations are given up; their messages stay in the queue`, {
      queue,
      operations,
    });
    const reason = new Error(why);
    for (const tenure of this.#ownership.tenures(queue)) tenure.end(reason);
    for (const delivery of running) delivery.abandon(reason);
  }
}
