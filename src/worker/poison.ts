import { NetworkError } from '../contract/errors.js';
import type { EarlierBegins } from '../state/index.js';

/**
 * A message that takes down whoever works on it would do so for ever. Those that were only fetched when a worker died
 * are not suspects, only those that it had begun; and one is convicted only of deaths at which nothing else ran.
 */
export interface PoisonOptions {
  /** Deaths of workers that had begun an operation, among others, after which it is tried alone. */
  suspectAfter: number;
  /** Deaths while it was tried alone, after which it is not tried any more. */
  triesAlone: number;
}

/** Whether an operation is to be tried while nothing else runs. */
export function suspected(earlier: EarlierBegins | null, { suspectAfter }: PoisonOptions): boolean {
  return earlier !== null && earlier.begun >= suspectAfter;
}

/** Why an operation is not tried any more; null: it is. */
export function poisonOf(earlier: EarlierBegins | null, { triesAlone }: PoisonOptions): NetworkError | null {
  if (earlier === null || earlier.triedAlone < triesAlone) return null;
  return new NetworkError(
    `${earlier.begun} workers died while they ran this operation, ${earlier.triedAlone} of them while nothing else ran; ` +
      'it is not tried again',
  );
}
