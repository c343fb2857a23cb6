import { setTimeout as sleep } from 'node:timers/promises';
import {
  circuitBreaker,
  type CircuitBreakerPolicy,
  CircuitState,
  ConsecutiveBreaker,
  ExponentialBackoff,
  handleWhen,
} from 'cockatiel';
import { NeutronError } from './errors.js';

/** Faults in a row, with no answer between them, after which Neutron counts as away. */
const FAULTS = 5;
/** Milliseconds between two looks whether it is back: at first, and at most. */
const DELAYS = { initialDelay: 500, maxDelay: 5_000 };
/** Statuses of a proxy whose Neutron is away, or of one that says so itself. */
const AWAY_STATUSES = [502, 503, 504];

/**
 * Whether Neutron, and Keystone on its behalf, answers at all. One request that fails is a fault of its operation;
 * several in a row are a Neutron that is away, and then it is better to hold everything than to burn retries. What is under
 * way goes on, and is noticed too when it succeeds.
 */
export class Availability {
  readonly #breaker: CircuitBreakerPolicy = circuitBreaker(handleWhen(isAway), {
    breaker: new ConsecutiveBreaker(FAULTS),
    // When to look is for #wait to say. The breaker goes by the time of day, which may be set back meanwhile.
    halfOpenAfter: -Infinity,
  });
  readonly #look: () => Promise<unknown>;
  #reason: string | null = null;
  #back: Promise<void> | null = null;
  #closed = false;

  /** @param look asks for anything; it fails like any request when Neutron is away */
  constructor(look: () => Promise<unknown>) {
    this.#look = look;
    this.#breaker.onBreak(() => {
      this.#back ??= this.#wait();
    });
  }

  /** Why nothing can be done; null: Neutron answers. */
  get away(): string | null {
    return this.#breaker.state === CircuitState.Closed ? null : this.#reason;
  }

  /** Resolves when Neutron answers, which mostly is at once. @throws the signal's reason */
  async back(signal: () => AbortSignal): Promise<void> {
    if (this.#back === null) return;
    const aborted = signal();
    aborted.throwIfAborted();
    let stop: () => void = () => undefined;
    const abortion = new Promise<void>((resolve) => {
      stop = resolve;
      aborted.addEventListener('abort', stop);
    });
    await Promise.race([this.#back, abortion]);
    aborted.removeEventListener('abort', stop);
    aborted.throwIfAborted();
  }

  /** Sends a request, and notes whether it was answered; a refusal is an answer too. */
  async during<T>(request: () => Promise<T>): Promise<T> {
    try {
      const value = await request();
      await this.#note(null);
      return value;
    } catch (error) {
      await this.#note(error);
      throw error;
    }
  }

  /** Looks no more. */
  close(): void {
    this.#closed = true;
  }

  async #note(error: unknown): Promise<void> {
    if (isAway(error)) this.#reason = error.message;
    const outcome = (): Promise<void> => (isAway(error) ? Promise.reject(error) : Promise.resolve());
    await this.#breaker.execute(outcome).catch(() => undefined);
  }

  async #wait(): Promise<void> {
    let backoff = new ExponentialBackoff(DELAYS).next();
    while (!this.#closed && this.#breaker.state !== CircuitState.Closed) {
      await sleep(backoff.duration, undefined, { ref: false });
      backoff = backoff.next(undefined);
      await this.during(this.#look).catch(() => undefined);
    }
    this.#back = null;
  }
}

function isAway(error: unknown): error is NeutronError {
  if (!(error instanceof NeutronError)) return false;
  const { code, status } = error;
  return (
    code === 'NEUTRON_UNREACHABLE' || code === 'NEUTRON_TIMEOUT' || (status !== null && AWAY_STATUSES.includes(status))
  );
}
