import type { ManagedQueue } from './management.js';

/**
 * What a quorum queue has to say of when RabbitMQ may take a message out of it by itself, and where it is to put it.
 * Source: RabbitMQ, "Quorum Queues", "Poison Message Handling" and "Dead Lettering".
 */
export type QueueLimits = Readonly<Record<string, number | string>>;

/**
 * How often a message may come back to its queue. A limit has to be named: without one, RabbitMQ 4 drops what came back 20
 * times, and up to 4.2 each lost channel counts. RabbitMQ 3 takes none below 0 for "without a limit".
 */
export const DELIVERY_LIMIT = 1_000_000_000;

const LIMIT = 'delivery-limit';

/** The limits as the keys of a policy have them. @param deadLetterQueue null: what is taken out goes nowhere */
export function limitsPolicy(deadLetterQueue: string | null): QueueLimits {
  if (deadLetterQueue === null) return { [LIMIT]: DELIVERY_LIMIT };
  return {
    [LIMIT]: DELIVERY_LIMIT,
    'dead-letter-exchange': '',
    'dead-letter-routing-key': deadLetterQueue,
    // A message leaves only when the other queue has it; RabbitMQ asks for the overflow behaviour beside it.
    'dead-letter-strategy': 'at-least-once',
    overflow: 'reject-publish',
  };
}

/** The limits as the arguments of a queue's declaration. */
export function queueLimits(deadLetterQueue: string | null): QueueLimits {
  return Object.fromEntries(Object.entries(limitsPolicy(deadLetterQueue)).map(([key, value]) => [`x-${key}`, value]));
}

const ARGUMENTS = new Set(Object.keys(queueLimits('any')));

/** Whether an argument of a queue is one of the limits: a queue may stand without them, or get them from a policy. */
export function isQueueLimit(argument: string): boolean {
  return ARGUMENTS.has(argument);
}

/** The limits that neither a queue's arguments nor the policies that apply to it name. Classic queues need none. */
export function missingLimits(
  queue: Pick<ManagedQueue, 'type' | 'arguments' | 'effective_policy_definition'>,
): string[] {
  if (queue.type !== 'quorum') return [];
  const named = (key: string): boolean => `x-${key}` in queue.arguments || key in queue.effective_policy_definition;
  return Object.keys(limitsPolicy('any')).filter((key) => !named(key));
}
