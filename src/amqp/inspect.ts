import type { ChannelModel } from 'amqplib';

import { onChannel } from './connection.js';
import { inequivalence, type Inequivalence, queueDifferences } from './declare.js';

const NOT_FOUND = 404;

/** What there is of an exchange. */
export interface Inspected {
  exists: boolean;
  /** The first property in which it differs from what it is to be; null: it does not. */
  difference: Inequivalence | null;
}

/** What there is of a queue, in what it differs from what it is to be, and what is in it. */
export interface InspectedQueue extends QueueDepth {
  exists: boolean;
  /** Empty: it does not differ. */
  differences: Inequivalence[];
}

/**
 * Compares an exchange with what it is to be, and makes none: a passive declaration tells whether there is one, and only
 * then another, which names its properties, whether it is as it is to be. Source: AMQP 0-9-1, exchange.declare.
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

/** The same for a durable queue. @throws the broker's refusal */
export async function inspectQueue(
  model: ChannelModel,
  name: string,
  args: Record<string, unknown>,
): Promise<InspectedQueue> {
  const depth = await present(queueDepth(model, name));
  if (depth === null) return { exists: false, differences: [], messages: 0, consumers: 0 };
  return { exists: true, differences: await queueDifferences(model, name, args), ...depth };
}

/** What was asked for; null: the broker has it not. @throws the broker's other refusals */
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
 * Why the broker accepts no messages for now: it is short of memory or disk; null: it does. It tells so only those who
 * publish, so a message is published that no queue takes. Source: RabbitMQ, "Blocked Connection Notifications".
 *
 * @param limit milliseconds to wait for its word
 */
export async function blockedReason(model: ChannelModel, limit: number): Promise<string | null> {
  const channel = await model.createConfirmChannel();
  channel.on('error', () => undefined);
  let timer: NodeJS.Timeout | undefined;
  let onBlocked: (reason: string) => void = () => undefined;
  const blocked = new Promise<string>((resolve) => {
    onBlocked = resolve;
    model.once('blocked', onBlocked);
  });
  const late = new Promise<string>((resolve) => {
    timer = setTimeout(resolve, limit, `a message was not confirmed within ${limit} ms`);
  });
  try {
    // The first one may be confirmed before the broker says that it reads no more.
    const accepted = publishNowhere(channel)
      .then(() => publishNowhere(channel))
      .then(() => null);
    return await Promise.race([blocked, accepted, late]);
  } finally {
    clearTimeout(timer);
    model.off('blocked', onBlocked);
  }
}

function publishNowhere(channel: Awaited<ReturnType<ChannelModel['createConfirmChannel']>>): Promise<void> {
  return new Promise((resolve, reject) => {
    channel.publish('', 'netprov.doctor.nowhere', Buffer.alloc(0), {}, (error: unknown) => {
      if (error) reject(error instanceof Error ? error : new Error('the broker refused a message'));
      else resolve();
    });
  });
}

/** What a queue has at the moment. */
export interface QueueDepth {
  /** Messages that wait; without those that a consumer has and has not settled. */
  messages: number;
  /** With a single active consumer, those that stand by count too. */
  consumers: number;
}

/** Asks the broker for a queue's depth. @throws the broker's refusal, when there is no such queue */
export async function queueDepth(model: ChannelModel, queue: string): Promise<QueueDepth> {
  const { messageCount, consumerCount } = await onChannel(model, (channel) => channel.checkQueue(queue));
  return { messages: messageCount, consumers: consumerCount };
}
