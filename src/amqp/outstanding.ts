import type { Message } from 'amqplib';

import { ConnectionLost, NoExchange, NotConfirmed, Undeliverable, Unsendable } from './errors.js';

/** A published message that the broker has neither confirmed nor refused yet. */
export interface OutstandingMessage {
  exchange: string;
  routingKey: string;
  /** Stops the timer and removes the listener from the signal. */
  stopWaiting: () => void;
  resolve: () => void;
  reject: (error: Error) => void;
}

/** A message, and whether the broker has returned it because no queue took it. */
interface Tracked extends OutstandingMessage {
  returned?: true;
}

/** Milliseconds before the caller gets the error of a refused message: one that retried at once would be refused too. */
export const REFUSAL_PAUSE = 1_000;

/** amqplib's error message when the broker sent basic.nack. */
const NACKED = 'message nacked';

/** The messages whose confirms a publisher waits for. Each ends once: it is resolved, or rejected with its error. */
export class Outstanding {
  readonly #messages = new Map<string, Tracked>();

  /**
   * @param confirmTimeout milliseconds to wait for a confirm
   * @param onRefused called when the broker refuses a message (nack)
   */
  constructor(
    private readonly confirmTimeout: number,
    private readonly onRefused: () => void,
  ) {}

  add(messageId: string, message: OutstandingMessage): void {
    this.#messages.set(messageId, message);
  }

  /**
   * Gives up the wait for confirms after confirmTimeout, or when the signal aborts. The returned function cancels this.
   */
  waitAtMost(messageIds: readonly string[], signal: AbortSignal | undefined): () => void {
    const giveUp = (why: string): void => {
      for (const messageId of messageIds) {
        this.end(messageId, new NotConfirmed(`RabbitMQ did not confirm the message ${why}; it may still arrive.`));
      }
    };
    const onAbort = (): void => {
      giveUp('before the caller gave up');
    };
    const timer = setTimeout(giveUp, this.confirmTimeout, `within ${this.confirmTimeout} ms`);
    signal?.addEventListener('abort', onAbort, { once: true });
    return () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
    };
  }

  /** Marks a message as returned. The broker returns a message before it confirms it, so `end` finds the mark. */
  markReturned({ properties }: Message): void {
    const message = this.#messages.get(String(properties.messageId));
    if (message) message.returned = true;
  }

  /** Ends a message: the broker has confirmed it (no error), or it failed. Does nothing if it has ended before. */
  end(messageId: string, error: unknown): void {
    const message = this.#take(messageId);
    if (!message) return;
    const { exchange, routingKey, returned, resolve, reject } = message;
    if (returned) {
      const place = exchange === '' ? `queue "${routingKey}"` : `queue bound to "${exchange}" with key "${routingKey}"`;
      reject(new Undeliverable(`Not delivered: there is no ${place}.`));
    } else if (error instanceof Error && error.message === NACKED) {
      this.onRefused();
      setTimeout(() => {
        reject(new ConnectionLost('RabbitMQ refused the message; not all of its queues have it.'));
      }, REFUSAL_PAUSE);
    } else if (error instanceof Unsendable || error instanceof NotConfirmed) {
      reject(error);
    } else if (error) {
      const why = 'RabbitMQ did not confirm the message; it may be in its queue all the same.';
      reject(new ConnectionLost(why, { cause: error }));
    } else {
      resolve();
    }
  }

  /**
   * Rejects the messages to a missing exchange with NoExchange. The broker closes the channel in this case, so messages
   * to other exchanges fail too, but with ConnectionLost.
   */
  blame(failure: Error): void {
    for (const [messageId, { exchange, reject }] of [...this.#messages]) {
      if (!failure.message.includes(`no exchange '${exchange}'`)) continue;
      this.#take(messageId);
      reject(new NoExchange(exchange, { cause: failure }));
    }
  }

  /** Removes a message and ends its wait. Undefined if it had ended before. */
  #take(messageId: string): Tracked | undefined {
    const message = this.#messages.get(messageId);
    message?.stopWaiting();
    this.#messages.delete(messageId);
    return message;
  }
}
