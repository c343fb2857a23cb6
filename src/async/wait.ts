/** Resolves after some milliseconds, or as soon as the signal aborts. Never rejects: the caller checks the signal. */
export function wait(milliseconds: number, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, milliseconds);
    signal?.addEventListener('abort', done, { once: true });
  });
}

/** Waits for the promise, but at most for some milliseconds. @throws the promise's error, if it rejects in that time */
export async function atMost(milliseconds: number, promise: Promise<unknown>): Promise<void> {
  const over = new AbortController();
  await Promise.race([promise, wait(milliseconds, over.signal)]).finally(() => {
    over.abort();
  });
}
