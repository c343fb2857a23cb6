import { randomUUID } from 'node:crypto';

import { ConnectionLost, NotConfirmed, Undeliverable } from '../amqp/errors.js';
import type { Publisher } from '../amqp/publisher.js';
import { errorText } from '../async/error-text.js';
import { pause } from '../async/pause.js';
import type { Logger } from '../log/log.js';
import type { MessageCodec, RpcReply } from './message.js';

/** How many missing reply queues are remembered, and for how long. Source: oslo_messaging/_drivers/amqpdriver.py. */
const GONE_NAMES = 200;
const GONE_FOR = 60_000;

const LONGEST_TIMER = 2 ** 31 - 1;

export interface ReplySenderOptions {
  publisher: Pick<Publisher, 'publish' | 'ready'>;
  log: Logger;
  /** Milliseconds between attempts while the caller's queue is missing. Default 250. */
  retryEvery?: number;
  /**
   * Milliseconds after which a caller whose queue is missing counts as gone. oslo.messaging's option is
   * kombu_missing_consumer_retry_timeout. Default 60,000.
   */
  retryFor?: number;
}

/** Where a call wants its reply. */
export interface ReplyAddress {
  replyQ: string;
  msgId: string;
  /** Fields that every log line about the call has. */
  fields?: object | undefined;
}

/** The answer: a result, or the text that serializeFailure makes. */
export type ReplyOutcome = { result: unknown } | { failure: string };

/** Sends replies as oslo.messaging does. It waits as long as oslo.messaging for a caller that is reconnecting. */
export class ReplySender {
  readonly #publisher: Pick<Publisher, 'publish' | 'ready'>;
  readonly #log: Logger;
  readonly #retryEvery: number;
  readonly #retryFor: number;
  /** Reply queues that stayed missing, oldest first. The value is when to forget it, by performance.now(). */
  readonly #gone = new Map<string, number>();

  constructor({ publisher, log, retryEvery = 250, retryFor = 60_000 }: ReplySenderOptions) {
    this.#publisher = publisher;
    this.#log = log;
    this.#retryEvery = retryEvery;
    this.#retryFor = retryFor;
  }

  /**
   * Sends a reply. Resolves with "sent" when the broker has the reply, and with "gone" when the caller's queue is
   * missing and stays so. After a lost connection it waits and sends the reply again. The reply may then arrive twice,
   * which callers tolerate.
   * @throws ConnectionLost when the signal aborts before that
   */
  async reply(
    codec: MessageCodec,
    { replyQ, msgId, fields }: ReplyAddress,
    outcome: ReplyOutcome,
    signal?: AbortSignal,
  ): Promise<'sent' | 'gone'> {
    const body = codec.encodeReply({
      result: null,
      failure: null,
      ...outcome,
      ending: true,
      msgId,
      uniqueId: uniqueId(),
    });
    const deadline = performance.now() + this.#retryFor;
    while (!this.#isGone(replyQ)) {
      if (signal?.aborted) throw new ConnectionLost(`The reply to ${msgId} was cancelled.`, { cause: signal.reason });
      try {
        const options = { contentType: codec.contentType, mandatory: true, ...(signal && { signal }) };
        await this.#publisher.publish('', replyQ, body, options);
        return 'sent';
      } catch (error) {
        if (error instanceof Undeliverable && performance.now() >= deadline) this.#markGone({ replyQ, msgId, fields });
        else await this.#pause(error, signal);
      }
    }
    return 'gone';
  }

  /**
   * Sends heartbeats to a caller that has a call_monitor_timeout (`timeout`, in seconds), one every half of that time.
   * They say that the call is still running. They end when the returned function is called, or when a heartbeat fails.
   * As in oslo.messaging, a timeout under two whole seconds gets no heartbeats. Source:
   * oslo_messaging/rpc/dispatcher.py.
   */
  startHeartbeats(
    codec: MessageCodec,
    { replyQ, msgId, timeout, fields }: ReplyAddress & { timeout: number | null },
  ): () => void {
    const seconds = Math.trunc(timeout ?? 0);
    if (seconds < 2) return () => undefined;
    const heartbeat: Omit<RpcReply, 'uniqueId'> = { result: null, failure: null, ending: false, msgId };
    const options = { contentType: codec.contentType, mandatory: true, persistent: false };
    let unconfirmed = false;
    const beat = (): void => {
      // Send one at a time: if the broker is short of memory, unsent heartbeats would pile up in our memory.
      if (unconfirmed) return;
      unconfirmed = true;
      const body = codec.encodeReply({ ...heartbeat, uniqueId: uniqueId() });
      this.#publisher
        .publish('', replyQ, body, options)
        .catch((error: unknown) => {
          // The broker may recover and take the next heartbeat, so go on.
          if (error instanceof NotConfirmed) return;
          clearInterval(timer);
          this.#log.debug('no more call-monitor heartbeats for this call', {
            ...fields,
            msgId,
            reason: errorText(error),
          });
        })
        .finally(() => (unconfirmed = false));
    };
    const timer = setInterval(beat, Math.min(seconds * 500, LONGEST_TIMER));
    return () => {
      clearInterval(timer);
    };
  }

  async #pause(error: unknown, signal: AbortSignal | undefined): Promise<void> {
    if (!(error instanceof Undeliverable || error instanceof ConnectionLost)) throw error;
    await pause(this.#retryEvery, signal);
    await this.#publisher.ready(signal);
  }

  #isGone(replyQ: string): boolean {
    const until = this.#gone.get(replyQ);
    if (until === undefined) return false;
    if (until > performance.now()) return true;
    this.#gone.delete(replyQ);
    return false;
  }

  #markGone({ replyQ, fields, ...call }: ReplyAddress): void {
    const milliseconds = this.#retryFor;
    this.#log.warn('the caller is gone: its reply queue does not exist', { ...fields, ...call, replyQ, milliseconds });
    const oldest = this.#gone.keys().next();
    if (this.#gone.size >= GONE_NAMES && !oldest.done) this.#gone.delete(oldest.value);
    this.#gone.set(replyQ, performance.now() + GONE_FOR);
  }
}

function uniqueId(): string {
  return randomUUID().replaceAll('-', '');
}
