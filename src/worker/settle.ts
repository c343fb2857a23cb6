import { setTimeout as pause } from 'node:timers/promises';

import type { Delivery } from '../amqp/index.js';
import type { DeadLetter } from '../messages/dead-letter.js';
import type { DeadLetters } from './keep-dead-letter.js';

/** How it went with a message. */
export type Settlement =
  /** Its outcome is committed and answered. */
  | { kind: 'answered' }
  /** It could not become an operation, its retries ran out, or this program is at fault. */
  | ({ kind: 'dead' } & DeadLetter)
  /** Committed, but the broker did not take the answer. */
  | { kind: 'unanswered' }
  /** It is no longer ours: the channel is gone, or this worker stops. */
  | { kind: 'abandoned' };

/** Milliseconds before a message is given back: whatever refused it has a moment to recover. */
const REQUEUE_DELAY = 1000;

/**
 * What happens to a message. Nothing else settles one.
 *
 * | outcome    | the message                                                                                |
 * |------------|--------------------------------------------------------------------------------------------|
 * | answered   | acknowledged                                                                               |
 * | dead       | copied to the dead-letter queue, then acknowledged; requeued when the copy was not confirmed |
 * | unanswered | requeued: it comes again, is known as a repeat, and is answered                            |
 * | abandoned  | left alone: the broker hands it out again when the channel closes                          |
 */
export async function settle(
  delivery: Delivery,
  outcome: Settlement,
  deadLetters: DeadLetters,
  requeueDelay = REQUEUE_DELAY,
): Promise<void> {
  switch (outcome.kind) {
    case 'answered':
      delivery.ack();
      return;
    case 'dead':
      if (await deadLetters.keep(delivery, outcome)) delivery.ack();
      else await giveBack(delivery, requeueDelay);
      return;
    case 'unanswered':
      await giveBack(delivery, requeueDelay);
      return;
    case 'abandoned':
      return;
  }
}

async function giveBack(delivery: Delivery, delay: number): Promise<void> {
  await pause(delay);
  delivery.requeue();
}
