import { useEffect, useRef } from 'preact/hooks';

/**
 * A function that does something soon: many calls within the time do it once.
 *
 * @param milliseconds until it is done, from the first call
 */
export function useSoon(action: () => void, milliseconds: number): () => void {
  const timer = useRef<number | undefined>(undefined);
  const latest = useRef(action);
  latest.current = action;
  useEffect(
    () => () => {
      window.clearTimeout(timer.current);
    },
    [],
  );
  return () => {
    timer.current ??= window.setTimeout(() => {
      timer.current = undefined;
      latest.current();
    }, milliseconds);
  };
}
