import type { Delivery } from '../../amqp/index.js';
import { errorText } from '../../async/error-text.js';
import { Loop } from '../../async/loop.js';
import { pause } from '../../async/pause.js';
import { retry } from '../../async/retry.js';
import { within } from '../../async/within.js';
import type { Logger } from '../../log/log.js';
import { EpochLost, type Fence, type OwnershipStore } from '../../state/index.js';
import { Tenure } from './tenure.js';

export interface OwnershipOptions {
  store: OwnershipStore;
  workerId: string;
  /** Length of the lease in milliseconds: see Tenure. */
  lease: number;
  log: Logger;
  /** Called when another worker took a queue while this one still has a channel for it: the channel must be closed. */
  onLost: (queue: string) => void;
}

/** How often each lease is confirmed within its length, so that one slow answer of the database does not end it. */
const CONFIRMATIONS = 3;
/** How often within its length each lease is checked for a lapse. */
const CHECKS = 10;
/** Milliseconds between two attempts while the database is not available. */
const DATABASE_DELAYS = { initialDelay: 50, maxDelay: 1000 };

/**
 * Knows which queues this worker acts for. The broker chooses which worker gets a queue's messages. That worker takes
 * the queue's next epoch in the database when the first message arrives on a channel, and gives the queue up with the
 * channel.
 */
export class Ownership {
  readonly #options: OwnershipOptions;
  /** The tenures by the session (the channel) of their deliveries. */
  readonly #tenures = new Map<AbortSignal, Tenure>();
  /** Tenures that are over but whose work has not ended, by queue. The queue's next tenure waits for them. */
  readonly #winding = new Map<string, Promise<void>>();
  readonly #confirming: Loop;
  #checking: NodeJS.Timeout | null = null;

  constructor(options: OwnershipOptions) {
    this.#options = options;
    this.#confirming = new Loop(() => this.#confirm(), {
      interval: options.lease / CONFIRMATIONS,
      onError: (error) => {
        options.log.warn('could not confirm leases in the database', { error: errorText(error) });
      },
    });
  }

  /** Starts to confirm leases, and to check whether one has lapsed. */
  start(): void {
    this.#checking = setInterval(() => {
      for (const tenure of this.#begun()) tenure.check();
    }, this.#options.lease / CHECKS);
    this.#confirming.start();
  }

  /** Stops confirming leases. Call it when every tenure is over; it resolves when all of them are released. */
  async stop(): Promise<void> {
    if (this.#checking) clearInterval(this.#checking);
    await this.#confirming.stop();
    await Promise.all(this.#winding.values());
  }

  /** The reasons why this worker may not act for some of its queues: one for each lapsed lease. */
  lapsed(): string[] {
    return this.#begun()
      .filter((tenure) => !tenure.check())
      .map(({ queue }) => `the lease on ${queue} cannot be confirmed in the database`);
  }

  /** The tenure under which a delivery is handled. All deliveries of one channel share it. */
  of({ queue, session }: Delivery): Tenure {
    const known = this.#tenures.get(session);
    if (known) return known;
    const tenure = new Tenure(queue, this.#options.lease, (self) => this.#begin(self));
    this.#tenures.set(session, tenure);
    const end = (): void => {
      this.#tenures.delete(session);
      tenure.end(session.reason as Error);
      this.#windUp(tenure);
    };
    if (session.aborted) end();
    else session.addEventListener('abort', end, { once: true });
    return tenure;
  }

  /** The tenures of this worker, for one queue or for all queues. */
  tenures(queue?: string): Tenure[] {
    const all = [...this.#tenures.values()];
    return queue === undefined ? all : all.filter((tenure) => tenure.queue === queue);
  }

  /**
   * Records that this worker does nothing more for a queue, so that the next owner need not wait. Call it when no work
   * for the queue is under way and nothing new begins.
   */
  async release({ queue, fence }: Tenure): Promise<void> {
    if (fence === null) return;
    await this.#options.store.release(fence).catch((error: unknown) => {
      // The next owner then waits, as it does after a crash of this worker.
      this.#options.log.warn(
        'could not release a queue in the database; the next owner waits until the lease is over',
        { queue, error: errorText(error) },
      );
    });
  }

  #begun(): Tenure[] {
    return this.tenures().filter(({ fence }) => fence !== null);
  }

  #windUp(tenure: Tenure): void {
    const { queue } = tenure;
    const before = this.#winding.get(queue) ?? Promise.resolve();
    const winding = before.then(() => tenure.idle()).then(() => this.release(tenure));
    this.#winding.set(queue, winding);
    void winding.then(() => {
      if (this.#winding.get(queue) === winding) this.#winding.delete(queue);
    });
  }

  async #begin(tenure: Tenure): Promise<Fence> {
    const { store, workerId, lease, log } = this.#options;
    const { queue } = tenure;
    await this.#winding.get(queue);
    const { epoch, predecessorLease } = await this.#untilAnswered(tenure, () => store.take(queue, workerId, lease));
    if (predecessorLease > 0) {
      log.info('the previous owner did not release the queue; waiting until its lease is over', {
        queue,
        epoch,
        predecessorLease,
      });
      await pause(predecessorLease, tenure.over);
      tenure.over.throwIfAborted();
    }
    let asked = 0;
    const held = await this.#untilAnswered(tenure, () => {
      asked = performance.now();
      return store.held(workerId);
    });
    tenure.over.throwIfAborted();
    if (held.get(queue) !== epoch) throw new EpochLost([queue]);
    tenure.confirm(asked);
    log.info('this worker acts for the queue', { queue, epoch });
    return { queue, epoch };
  }

  #untilAnswered<T>({ queue, over }: Tenure, ask: () => Promise<T>): Promise<T> {
    return retry(ask, {
      ...DATABASE_DELAYS,
      // Every error is retried: none is the fault of the messages that wait.
      isTransient: () => true,
      signal: () => over,
      onFault: (error) => {
        this.#options.log.warn('could not take over a queue in the database; trying again', {
          queue,
          error: error.message,
        });
      },
    });
  }

  async #confirm(): Promise<void> {
    const tenures = this.#begun();
    if (tenures.length === 0) return;
    const { store, workerId, lease, log, onLost } = this.#options;
    const asked = performance.now();
    const held = await within(lease, store.held(workerId), () => {
      throw new Error(`no answer within ${lease} ms`);
    });
    for (const tenure of tenures) {
      const { fence, queue } = tenure;
      if (tenure.over.aborted) continue;
      if (held.get(queue) === fence?.epoch) {
        if (!tenure.check()) log.info('the lease is confirmed again', { queue });
        tenure.confirm(asked);
      } else {
        log.warn('another worker acts for the queue now; running operations here are given up', { queue });
        onLost(queue);
      }
    }
  }
}
