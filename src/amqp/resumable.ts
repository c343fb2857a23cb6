import type { ChannelModel } from 'amqplib';
import { ExponentialBackoff, type IBackoff } from 'cockatiel';

import { wait } from '../async/wait.js';
import type { Logger } from '../log/log.js';
import { ConnectionLost } from './errors.js';

/** Opens channels, declares, consumes: what a user of the connection needs again after each reconnection. */
export type Setup = (model: ChannelModel) => Promise<void>;

export interface ReconnectDelays {
  /** Milliseconds before the first new attempt, about. */
  initialDelay: number;
  /** Milliseconds that no delay exceeds. */
  maxDelay: number;
}

/** A backoff that starts again from its first delay when things went well for a while. */
export class ReconnectBackoff {
  private step: IBackoff<unknown>;
  private wellSince = Infinity;

  constructor(private readonly delays: ReconnectDelays) {
    this.step = new ExponentialBackoff(delays).next();
  }

  /** Something worked. */
  reset(): void {
    this.wellSince = performance.now();
  }

  /** Something failed: how many milliseconds to wait now. */
  next(): number {
    const { delays } = this;
    this.step =
      performance.now() - this.wellSince > delays.maxDelay
        ? new ExponentialBackoff(delays).next()
        : this.step.next(undefined);
    this.wellSince = Infinity;
    return this.step.duration;
  }
}

/**
 * A setup that is run on every new connection, and until it works. One that fails does not hold up the others.
 */
export class Resumable {
  /**
   * Settled by the first attempt that ends for a reason other than a lost connection or a node of the broker's that is
   * away: rejects when the setup itself failed. Attempts go on even then, until `release`.
   */
  readonly ready: Promise<void>;

  private readonly releasing = new AbortController();
  private readonly settle: { resolve: () => void; reject: (error: Error) => void };
  private current: { model: ChannelModel; gone: AbortController } | null = null;
  private running = false;
  private wanted = false;
  /** A run is due after a delay. */
  private soon = false;
  private stale = false;
  private readonly backoff: ReconnectBackoff;

  constructor(
    private readonly name: string,
    private readonly setup: Setup,
    delays: ReconnectDelays,
    private readonly log: Logger,
    private readonly onRelease: (self: Resumable) => void,
  ) {
    this.backoff = new ReconnectBackoff(delays);
    const { promise, ...settle } = withResolvers();
    this.ready = promise;
    this.settle = settle;
  }

  /** Aborted by `release`, and when the connection is closed for good. */
  get released(): AbortSignal {
    return this.releasing.signal;
  }

  /** The connection is up: run the setup on it. */
  attach(model: ChannelModel): void {
    this.detach();
    this.current = { model, gone: new AbortController() };
    this.wanted = true;
    void this.run();
  }

  /** The connection is gone. */
  detach(): void {
    this.current?.gone.abort();
    this.current = null;
    this.wanted = false;
  }

  /** What the setup made is gone although the connection stands: run it again, after a delay in milliseconds. */
  again(delay?: number): void {
    const { current } = this;
    if (!current || this.soon) return;
    this.stale = true;
    // A setup that is running will fail, and be tried again, or end and find itself stale.
    if (this.running) return;
    this.soon = true;
    void wait(delay ?? this.backoff.next(), current.gone.signal).then(() => {
      this.soon = false;
      if (this.current !== current) return;
      this.wanted = true;
      return this.run();
    });
  }

  /** Runs the setup no more. */
  release(): void {
    this.releasing.abort();
    this.detach();
    this.settle.reject(new ConnectionLost(`${this.name}: closed before it was done.`));
    this.onRelease(this);
  }

  private async run(): Promise<void> {
    if (this.running) return;
    this.running = true;
    while (this.wanted && this.current) {
      this.wanted = false;
      await this.attempt(this.current.model, this.current.gone.signal);
    }
    this.running = false;
    if (this.stale) this.again();
  }

  private async attempt(model: ChannelModel, gone: AbortSignal): Promise<void> {
    this.stale = false;
    try {
      await this.setup(model);
      this.backoff.reset();
      this.settle.resolve();
    } catch (error) {
      // The next connection starts it anew.
      if (gone.aborted) return;
      const reason = error instanceof Error ? error : new Error(String(error));
      const delay = this.backoff.next();
      this.log.error(`${this.name} failed; trying again in ${Math.round(delay)} ms`, { reason: reason.message });
      if (!isNodeAway(reason)) this.settle.reject(reason);
      await wait(delay, gone);
      if (this.current?.model === model) this.wanted = true;
    }
  }
}

const NOT_FOUND = 404;

/**
 * Whether the broker refuses because the node that a queue is on is away: the queue is there, and comes back with the node.
 * Its sentence is all that tells this 404 from others. Seen with RabbitMQ 3.10.
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
  // Nobody has to look at it.
  promise.catch(() => undefined);
  return { promise, resolve, reject };
}
