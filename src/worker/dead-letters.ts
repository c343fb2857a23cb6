import type { Logger } from '../log.js';
import type { Delivery, Publisher } from '../rpc/index.js';

/** Headers of a dead letter. */
export const DEAD_LETTER_HEADERS = {
  /** A stable word: not_json, no_such_method, retries_exhausted, ... */
  reason: 'netprov-reason',
  /** A sentence for the operator. */
  detail: 'netprov-detail',
  /** The queue that the message came from; where it goes back to. */
  originQueue: 'netprov-origin-queue',
  /** When it became a dead letter, ISO 8601. */
  time: 'netprov-time',
  /** How often the broker had handed it out before. */
  deliveries: 'netprov-deliveries',
} as const;

/** Longest detail, in characters: headers have to fit into one AMQP frame. */
const MAX_DETAIL = 1000;

/** The queue `<topic>.dead`: messages that could not become an operation, or whose retries ran out. */
export class DeadLetters {
  constructor(
    readonly queue: string,
    private readonly publisher: Publisher,
    private readonly log: Logger,
  ) {}

  /** Keeps a copy of a message. Answers whether the broker has confirmed it. */
  async keep(delivery: Delivery, { reason, detail }: { reason: string; detail: string }): Promise<boolean> {
    const headers = {
      ...delivery.headers,
      [DEAD_LETTER_HEADERS.reason]: reason,
      [DEAD_LETTER_HEADERS.detail]: detail.slice(0, MAX_DETAIL),
      [DEAD_LETTER_HEADERS.originQueue]: delivery.queue,
      [DEAD_LETTER_HEADERS.time]: new Date().toISOString(),
      [DEAD_LETTER_HEADERS.deliveries]: delivery.deliveryCount + 1,
    };
    try {
      await this.publisher.publish('', this.queue, delivery.body, {
        mandatory: true,
        headers,
        contentType: delivery.contentType ?? 'application/json',
      });
    } catch (error) {
      this.log.error('a dead letter could not be kept; the message goes back to its queue', { reason, error });
      return false;
    }
    this.log.warn('message became a dead letter', { reason, detail, queue: delivery.queue });
    return true;
  }
}
