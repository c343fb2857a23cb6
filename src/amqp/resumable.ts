import type { ChannelModel } from 'amqplib';
import { ExponentialBackoff, type IBackoff } from 'cockatiel';

import { toError } from '../async/error-text.js';
import { pause } from '../async/pause.js';
import type { Logger } from '../log/log.js';
import { ConnectionLost } from './errors.js';

/** What must be done again after each reconnection: opening channels, declaring, consuming. */
export type Setup = (model: ChannelModel) => Promise<void>;

export interface ReconnectDelays {
  /** Approximate milliseconds before the first new attempt. */
  initialDelay: number;
  /** The longest delay in milliseconds. */
  maxDelay: number;
}

/** A backoff that returns to its first delay after a success that lasted longer than `maxDelay`. */
export class ReconnectBackoff {
  #step: IBackoff<unknown>;
  #wellSince = Infinity;

  constructor(private readonly delays: ReconnectDelays) {
    this.#step = new ExponentialBackoff(delays).next();
  }

  /** Call this after a success. */
  reset(): void {
    this.#wellSince = performance.now();
  }

  /** Call this after a failure. Returns how many milliseconds to wait now. */
  next(): number {
    const { delays } = this;
    this.#step =
      performance.now() - this.#wellSince > delays.maxDelay
        ? new ExponentialBackoff(delays).next()
        : this.#step.next(undefined);
    this.#wellSince = Infinity;
    return this.#step.duration;
  }
}

/**
 * Runs a setup on every new connection, and retries it until it succeeds. A failing setup does not delay other setups.
 */
export class Resumable {
  /**
   * Settled by the first attempt that succeeds or fails by itself: it rejects if the setup failed. A failure because
   * the connection was lost, or because a node of the broker is down, does not count. `release` rejects it. After a
   * rejection, attempts still go on until `release`.
   */
  readonly ready: Promise<void>;

  readonly #releasing = new AbortController();
  readonly #settle: { resolve: () => void; reject: (error: Error) => void };
  #current: { model: ChannelModel; gone: AbortController } | null = null;
  #running = false;
  #wanted = false;
  /** Whether a run is scheduled after a delay. */
  #soon = false;
  #stale = false;
  readonly #backoff: ReconnectBackoff;

  constructor(
    private readonly name: string,
    private readonly setup: Setup,
    delays: ReconnectDelays,
    private readonly log: Logger,
    private readonly onRelease: (self: Resumable) => void,
  ) {
    this.#backoff = new ReconnectBackoff(delays);
    const { promise, ...settle } = withResolvers();
    this.ready = promise;
    this.#settle = settle;
  }

  /** Aborted by `release`, which also happens when the connection is closed for good. */
  get released(): AbortSignal {
    return this.#releasing.signal;
  }

  /** Called when the connection is up. Runs the setup on it. */
  attach(model: ChannelModel): void {
    this.detach();
    this.#current = { model, gone: new AbortController() };
    this.#wanted = true;
    void this.#run();
  }

  /** Called when the connection is lost. */
  detach(): void {
    this.#current?.gone.abort();
    this.#current = null;
    this.#wanted = false;
  }

  /**
   * Runs the setup again after a delay, because what it made is gone although the connection is up.
   * @param delay milliseconds. Default: the next delay of the backoff.
   */
  again(delay?: number): void {
    const current = this.#current;
    if (!current || this.#soon) return;
    this.#stale = true;
    // A setup that is running now either fails and is retried, or ends, and `run` then sees that it is stale.
    if (this.#running) return;
    this.#soon = true;
    void pause(delay ?? this.#backoff.next(), current.gone.signal).then(() => {
      this.#soon = false;
      if (this.#current !== current) return;
      this.#wanted = true;
      return this.#run();
    });
  }

  /** Stops running the setup, for good. */
  release(): void {
    this.#releasing.abort();
    this.detach();
    this.#settle.reject(new ConnectionLost(`${this.name}: closed before it was finished.`));
    this.onRelease(this);
  }

  async #run(): Promise<void> {
    if (this.#running) return;
    this.#running = true;
    while (this.#wanted && this.#current) {
      this.#wanted = false;
      await this.#attempt(this.#current.model, this.#current.gone.signal);
    }
    this.#running = false;
    if (this.#stale) this.again();
  }

  async #attempt(model: ChannelModel, gone: AbortSignal): Promise<void> {
    this.#stale = false;
    try {
      await this.setup(model);
      this.#backoff.reset();
      this.#settle.resolve();
    } catch (error) {
      // The next connection runs the setup again.
      if (gone.aborted) return;
      const reason = toError(error);
      const delay = this.#backoff.next();
      this.log.error(`${this.name} failed; trying again in ${Math.round(delay)} ms`, { reason: reason.message });
      if (!isNodeAway(reason)) this.#settle.reject(reason);
      await pause(delay, gone);
      if (this.#current?.model === model) this.#wanted = true;
    }
  }
}

const NOT_FOUND = 404;

/**
 * Whether the broker refused because the node that holds a queue is down. The queue still exists, and comes back with
 * the node. Only the text of the error distinguishes this 404 from others. Seen with RabbitMQ 3.10.
 */
export function isNodeAway(error: Error): boolean {
  const code = 'code' in error ? error.code : null;
  return (
    code === NOT_FOUND && /home node .* (is down|inaccessible)|process is stopped|queue .* is down/i.test(error.message)
  );
}

function withResolvers(): { promise: Promise<void>; resolve: () => void; reject: (error: Error) => void } {
  let resolve: () => void = () => undefined;
  let reject: (error: Error) => void = () => undefined;
  const promise = new Promise<void>((onResolve, onReject) => {
    resolve = onResolve;
    reject = onReject;
  });
  // Nobody needs to handle a rejection.
  promise.catch(() => undefined);
  return { promise, resolve, reject };
}
