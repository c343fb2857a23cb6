import type { Delivery } from '../amqp/index.js';
import { pause } from '../async/pause.js';
import type { DeadLetter } from '../messages/dead-letter.js';
import type { DeadLetters } from './keep-dead-letter.js';

/** The outcome of a message. */
export type Settlement =
  /** The message is done: its outcome is committed and answered, or there was nothing to commit. */
  | { kind: 'answered' }
  /** The message could not become an operation, its retries ran out, or this program is at fault. */
  | ({ kind: 'dead' } & DeadLetter)
  /** The outcome is committed, but the broker did not confirm the answer. */
  | { kind: 'unanswered' }
  /** The message no longer belongs to this worker: the channel is gone, or the worker stops. */
  | { kind: 'abandoned' };

/** Milliseconds before a message is requeued, so that whatever refused it has a moment to recover. */
const REQUEUE_DELAY = 1000;

/**
 * Settles a message according to its outcome. No other function settles a message.
 *
 * | outcome    | the message                                                                                |
 * |------------|--------------------------------------------------------------------------------------------|
 * | answered   | acknowledged                                                                               |
 * | dead       | copied to the dead-letter queue, then acknowledged; requeued when the copy was not confirmed |
 * | unanswered | requeued: when it comes again, it is recognized as a repeat and answered                   |
 * | abandoned  | left alone: the broker delivers it again when the channel closes                           |
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
