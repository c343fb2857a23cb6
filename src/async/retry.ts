import { setTimeout as pause } from 'node:timers/promises';

import { ExponentialBackoff } from 'cockatiel';

export interface RetryOptions {
  /** Whether an error may pass by itself. */
  isTransient: (error: unknown) => boolean;
  /** Milliseconds before the first repeat, doubling with jitter, and at most between two. */
  initialDelay: number;
  maxDelay: number;
  /** After which no further attempt is begun, as performance.now() says: the time of day may be set. Default: none. */
  deadline?: number;
  /** Asked for only when there is something to wait for. When it aborts, no further attempt is begun. */
  signal: () => AbortSignal;
  /** Told of each fault that is not the last. */
  onFault: (error: Error) => void;
}

/**
 * Does the work, again and again while it fails transiently.
 *
 * @throws what the last attempt threw, or the first error that is not transient
 */
export async function retry<T>(work: () => Promise<T>, options: RetryOptions): Promise<T> {
  const { isTransient, deadline = Infinity, onFault } = options;
  let delays: Backoff | null = null;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      const signal = options.signal();
      const again = (): boolean => !signal.aborted && performance.now() < deadline;
      if (!isTransient(error) || !again()) throw error;
      onFault(error as Error);
      delays ??= new Backoff(options);
      await pause(delays.next(), undefined, { signal }).catch(() => undefined);
      if (!again()) throw error;
    }
  }
}

/** Milliseconds between attempts: they double, with jitter. */
export class Backoff {
  #backoff;

  constructor({ initialDelay, maxDelay }: Pick<RetryOptions, 'initialDelay' | 'maxDelay'>) {
    this.#backoff = new ExponentialBackoff({ initialDelay, maxDelay }).next();
  }

  next(): number {
    const { duration } = this.#backoff;
    this.#backoff = this.#backoff.next(undefined);
    return duration;
  }
}
