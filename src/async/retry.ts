import { ExponentialBackoff } from 'cockatiel';

import { pause } from './pause.js';

export interface RetryOptions {
  /** Whether an error may go away by itself. */
  isTransient: (error: unknown) => boolean;
  /** Milliseconds before the first retry; the delay doubles each time, with jitter, up to maxDelay. */
  initialDelay: number;
  maxDelay: number;
  /** Time of performance.now() after which no further attempt begins. (The clock may be set.) Default: no deadline. */
  deadline?: number;
  /** Returns the signal that ends the retries. It is called only after an attempt has failed. */
  signal: () => AbortSignal;
  /** Called with each error after which the work is tried again. */
  onFault: (error: Error) => void;
}

/**
 * Does the work, and retries it while it fails with transient errors.
 *
 * @throws the error of the last attempt, or the first error that is not transient
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
      await pause(delays.next(), signal);
      if (!again()) throw error;
    }
  }
}

/** Computes the delays between attempts: they double, with jitter. */
export class Backoff {
  #backoff;

  constructor({ initialDelay, maxDelay }: Pick<RetryOptions, 'initialDelay' | 'maxDelay'>) {
    this.#backoff = new ExponentialBackoff({ initialDelay, maxDelay }).next();
  }

  /** The next delay, in milliseconds. */
  next(): number {
    const { duration } = this.#backoff;
    this.#backoff = this.#backoff.next(undefined);
    return duration;
  }
}
