import { setTimeout as pause } from 'node:timers/promises';

import type { Delivery } from '../../amqp/index.js';
import { retry } from '../../async/retry.js';
import type { Logger } from '../../log/log.js';
import { EpochLost, type Fence, type OwnershipStore } from '../../state/index.js';
import { Tenure } from './tenure.js';

export interface OwnershipOptions {
  store: OwnershipStore;
  /** This worker's id. */
  workerId: string;
  /** Milliseconds: see Tenure. */
  lease: number;
  log: Logger;
  /** Another worker took a queue while its channel still stood here: the channel has to go. */
  onLost: (queue: string) => void;
}

/** How often a lease is confirmed within its time, so that one slow answer of the database does not let it lapse. */
const CONFIRMATIONS = 3;
/** How often within its time it is seen whether it lapsed. */
const CHECKS = 10;
/** Milliseconds between two attempts at a database that is away. */
const DATABASE_DELAYS = { initialDelay: 50, maxDelay: 1000 };

/**
 * Which queues this worker acts for. The broker chooses who gets a queue's messages; a queue is taken on record when the
 * first of them arrives on a channel, and given up with the channel.
 */
export class Ownership {
  readonly #options: OwnershipOptions;
  /** By the session of the deliveries. */
  readonly #tenures = new Map<AbortSignal, Tenure>();
  /** Tenures that are over, whose work is still to end. A later one of the same queue waits for it. */
  readonly #winding = new Map<string, Promise<void>>();
  readonly #stopped = new AbortController();
  #checking: NodeJS.Timeout | null = null;
  #confirming: Promise<void> = Promise.resolve();

  constructor(options: OwnershipOptions) {
    this.#options = options;
  }

  /** Confirms leases from now on, and sees when one lapses. */
  start(): void {
    this.#checking = setInterval(() => {
      for (const tenure of this.#begun()) tenure.check();
    }, this.#options.lease / CHECKS);
    this.#confirming = this.#confirmAgainAndAgain();
  }

  /** When every tenure is over: resolves when all of them are released. */
  async stop(): Promise<void> {
    this.#stopped.abort();
    if (this.#checking) clearInterval(this.#checking);
    await this.#confirming;
    await Promise.all(this.#winding.values());
  }

  /** Why this worker may not act for queues whose messages it gets. */
  lapsed(): string[] {
    return this.#begun()
      .filter((tenure) => !tenure.check())
      .map(({ queue }) => `the lease on ${queue} cannot be confirmed in the database`);
  }

  /** The tenure under which a delivery is handled: one for all that come on one channel. */
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

  /** The tenures of this worker, of one queue or of all. */
  tenures(queue?: string): Tenure[] {
    const all = [...this.#tenures.values()];
    return queue === undefined ? all : all.filter((tenure) => tenure.queue === queue);
  }

  /**
   * Says on record that this worker does nothing more for a queue, so that the next owner need not wait. To be called
   * when nothing is under way for it, and nothing new begins.
   */
  async release({ queue, fence }: Tenure): Promise<void> {
    if (fence === null) return;
    await this.#options.store.release(fence).catch((error: unknown) => {
      // The next owner waits as if this worker had died.
      this.#options.log.warn('a queue could not be released on record', { queue, error: String(error) });
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
      log.info('the owner before did not release the queue; waiting until its lease is over', {
        queue,
        epoch,
        predecessorLease,
      });
      await pause(predecessorLease, undefined, { signal: tenure.over });
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
      // Whatever it is: it is no fault of the messages that wait.
      isTransient: () => true,
      signal: () => over,
      onFault: (error) => {
        this.#options.log.warn('a queue cannot be taken on record in the database; trying again', {
          queue,
          error: error.message,
        });
      },
    });
  }

  async #confirmAgainAndAgain(): Promise<void> {
    const { lease, log } = this.#options;
    const { signal } = this.#stopped;
    while (!signal.aborted) {
      await this.#confirm().catch((error: unknown) => {
        log.warn('leases could not be confirmed in the database', { error: String(error) });
      });
      await pause(lease / CONFIRMATIONS, undefined, { signal }).catch(() => undefined);
    }
  }

  async #confirm(): Promise<void> {
    const tenures = this.#begun();
    if (tenures.length === 0) return;
    const { store, workerId, lease, log, onLost } = this.#options;
    const asked = performance.now();
    const held = await Promise.race([store.held(workerId), pause(lease, undefined, { ref: false })]);
    if (!held) throw new Error(`no answer within ${lease} ms`);
    for (const tenure of tenures) {
      const { fence, queue } = tenure;
      if (tenure.over.aborted) continue;
      if (held.get(queue) === fence?.epoch) {
        if (!tenure.check()) log.info('the lease is confirmed again', { queue });
        tenure.confirm(asked);
      } else {
        log.warn('another worker acts for the queue now; what is under way here is given up', { queue });
        onLost(queue);
      }
    }
  }
}
