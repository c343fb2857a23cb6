import type { ManagedQueue } from './management.js';

/**
 * Settings of a quorum queue: when RabbitMQ may remove a message from it by itself, and where it puts that message.
 * Source: RabbitMQ, "Quorum Queues", "Poison Message Handling" and "Dead Lettering".
 */
export type QueueLimits = Readonly<Record<string, number | string>>;

/**
 * How often a message may come back to its queue. We must set a limit: without one, RabbitMQ 4 drops a message that
 * came back 20 times, and up to 4.2 each lost channel counts as one return. A negative value for "no limit" is not
 * possible, because RabbitMQ 3 does not accept it.
 */
export const DELIVERY_LIMIT = 1_000_000_000;

const LIMIT = 'delivery-limit';

/** The limits, with the keys of a policy. @param deadLetterQueue null: RabbitMQ drops the messages that it removes */
export function limitsPolicy(deadLetterQueue: string | null): QueueLimits {
  if (deadLetterQueue === null) return { [LIMIT]: DELIVERY_LIMIT };
  return {
    [LIMIT]: DELIVERY_LIMIT,
    'dead-letter-exchange': '',
    'dead-letter-routing-key': deadLetterQueue,
    // A message leaves only when the dead-letter queue has it. RabbitMQ requires this overflow setting with the
    // strategy.
    'dead-letter-strategy': 'at-least-once',
    overflow: 'reject-publish',
  };
}

/** The limits, as arguments of a queue's declaration. */
export function queueLimits(deadLetterQueue: string | null): QueueLimits {
  return Object.fromEntries(Object.entries(limitsPolicy(deadLetterQueue)).map(([key, value]) => [`x-${key}`, value]));
}

const ARGUMENTS = new Set(Object.keys(queueLimits('any')));

/** Whether a queue argument is one of the limits. An existing queue may lack these, or get them from a policy. */
export function isQueueLimit(argument: string): boolean {
  return ARGUMENTS.has(argument);
}

/** The limits that are set neither in the queue's arguments nor in its policies. Classic queues need none. */
export function missingLimits(
  queue: Pick<ManagedQueue, 'type' | 'arguments' | 'effective_policy_definition'>,
): string[] {
  if (queue.type !== 'quorum') return [];
  const named = (key: string): boolean => `x-${key}` in queue.arguments || key in queue.effective_policy_definition;
  return Object.keys(limitsPolicy('any')).filter((key) => !named(key));
}
