import type { ChannelModel } from 'amqplib';

import { within } from '../async/within.js';
import { onChannel } from './channels.js';
import { type Inequivalence, inequivalence, queueDifferences } from './declare.js';

const NOT_FOUND = 404;

/** The result of comparing an exchange on the broker with the wanted one. */
export interface Inspected {
  exists: boolean;
  /** The first property that differs from the wanted one. Null if none differs. */
  difference: Inequivalence | null;
}

/** The result of comparing a queue on the broker with the wanted one, and its depth. */
export interface InspectedQueue extends QueueDepth {
  exists: boolean;
  /** Every property that differs from the wanted one. Empty if none differs. */
  differences: Inequivalence[];
}

/**
 * Compares an exchange with the wanted one, and never creates it. A passive declaration shows whether the exchange
 * exists. Only if it does, a declaration with all properties shows whether they differ. Source: AMQP 0-9-1,
 * exchange.declare.
 *
 * @throws the broker's refusal, such as 403 ACCESS_REFUSED
 */
export async function inspectExchange(
  model: ChannelModel,
  { name, type, ...options }: { name: string; type: 'topic' | 'fanout'; durable: boolean; autoDelete: boolean },
): Promise<Inspected> {
  const found = await present(onChannel(model, (channel) => channel.checkExchange(name)));
  if (found === null) return { exists: false, difference: null };
  const difference = await differenceIn(onChannel(model, (channel) => channel.assertExchange(name, type, options)));
  return { exists: true, difference };
}

/** Compares a durable queue with the wanted arguments, and never creates it. @throws the broker's refusal */
export async function inspectQueue(
  model: ChannelModel,
  name: string,
  args: Record<string, unknown>,
): Promise<InspectedQueue> {
  const depth = await present(queueDepth(model, name));
  if (depth === null) return { exists: false, differences: [], messages: 0, consumers: 0 };
  return { exists: true, differences: await queueDifferences(model, name, args), ...depth };
}

/** Awaits the broker's answer. Null if it answered 404, "not found". @throws the broker's other refusals */
export async function present<T>(asked: Promise<T>): Promise<T | null> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === NOT_FOUND) return null;
    throw error;
  }
}

async function differenceIn(declared: Promise<unknown>): Promise<Inequivalence | null> {
  try {
    await declared;
    return null;
  } catch (error) {
    const difference = inequivalence(error);
    if (difference === null) throw error;
    return difference;
  }
}

/**
 * Why the broker accepts no messages for now (it is short of memory or disk). Null if it accepts them. The broker
 * notifies only connections that publish, so this publishes a message that no queue takes.
 * Source: RabbitMQ, "Blocked Connection Notifications".
 *
 * @param limit milliseconds to wait for the broker's notification or confirm
 */
export async function blockedReason(model: ChannelModel, limit: number): Promise<string | null> {
  const channel = await model.createConfirmChannel();
  channel.on('error', () => undefined);
  let onBlocked: (reason: string) => void = () => undefined;
  const blocked = new Promise<string>((resolve) => {
    onBlocked = resolve;
    model.once('blocked', onBlocked);
  });
  try {
    // The broker may confirm the first message before it says that it is blocked, so publish a second one.
    const accepted = publishNowhere(channel)
      .then(() => publishNowhere(channel))
      .then(() => null);
    return await within(
      limit,
      Promise.race([blocked, accepted]),
      () => `RabbitMQ did not confirm a test message within ${limit} ms`,
    );
  } finally {
    model.off('blocked', onBlocked);
  }
}

function publishNowhere(channel: Awaited<ReturnType<ChannelModel['createConfirmChannel']>>): Promise<void> {
  return new Promise((resolve, reject) => {
    channel.publish('', 'netprov.doctor.nowhere', Buffer.alloc(0), {}, (error: unknown) => {
      if (error) reject(error instanceof Error ? error : new Error('RabbitMQ refused a test message'));
      else resolve();
    });
  });
}

/** How many messages and consumers a queue has at the moment. */
export interface QueueDepth {
  /** Messages that wait in the queue. Messages that a consumer has not settled yet do not count. */
  messages: number;
  /** With single active consumer, standby consumers count too. */
  consumers: number;
}

/** Asks the broker for a queue's depth. @throws the broker's refusal, for example when there is no such queue */
export async function queueDepth(model: ChannelModel, queue: string): Promise<QueueDepth> {
  const { messageCount, consumerCount } = await onChannel(model, (channel) => channel.checkQueue(queue));
  return { messages: messageCount, consumers: consumerCount };
}
