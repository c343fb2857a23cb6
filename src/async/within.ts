/** The outcome of the race in which the limit came first. */
const LATE = Symbol('late');

/**
 * Waits for a promise, but only within a limit: for some milliseconds, or until a signal aborts. If the limit comes
 * first, `late` gives the result, or throws. The promise goes on then, and its outcome is ignored. No timer or listener
 * is left behind.
 *
 * @param late is called at most once, when the limit has come before the promise has settled
 * @throws the promise's error; whatever `late` throws
 */
export async function within<T, L>(
  limit: number | AbortSignal,
  promise: PromiseLike<T>,
  late: () => L,
): Promise<T | L> {
  let release = (): void => undefined;
  const over = new Promise<typeof LATE>((resolve) => {
    const onLimit = (): void => {
      resolve(LATE);
    };
    if (typeof limit === 'number') {
      const timer = setTimeout(onLimit, limit);
      release = () => {
        clearTimeout(timer);
      };
    } else if (limit.aborted) {
      onLimit();
    } else {
      limit.addEventListener('abort', onLimit);
      release = () => {
        limit.removeEventListener('abort', onLimit);
      };
    }
  });
  try {
    // An aborted signal goes first, even if the promise has settled.
    const first = await Promise.race([over, promise]);
    return first === LATE ? late() : first;
  } finally {
    release();
  }
}
