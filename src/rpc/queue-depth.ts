import type { ChannelModel } from 'amqplib';
import { onChannel } from './channel.js';

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
