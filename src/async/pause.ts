/**
 * Resolves after some milliseconds, or as soon as the signal aborts. It never rejects: the caller checks the signal.
 * All code pauses with this function, so that every pause ends with its signal and leaves neither timer nor listener.
 */
export function pause(milliseconds: number, signal?: AbortSignal): Promise<void> {
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
