import { type IronicError, isIronicError, isTransientError, NetworkError } from '../contract/errors.js';
import type { Task } from '../contract/types.js';
import type { Logger } from '../log.js';
import type { ProviderOutcome } from '../providers/provider.js';

/** How it went with an operation and its provider. */
export interface Provided {
  /** Name of the provider; empty when it could not be told. */
  networkProvider: string;
  /** The task that was worked on; null when there was none. */
  task: Task | null;
  /** What the provider says; without bindings, nothing was changed. */
  outcome: Partial<ProviderOutcome>;
  error: IronicError | null;
  /** Whether somebody should look at the message: retries ran out, or this program is at fault. */
  deadLetter: { reason: string; detail: string } | null;
  /** Whether requests are out whose answers nobody saw: they may still take effect. */
  uncertain: boolean;
}

/** What is said of an operation that no provider was given. */
export const NOT_PROVIDED: Provided = {
  networkProvider: '',
  task: null,
  outcome: {},
  error: null,
  deadLetter: null,
  uncertain: false,
};

/** What is said of an operation whose provider, or the choice of one, threw. */
export function failed(error: unknown, log: () => Logger): Pick<Provided, 'error' | 'deadLetter'> {
  if (isIronicError(error)) return { error, deadLetter: null };
  if (isTransientError(error)) {
    const detail = `gave up after repeated transient faults; the last one: ${error.message}`;
    return {
      error: new NetworkError(detail, { cause: error }),
      deadLetter: { reason: 'retries_exhausted', detail },
    };
  }
  // A fault of this program or of a plug-in. What it says may hold anything, so it goes to the log alone.
  log().error('unexpected error in a network provider', { error });
  const detail = 'internal error in the network provider; the worker log has the details under this operation id';
  return {
    error: new NetworkError(detail, { cause: error as Error }),
    deadLetter: { reason: 'internal_error', detail },
  };
}
