import { ExponentialBackoff, handleWhen, retry } from 'cockatiel';

export interface PersistOptions {
  /** Whether an error may pass by itself. */
  isTransient: (error: unknown) => boolean;
  /** Milliseconds before the first repeat, doubling with jitter, and at most between two. */
  initialDelay: number;
  maxDelay: number;
  /** Most repeats. Default: no limit. */
  maxAttempts?: number;
  /** After which no further attempt is begun, as performance.now() says: the time of day may be set. Default: none. */
  deadline?: number;
  /** Asked for only when there is something to wait for. */
  signal: () => AbortSignal;
  /** Told of each fault that is not the last. */
  onFault: (error: Error) => void;
}

/**
 * Does the work, again and again while it fails transiently. The first attempt, which nearly always is the only one,
 * goes without any of the machinery.
 *
 * @throws what the last attempt threw, or the first error that is not transient
 */
export async function persist<T>(work: () => Promise<T>, options: PersistOptions): Promise<T> {
  const { isTransient, initialDelay, maxDelay, maxAttempts = Infinity, deadline = Infinity, onFault } = options;
  try {
    return await work();
  } catch (first) {
    const signal = options.signal();
    const again = (error: unknown): boolean => isTransient(error) && !signal.aborted && performance.now() < deadline;
    if (!again(first)) throw first;
    // The policy's first attempt is the one that failed above.
    const repeat = ({ attempt }: { attempt: number }): Promise<T> => {
      if (attempt > 0) return work();
      throw first;
    };
    const policy = retry(handleWhen(again), {
      maxAttempts,
      backoff: new ExponentialBackoff({ initialDelay, maxDelay }),
    });
    policy.onRetry((reason) => {
      if ('error' in reason) onFault(reason.error);
    });
    return policy.execute(repeat, signal);
  }
}
