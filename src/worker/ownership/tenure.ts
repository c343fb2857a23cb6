import { pause } from '../../async/pause.js';
import { NetprovError } from '../../errors.js';
import type { Fence } from '../../state/index.js';

/** The lease on a queue could not be confirmed in time: another worker may act for the queue by now. */
export class LeaseLapsed extends NetprovError {
  readonly code = 'lease_lapsed';

  constructor(queue: string) {
    super(`the lease on ${queue} could not be confirmed in the database in time`);
  }
}

/** Milliseconds between two checks whether a lapsed lease was confirmed. */
const LOOK_AGAIN = 50;

/**
 * One worker's time as the owner of one queue, on one channel. It begins when its epoch is on record and the previous
 * owner can act no more. It is over when the channel is gone, or when another worker has a newer epoch.
 *
 * Between the two it depends on a lease. The worker may act until one lease after it last asked the database and was
 * told that this epoch is still the queue's. A successor waits as long before it acts, so the two never act at once,
 * and no clocks are compared.
 */
export class Tenure {
  /** Aborted when the tenure is over: work under it counts no more. */
  readonly over: AbortSignal;
  readonly #over = new AbortController();
  /** How many messages are held under this tenure, and what to call when there are none. */
  #held = 0;
  #whenIdle: (() => void)[] = [];
  #fence: Fence | null = null;
  #validUntil = -Infinity;
  readonly #drained = new AbortController();
  /** Aborted when the lease lapses, and replaced when the lease is confirmed again. */
  #acting = new AbortController();

  /**
   * @param lease milliseconds.
   * @param begin puts the epoch on record and waits until the previous owner can act no more; resolves with the fence
   * for commits.
   */
  constructor(
    readonly queue: string,
    private readonly lease: number,
    begin: (tenure: Tenure) => Promise<Fence>,
  ) {
    this.over = this.#over.signal;
    this.begun = begin(this).then((fence) => (this.#fence = fence));
    // Callers that wait for `begun` get the error. If nobody waits, it must not count as an unhandled rejection.
    this.begun.catch(() => undefined);
  }

  /** Resolves with the fence for commits when the tenure has begun. Rejects when it will never begin. */
  readonly begun: Promise<Fence>;

  /** The fence for commits; null until the tenure has begun. */
  get fence(): Fence | null {
    return this.#fence;
  }

  /** Counts a message that is held under this tenure, until `leave`. */
  enter(): void {
    this.#held += 1;
  }

  leave(): void {
    this.#held -= 1;
    if (this.#held > 0) return;
    for (const idle of this.#whenIdle.splice(0)) idle();
  }

  /** Resolves when no message is held under this tenure. */
  async idle(): Promise<void> {
    if (this.#held === 0) return;
    await new Promise<void>((resolve) => this.#whenIdle.push(resolve));
  }

  /** Lets nothing new begin under this tenure from now on. */
  drain(): void {
    this.#drained.abort();
  }

  get draining(): boolean {
    return this.drained.aborted;
  }

  /** Aborted when nothing new may begin under this tenure any more. */
  get drained(): AbortSignal {
    return this.#drained.signal;
  }

  /** Extends the lease: the database named this epoch when it was asked. @param asked time of performance.now() then */
  confirm(asked: number): void {
    this.#validUntil = asked + this.lease;
    if (this.#acting.signal.aborted && this.check()) this.#acting = new AbortController();
  }

  end(reason: Error): void {
    this.#over.abort(reason);
    this.#acting.abort(reason);
  }

  /** Whether the worker may act now under this tenure. If not, its work under way is aborted. */
  check(): boolean {
    const holds = !this.over.aborted && performance.now() < this.#validUntil;
    if (!holds) this.#acting.abort(new LeaseLapsed(this.queue));
    return holds;
  }

  /**
   * The signal for requests that change something outside: aborted while the lease does not hold. Read it anew for each
   * request: so a process that was suspended learns here, before any timer fires, that its lease has lapsed.
   */
  get signal(): AbortSignal {
    this.check();
    return this.#acting.signal;
  }

  /** Waits until the lease holds. @throws the reason why the tenure is over */
  async untilHolds(): Promise<void> {
    while (!this.check()) {
      this.over.throwIfAborted();
      await pause(LOOK_AGAIN);
    }
  }
}
