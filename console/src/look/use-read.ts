import { useCallback, useEffect, useRef, useState } from 'preact/hooks';

/** What was read: the newest value, or why there is none. A fault does not take away an earlier value. */
export interface Reading<T> {
  value: T | null;
  fault: unknown;
  /** Reads again. */
  again: () => void;
}

/**
 * Reads something when the page opens, and again when `key` changes.
 *
 * @param read what reads it; its signal is aborted when nobody waits for the answer any more
 */
export function useRead<T>(key: string, read: (signal: AbortSignal) => Promise<T>): Reading<T> {
  const [state, setState] = useState<{ key: string; value: T | null; fault: unknown }>({
    key,
    value: null,
    fault: null,
  });
  const current = useRef<AbortController | null>(null);
  const again = useCallback(() => {
    current.current?.abort();
    const waiting = new AbortController();
    current.current = waiting;
    read(waiting.signal).then(
      (value) => {
        if (!waiting.signal.aborted) setState({ key, value, fault: null });
      },
      (fault: unknown) => {
        if (waiting.signal.aborted) return;
        setState((before) => ({ key, value: before.key === key ? before.value : null, fault }));
      },
    );
  }, [key]);
  useEffect(() => {
    again();
    return () => current.current?.abort();
  }, [key]);
  const fresh = state.key === key;
  return { value: fresh ? state.value : null, fault: fresh ? state.fault : null, again };
}
