import type { ChannelModel } from 'amqplib';
import type { Logger } from '../log.js';
import { onChannel } from './channel.js';
import { useQueue } from './declare-queue.js';
import { TopologyMismatch } from './errors.js';
import { inequivalence } from './inequivalence.js';
import { isQueueLimit, queueLimits } from './queue-limits.js';
import { declareStream, type StreamOptions } from './stream.js';

export type QueueType = 'quorum' | 'classic';

export interface ExchangeOptions {
  /** oslo.messaging's control_exchange. */
  exchange: string;
  /**
   * Must equal the Python side's durability: true where amqp_durable_queues or rabbit_quorum_queue is set there. An
   * exchange that exists is used as it stands, with a warning.
   */
  exchangeDurable: boolean;
  /** Whether it goes with its last queue: must equal amqp_auto_delete of the Python side. Default false. */
  exchangeAutoDelete?: boolean;
  /** Durability of fanout exchanges: true where rabbit_transient_quorum_queue is set on the Python side. Default false. */
  fanoutExchangeDurable?: boolean;
}

export interface TopologyOptions extends ExchangeOptions {
  topic: string;
  /** Servers that have a queue of their own. */
  servers: readonly string[];
  /** The shared queue of casts to every server. */
  fanout: boolean;
  /** The queue of messages that any server may take. */
  anyServer: boolean;
  queueType: QueueType;
  /** Where RabbitMQ puts what it takes out of a quorum queue by itself; null: nowhere. Default null. */
  deadLetterQueue?: string | null;
  /** A stream that gets a copy of what each queue of the topic gets. Default: none. */
  journal?: StreamOptions | null;
}

/** A queue of an RPC server, and where its messages come from. */
export interface ServerQueue {
  name: string;
  /** The server whose queue this is; null when it is not one server's. */
  server: string | null;
  fanout: boolean;
}

const FANOUT = '_fanout';

/** Queue (and routing key) of a topic: of one server, or of any. Source: oslo_messaging/_drivers/amqpdriver.py. */
export function queueName(topic: string, server?: string | null): string {
  return server === undefined || server === null ? topic : `${topic}.${server}`;
}

/** The fanout exchange of a topic; here also the one queue that takes from it. */
export function fanoutName(topic: string): string {
  return topic + FANOUT;
}

/** The queues that a server of these options has. */
export function serverQueues(
  options: Pick<TopologyOptions, 'topic' | 'servers' | 'fanout' | 'anyServer'>,
): ServerQueue[] {
  const { topic, servers, fanout, anyServer } = options;
  const queues: ServerQueue[] = servers.map((server) => ({ name: queueName(topic, server), server, fanout: false }));
  if (anyServer) queues.unshift({ name: topic, server: null, fanout: false });
  // A Python server makes a fanout queue for each process, so that each gets every message. A cast is an operation that
  // must be done once, so here all servers share one queue.
  if (fanout) queues.push({ name: fanoutName(topic), server: null, fanout: true });
  return queues;
}

/** The arguments that a server's queues are declared with. */
export function serverQueueArguments(
  queueType: QueueType,
  deadLetterQueue: string | null = null,
): Record<string, unknown> {
  const limits = queueType === 'quorum' ? queueLimits(deadLetterQueue) : {};
  return { 'x-queue-type': queueType, 'x-single-active-consumer': true, ...limits };
}

/**
 * Declares all queues of a server and their exchanges. The queue of dead letters is its owner's to declare. @throws TopologyMismatch */
export async function declareTopology(model: ChannelModel, options: TopologyOptions, log: Logger): Promise<string[]> {
  const exchanges = new Exchanges(options, log);
  const queues = serverQueues(options);
  for (const queue of queues) await declareServerQueue(model, exchanges, options, queue, log);
  return [...queues.map(({ name }) => name), ...(options.journal ? [options.journal.name] : [])];
}

/**
 * Declares one queue, its exchange and its binding, and binds the journal with the same key. Not with a wildcard: a
 * message that no queue takes would be taken by the journal then, and a sender that sets the mandatory flag would not
 * hear of it.
 *
 * A queue that a version before declared without limits is used as it stands, with a warning: whether a policy sets them
 * cannot be seen by AMQP.
 *
 * @throws TopologyMismatch
 */
export async function declareServerQueue(
  model: ChannelModel,
  exchanges: Exchanges,
  options: Pick<TopologyOptions, 'topic' | 'queueType' | 'deadLetterQueue' | 'journal'>,
  { name, fanout }: ServerQueue,
  log: Logger,
): Promise<void> {
  const { topic, queueType, deadLetterQueue = null, journal: stream } = options;
  const exchange = fanout ? await exchanges.fanout(model, topic) : await exchanges.topic(model);
  const journal = stream ? await exchanges.journal(model, stream) : null;
  const args = serverQueueArguments(queueType, deadLetterQueue);
  const differences = await useQueue(model, name, args, isQueueLimit);
  if (differences.length > 0) {
    log.warn(
      `queue "${name}" stands with other limits; using it as it stands. Unless a policy says otherwise, RabbitMQ 4 drops a ` +
        'message that came back 20 times: netprov topology upgrade sets one',
      Object.fromEntries(differences.map(({ property, current }) => [property, current])),
    );
  }
  await onChannel(model, async (channel) => {
    await channel.bindQueue(name, exchange, name);
    if (journal !== null) await channel.bindQueue(journal, exchange, name);
  });
}

/** Declares exchanges and the journal, each once a connection. */
export class Exchanges {
  private readonly declared = new WeakMap<ChannelModel, Map<string, Promise<string>>>();

  constructor(
    private readonly options: ExchangeOptions,
    private readonly log: Logger,
  ) {}

  /** The control exchange. Resolves with its name. */
  topic(model: ChannelModel): Promise<string> {
    const { exchange, exchangeDurable: durable, exchangeAutoDelete: autoDelete = false } = this.options;
    return this.once(model, exchange, () =>
      declareExchange(model, exchange, 'topic', { durable, autoDelete }, this.log),
    );
  }

  /**
   * The fanout exchange of a topic. Python declares it with auto_delete, so it goes with its last queue.
   * Source: oslo_messaging/_drivers/impl_rabbit.py, fanout_send.
   */
  fanout(model: ChannelModel, topic: string): Promise<string> {
    const name = fanoutName(topic);
    const durable = this.options.fanoutExchangeDurable ?? false;
    return this.once(model, name, () =>
      declareExchange(model, name, 'fanout', { durable, autoDelete: true }, this.log),
    );
  }

  /** A journal. Resolves with its name. @throws TopologyMismatch */
  journal(model: ChannelModel, stream: StreamOptions): Promise<string> {
    return this.once(model, stream.name, () => declareStream(model, stream, this.log));
  }

  private once(model: ChannelModel, name: string, declare: () => Promise<void>): Promise<string> {
    const known = this.declared.get(model) ?? new Map<string, Promise<string>>();
    this.declared.set(model, known);
    const promise = known.get(name) ?? declare().then(() => name);
    known.set(name, promise);
    promise.catch(() => known.delete(name));
    return promise;
  }
}

/** Uses an exchange that has other properties as it stands, with a warning. @throws TopologyMismatch when it is of another type */
export async function declareExchange(
  model: ChannelModel,
  name: string,
  type: 'topic' | 'fanout',
  options: { durable: boolean; autoDelete: boolean },
  log: Logger,
): Promise<void> {
  try {
    await onChannel(model, (channel) => channel.assertExchange(name, type, options));
  } catch (error) {
    const difference = inequivalence(error);
    if (difference?.property === 'type') {
      const { received, current } = difference;
      throw new TopologyMismatch(
        `Exchange "${name}" is of type ${current}, but must be ${received}: use another exchange, or delete this one.`,
        name,
        'type',
        { cause: error },
      );
    }
    if (!difference) throw error;
    log.warn(`exchange "${name}" exists with other properties; using it as it stands`, difference);
  }
}
