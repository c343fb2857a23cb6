import { setTimeout as sleep } from 'node:timers/promises';
import { ExponentialBackoff } from 'cockatiel';
import { NeutronError } from './errors.js';

/** Faults in a row, with no answer between them, after which it is looked whether Neutron is away. */
const FAULTS = 5;
/** Milliseconds between two looks whether it is back: at first, and at most. */
const DELAYS = { initialDelay: 500, maxDelay: 5_000 };
/** Statuses of a proxy whose Neutron is away, or of one that says so itself. */
const AWAY_STATUSES = [502, 503, 504];

/**
 * Whether Neutron, and Keystone on its behalf, answers at all. A request that fails is a fault of its operation, and so are
 * several in a row: the switch of one node may be dead. Away is a Neutron that does not answer when it is looked for, with
 * a request that is about no port; then it is better to hold everything than to burn retries. What is under way goes on,
 * and is noticed too when it succeeds.
 */
export class Availability {
  readonly #look: () => Promise<unknown>;
  /** In a row, as far as it was not looked since. */
  #faults = 0;
  #away: string | null = null;
  #looking = false;
  #back: Promise<void> | null = null;
  #closed = false;

  /** @param look asks for anything; it fails like any request when Neutron is away */
  constructor(look: () => Promise<unknown>) {
    this.#look = look;
  }

  /** Why nothing can be done; null: Neutron answers. */
  get away(): string | null {
    return this.#away;
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
      this.#answered();
      return value;
    } catch (error) {
      if (!meansAway(error)) this.#answered();
      else if (++this.#faults >= FAULTS) void this.#suspect();
      throw error;
    }
  }

  /** Looks no more. */
  close(): void {
    this.#closed = true;
  }

  #answered(): void {
    this.#faults = 0;
    this.#away = null;
  }

  /** Looks whether it is away; where it is, again and again until it answers. Never rejects. */
  async #suspect(): Promise<void> {
    if (this.#looking) return;
    this.#looking = true;
    this.#away = await this.#findsAway();
    if (this.#away !== null) {
      this.#back = this.#untilBack();
      await this.#back;
      this.#back = null;
    }
    this.#looking = false;
    this.#faults = 0;
  }

  async #untilBack(): Promise<void> {
    let backoff = new ExponentialBackoff(DELAYS).next();
    while (!this.#closed && this.#away !== null) {
      await sleep(backoff.duration, undefined, { ref: false });
      backoff = backoff.next(undefined);
      // Another request may have been answered meanwhile.
      this.#away &&= await this.#findsAway();
    }
  }

  /** Why Neutron is away, by a look; null: it answers. */
  async #findsAway(): Promise<string | null> {
    try {
      await this.#look();
      return null;
    } catch (error) {
      return meansAway(error) ? error.message : null;
    }
  }
}

function meansAway(error: unknown): error is NeutronError {
  if (!(error instanceof NeutronError)) return false;
  const { code, status } = error;
  return (
    code === 'NEUTRON_UNREACHABLE' || code === 'NEUTRON_TIMEOUT' || (status !== null && AWAY_STATUSES.includes(status))
  );
}
