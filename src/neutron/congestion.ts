import { OpenStackError } from '../openstack/errors.js';
import type { HttpRequest, HttpResponse } from '../openstack/http.js';

/** The part of a request that matters here. A request with a timeout of its own waits for its turn no longer than that. */
export type PacedRequest = Pick<HttpRequest, 'method' | 'timeout' | 'signal'>;

export interface CongestionOptions {
  /** Most requests at once in any case: the number of connections. */
  most: number;
  /** Seconds in which a request must be answered. */
  timeout: number;
  /** Why Neutron counts as away. Null if it answers. */
  away: () => string | null;
  /** Called with the limit when it was lowered to 1, and when it is as high as ever again. */
  onChange?: (limit: number) => void;
}

/** Statuses by which a proxy says that the server gets more requests than it can answer in time. */
const OVERLOADED_STATUSES = [429, 504];

/** The part of the timeout within which a server that keeps up answers. A slower one does not get more at once. */
const QUICK_PART = 1 / 4;

/** A request that waits for its turn. */
interface Waiting {
  begin: () => void;
  refuse: (reason: Error) => void;
}

/**
 * Limits how many requests are under way at once, and lowers the limit while Neutron is overloaded. Neutron goes on
 * working on requests whose answers nobody waits for any more. If all of them are repeated after their timeout, it works
 * on old requests only, and no request is ever answered in time.
 *
 * The rules are those of TCP (RFC 5681: slow start, congestion avoidance). When a read times out, the limit becomes one
 * request at a time. It grows with each quick answer: by one until it is half of what was too much, and from there by
 * one per round.
 *
 * Only reads show that Neutron is overloaded. A change may also wait for a switch: one dead switch must not slow down
 * the nodes on all others.
 */
export class CongestionControl {
  /** Most requests at once now, and a fraction that grows to the next one. */
  #limit: number;
  /** Half of the number of requests that was too much. */
  #threshold = 0;
  /** When the limit was lowered last, by performance.now(). Older requests say nothing about the lower limit. */
  #lowered = -Infinity;
  #running = 0;
  readonly #waiting = new Set<Waiting>();
  readonly #options: CongestionOptions;

  constructor(options: CongestionOptions) {
    this.#options = options;
    this.#limit = options.most;
  }

  /** Most requests at once now. */
  get limit(): number {
    return Math.floor(this.#limit);
  }

  get #full(): boolean {
    return this.#running >= this.limit;
  }

  /**
   * Waits for the request's turn, and sends it.
   *
   * @throws the signal's reason; OpenStackError when Neutron is away, or when a shorter timeout ends before its turn comes
   */
  async during(request: PacedRequest, send: () => Promise<HttpResponse>): Promise<HttpResponse> {
    await this.#enter(request);
    const sent = performance.now();
    try {
      const response = await send();
      if (this.#showsOverload(request, response)) this.#overloaded(sent);
      else if (response.status < 500) this.#answered(sent);
      return response;
    } catch (error) {
      if (this.#showsOverload(request, error)) this.#overloaded(sent);
      throw error;
    } finally {
      this.#running -= 1;
      this.#admit();
    }
  }

  /** Refuses the requests that wait for their turn, because Neutron is away: their operations are held instead. */
  refuseWaiting(): void {
    for (const { refuse } of this.#waiting) refuse(this.#refusal());
  }

  async #enter(request: PacedRequest): Promise<void> {
    request.signal?.throwIfAborted();
    if (!this.#full) {
      this.#running += 1;
      return;
    }
    if (this.#options.away() !== null) throw this.#refusal();
    await this.#turn(request);
  }

  /** Waits until #admit lets the request begin. */
  #turn({ signal, timeout }: PacedRequest): Promise<void> {
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        this.#waiting.delete(waiting);
        clearTimeout(timer);
        signal?.removeEventListener('abort', aborted);
      };
      const refuse = (reason: Error): void => {
        leave();
        reject(reason);
      };
      const begin = (): void => {
        leave();
        resolve();
      };
      const waiting: Waiting = { begin, refuse };
      const aborted = (): void => {
        refuse(signal?.reason as Error);
      };
      const tooLate = (): void => {
        const reason = `${this.limit} other requests to Neutron are not answered yet`;
        const details = { service: 'neutron', fault: 'timeout', transient: true } as const;
        refuse(new OpenStackError(`a request was not sent within ${String(timeout)} s: ${reason}`, details));
      };
      const timer = timeout === undefined ? undefined : setTimeout(tooLate, timeout * 1000);
      signal?.addEventListener('abort', aborted);
      this.#waiting.add(waiting);
    });
  }

  /** Lets as many requests begin as the limit allows, in the order in which they came. */
  #admit(): void {
    for (const { begin } of this.#waiting) {
      if (this.#full) return;
      this.#running += 1;
      begin();
    }
  }

  /** Raises the limit after a quick answer. An answer while fewer requests ran than may run does not show anything. */
  #answered(sent: number): void {
    const { most, timeout, onChange } = this.#options;
    const quick = performance.now() - sent <= timeout * 1000 * QUICK_PART;
    if (this.#limit === most || !quick || !this.#full) return;
    this.#limit = Math.min(most, this.#limit + (this.#limit < this.#threshold ? 1 : 1 / this.#limit));
    if (this.#limit === most) onChange?.(most);
  }

  #overloaded(sent: number): void {
    if (sent < this.#lowered) return;
    this.#lowered = performance.now();
    this.#threshold = Math.min(this.#running, this.limit) / 2;
    this.#limit = 1;
    this.#options.onChange?.(1);
  }

  #refusal(): OpenStackError {
    const message = `a request was not sent: Neutron is away: ${String(this.#options.away())}`;
    return new OpenStackError(message, { service: 'neutron', fault: 'unreachable', transient: true });
  }

  /**
   * Whether the end of a request shows that Neutron gets more requests than it can answer in time. A request with a
   * shorter timeout than others does not show it.
   */
  #showsOverload({ method, timeout = Infinity }: PacedRequest, end: unknown): boolean {
    if (method !== 'GET' || timeout < this.#options.timeout) return false;
    if (end instanceof OpenStackError) return end.fault === 'timeout';
    return OVERLOADED_STATUSES.includes((end as HttpResponse).status);
  }
}
