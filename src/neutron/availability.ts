import { pause } from '../async/pause.js';
import { Backoff } from '../async/retry.js';
import { within } from '../async/within.js';
import { OpenStackError } from '../openstack/errors.js';

/** After this many faults in a row, with no answer between them, a probe checks whether Neutron is away. */
const FAULTS = 5;
/** Milliseconds between two probes while Neutron is away: the first delay and the longest one. */
const DELAYS = { initialDelay: 500, maxDelay: 5_000 };
/** HTTP statuses that mean "away": a proxy sends them when Neutron does not answer, or Neutron sends them itself. */
const AWAY_STATUSES = [502, 503, 504];

/**
 * Tracks whether Neutron, and Keystone on its behalf, answers at all. Failed requests alone do not mean that Neutron is
 * away, even several in a row: the switch of one node may be dead. Neutron counts as away when it does not answer a
 * probe, which is a request about no port. Then it is better to hold all operations than to use up their retries.
 * Requests that are already running go on, and if one of them is answered, Neutron counts as back.
 */
export class Availability {
  readonly #look: () => Promise<unknown>;
  readonly #onAway: () => void;
  /** Faults in a row since the last answer or probe. */
  #faults = 0;
  #away: string | null = null;
  #looking = false;
  #back: Promise<void> | null = null;
  readonly #closing = new AbortController();

  /**
   * @param look the probe: any request about no port. It fails like every request when Neutron is away.
   * @param onAway called when Neutron was found to be away
   */
  constructor(look: () => Promise<unknown>, onAway: () => void = () => undefined) {
    this.#look = look;
    this.#onAway = onAway;
  }

  /** Why Neutron counts as away. Null if it answers. */
  get away(): string | null {
    return this.#away;
  }

  /** Waits until Neutron is back. Resolves at once if it is not away. @throws the signal's reason */
  async back(signal: () => AbortSignal): Promise<void> {
    if (this.#back === null) return;
    const aborted = signal();
    await within(aborted, this.#back, () => undefined);
    aborted.throwIfAborted();
  }

  /** Sends a request, and records whether Neutron answered. A refusal is an answer too. */
  async during<T>(request: () => Promise<T>): Promise<T> {
    try {
      const value = await request();
      this.#answered();
      return value;
    } catch (error) {
      if (!meansAway(error)) this.#answered();
      else this.fault();
      throw error;
    }
  }

  /** Records that a request failed, or has waited long for its answer. */
  fault(): void {
    this.#faults += 1;
    if (this.#faults >= FAULTS) void this.#suspect();
  }

  /** Stops probing. */
  close(): void {
    this.#closing.abort();
  }

  #answered(): void {
    this.#faults = 0;
    this.#away = null;
  }

  /** Probes whether Neutron is away. If so, it repeats the probe until Neutron answers. Never rejects. */
  async #suspect(): Promise<void> {
    if (this.#looking) return;
    this.#looking = true;
    this.#away = await this.#findsAway();
    if (this.#away !== null) {
      this.#back = this.#untilBack();
      this.#onAway();
      await this.#back;
      this.#back = null;
    }
    this.#looking = false;
    this.#faults = 0;
  }

  async #untilBack(): Promise<void> {
    const delays = new Backoff(DELAYS);
    const { signal } = this.#closing;
    while (this.#away !== null) {
      await pause(delays.next(), signal);
      if (signal.aborted) return;
      // Skip the probe if another request was answered meanwhile.
      this.#away &&= await this.#findsAway();
    }
  }

  /** Sends one probe. Returns why Neutron is away, or null if it answers. */
  async #findsAway(): Promise<string | null> {
    try {
      await this.#look();
      return null;
    } catch (error) {
      return meansAway(error) ? error.message : null;
    }
  }
}

function meansAway(error: unknown): error is OpenStackError {
  if (!(error instanceof OpenStackError)) return false;
  const { fault, status } = error;
  return fault === 'unreachable' || fault === 'timeout' || (status !== null && AWAY_STATUSES.includes(status));
}
