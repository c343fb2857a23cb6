/** The longest time that a timer of Node.js can have, in milliseconds: a longer one ends at once. */
const LONGEST = 2 ** 31 - 1;

export interface LimitedSignal {
  readonly signal: AbortSignal;
  /** Takes timer and listener back: the signal will not abort any more. */
  readonly release: () => void;
}

/**
 * A signal that aborts after some milliseconds, with a TimeoutError, or as soon as the other signal aborts, with its
 * reason. Its timer does not keep the process running.
 *
 * All code limits a signal with this function, and not with `AbortSignal.any([AbortSignal.timeout(...), ...])`: nothing
 * but a weak reference holds the timeout there, so the garbage collection of Node.js 20 takes it away, and the signal
 * never aborts.
 *
 * Source: issue 57736 of Node.js.
 */
export function limitedSignal(milliseconds: number, other?: AbortSignal): LimitedSignal {
  const limited = new AbortController();
  const release = (): void => {
    clearTimeout(timer);
    other?.removeEventListener('abort', follow);
  };
  const end = (reason: unknown): void => {
    release();
    limited.abort(reason);
  };
  const follow = (): void => {
    end(other?.reason);
  };
  const late = (): void => {
    end(new DOMException('The operation was aborted due to timeout', 'TimeoutError'));
  };
  const timer = setTimeout(late, Math.min(milliseconds, LONGEST)).unref();
  if (other?.aborted) follow();
  else other?.addEventListener('abort', follow);
  return { signal: limited.signal, release };
}
