import type { ChannelModel } from 'amqplib';

import { onChannel } from '../amqp/channels.js';
import { type QueueType, useQueue } from '../amqp/declare.js';
import { type ExchangeOptions, Exchanges, fanoutName } from '../amqp/exchanges.js';
import { isQueueLimit, queueLimits } from '../amqp/queue-limits.js';
import type { StreamOptions } from '../amqp/stream.js';
import type { Logger } from '../log/log.js';

export interface TopologyOptions extends ExchangeOptions {
  topic: string;
  /** Names of the servers. Each has its own queue. */
  servers: readonly string[];
  /** Whether to have the fanout queue: our servers share one queue for casts to all servers. */
  fanout: boolean;
  /** Whether to have the queue of messages that any server may take. */
  anyServer: boolean;
  queueType: QueueType;
  /** The queue for messages that RabbitMQ removes from a quorum queue by itself. Null, the default: it drops them. */
  deadLetterQueue?: string | null;
  /** A stream that gets a copy of every message that goes to the topic's queues. Default: none. */
  journal?: StreamOptions | null;
}

/** A queue of an RPC server, and where its messages come from. */
export interface ServerQueue {
  name: string;
  /** The server whose queue this is; null when it is not one server's. */
  server: string | null;
  fanout: boolean;
}

/**
 * Name of a topic's queue, which is also its routing key. Without a server, it is the queue from which any server may
 * take.
 * Source: oslo_messaging/_drivers/amqpdriver.py.
 */
export function queueName(topic: string, server?: string | null): string {
  return server === undefined || server === null ? topic : `${topic}.${server}`;
}

/** The queues of a server with these options. */
export function serverQueues(
  options: Pick<TopologyOptions, 'topic' | 'servers' | 'fanout' | 'anyServer'>,
): ServerQueue[] {
  const { topic, servers, fanout, anyServer } = options;
  const queues: ServerQueue[] = servers.map((server) => ({ name: queueName(topic, server), server, fanout: false }));
  if (anyServer) queues.unshift({ name: topic, server: null, fanout: false });
  // A Python server makes a fanout queue for each process, so that each process gets every message. For us, a cast is
  // an operation that must be done once, so all servers share one queue.
  if (fanout) queues.push({ name: fanoutName(topic), server: null, fanout: true });
  return queues;
}

/** The arguments with which a server's queues are declared. */
export function serverQueueArguments(
  queueType: QueueType,
  deadLetterQueue: string | null = null,
): Record<string, unknown> {
  const limits = queueType === 'quorum' ? queueLimits(deadLetterQueue) : {};
  return { 'x-queue-type': queueType, 'x-single-active-consumer': true, ...limits };
}

/**
 * Declares all queues of a server and their exchanges, but not the dead-letter queue, which its owner declares.
 *
 * @returns the names of the queues and of the journal
 * @throws TopologyMismatch
 */
export async function declareTopology(model: ChannelModel, options: TopologyOptions, log: Logger): Promise<string[]> {
  const exchanges = new Exchanges(options, log);
  const queues = serverQueues(options);
  for (const queue of queues) await declareServerQueue(model, exchanges, options, queue, log);
  return [...queues.map(({ name }) => name), ...(options.journal ? [options.journal.name] : [])];
}

/**
 * Declares one queue, its exchange and its binding, and binds the journal with the same routing key. The journal must
 * not be bound with a wildcard: it would then take messages that no queue takes, and a sender that sets the mandatory
 * flag would not get them back.
 *
 * A queue that an earlier version declared without limits is used as it is, with a warning, because AMQP does not show
 * whether a policy sets the limits.
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
      `queue "${name}" has other limits; using it as it is. Without a policy that sets limits, RabbitMQ 4 drops a ` +
        'message after 20 returns: run netprov topology upgrade, which sets a policy while workers run',
      Object.fromEntries(differences.map(({ property, current }) => [property, current])),
    );
  }
  await onChannel(model, async (channel) => {
    await channel.bindQueue(name, exchange, name);
    if (journal !== null) await channel.bindQueue(journal, exchange, name);
  });
}
