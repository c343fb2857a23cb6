import { setTimeout as pause } from 'node:timers/promises';

import type { Delivery } from '../amqp/index.js';
import { Backoff } from '../async/retry.js';
import { isTransientError } from '../contract/errors.js';
import type { NetworkProvider } from '../providers/provider.js';
import type { WorkerMetrics } from './metrics.js';
import { Abandoned, type OperationContext } from './operation-context.js';
import { LeaseLapsed, type Tenure } from './ownership/tenure.js';

export interface RetryLimits {
  /** Most repeats after the first attempt. */
  maxAttempts: number;
  /** Milliseconds before the first repeat; doubles, with jitter. */
  initialDelay: number;
  /** Most milliseconds between two attempts. */
  maxDelay: number;
  /** Milliseconds after the first attempt at which no further one is begun. */
  deadline: number;
}

export interface AttemptOptions {
  retry: RetryLimits;
  metrics: WorkerMetrics;
}

/** What a provider is to do, and how that went so far. */
export interface ProviderCall {
  /** The provider's name. */
  name: string;
  provider: NetworkProvider;
  /** Whether it is put on record that it is under context. */
  noted: boolean;
  /** Whether a request may be out whose answer nobody saw. */
  uncertain: boolean;
}

/**
 * Does the work in its turn, again and again while its faults are transient, and holds it while nothing can be done. What
 * was tried before a hold counts after it: an operation that is held again and again comes to an end as well.
 *
 * @throws Abandoned when it was not begun before the worker wanted to begin nothing more
 */
export async function repeatUntilDone<T>(
  call: ProviderCall,
  options: AttemptOptions,
  context: OperationContext,
  work: (signal: AttemptSignal) => Promise<T>,
): Promise<T> {
  const { name, provider, noted } = call;
  const { delivery, log, record } = context;
  const tries = new Tries(options.retry);
  for (;;) {
    await untilReady(call, options.metrics, context, tries);
    try {
      return await inTurn(context, async (signal) => {
        // Now, and not before it was its turn: if the worker dies, only what it had begun is suspected.
        if (noted) await record.begin();
        return work(signal);
      });
    } catch (error) {
      if (delivery.abandoned) throw delivery.signal.reason;
      const held = isHold(error, provider);
      if (!held && !isTransientError(error)) throw error;
      call.uncertain = true;
      const delay = error instanceof LeaseLapsed ? 0 : tries.next(held);
      if (delay === null) throw error;
      if (!held) {
        const { message } = error as Error;
        options.metrics.retried(name);
        log().warn('transient fault, trying again', { error: message });
        record.fault(message);
        if (context.turn.alone) await giveWay(context);
        await pause(delay, undefined, { signal: delivery.signal }).catch(() => undefined);
        delivery.signal.throwIfAborted();
      }
    }
  }
}

/** How often, and until when, an operation is tried again. */
class Tries {
  readonly #delays: Backoff;
  #left: number;
  #deadline: number;

  constructor(retry: RetryLimits) {
    this.#delays = new Backoff(retry);
    this.#left = retry.maxAttempts;
    this.#deadline = performance.now() + retry.deadline;
  }

  /**
   * Milliseconds to wait before the next; null: there is none.
   * @param held whether it comes after a hold, for which the deadline waits.
   */
  next(held: boolean): number | null {
    if (this.#left === 0 || (!held && performance.now() >= this.#deadline)) return null;
    this.#left -= 1;
    return this.#delays.next();
  }

  /** So many milliseconds passed in which nothing could be tried. */
  passed(milliseconds: number): void {
    this.#deadline += milliseconds;
  }
}

/** Waits while there is no use in an attempt, which mostly is not at all. @throws why the operation is no longer ours */
async function untilReady(
  { provider, noted }: ProviderCall,
  metrics: WorkerMetrics,
  context: OperationContext,
  tries: Tries,
): Promise<void> {
  const { tenure, record, log } = context;
  const away = provider.dependency?.away ?? null;
  if (away === null && tenure.check()) return;
  const reason = away ?? new LeaseLapsed(tenure.queue).message;
  if (record.begun) {
    log().warn('held', { reason });
    await giveWay(context);
    record.fault(`held: ${reason}`, false);
  } else if (away !== null && noted) await record.waits(`held: ${reason}`);
  const begin = performance.now();
  metrics.held(true);
  try {
    await unlessDraining(tenure, untilBack(provider, context));
  } finally {
    metrics.held(false);
    tries.passed(performance.now() - begin);
  }
}

/** Lets others run while an operation waits. Before that its begin is taken back: a worker that dies now does not die of it. */
async function giveWay({ record, turn }: OperationContext): Promise<void> {
  await record.pauses();
  turn.release();
}

async function untilBack({ dependency }: NetworkProvider, { delivery, tenure }: OperationContext): Promise<void> {
  await dependency?.back(() => delivery.signal);
  await tenure.untilHolds();
}

/** Waits, but no longer than something new may be begun. @throws Abandoned */
async function unlessDraining({ drained }: Tenure, waiting: Promise<void>): Promise<void> {
  const over = new AbortController();
  const draining = new Promise<never>((_resolve, reject) => {
    const giveUp = (): void => {
      reject(new Abandoned());
    };
    if (drained.aborted) giveUp();
    else drained.addEventListener('abort', giveUp, { signal: over.signal });
  });
  try {
    await Promise.race([waiting, draining]);
  } finally {
    over.abort();
    // Nobody waits for it any more.
    waiting.catch(() => undefined);
  }
}

/**
 * Does the work when it is its turn. Its signal is aborted when the operation, or the queue, is no longer ours.
 * @throws Abandoned when its turn came too late for something new
 */
async function inTurn<T>(context: OperationContext, work: (signal: AttemptSignal) => Promise<T>): Promise<T> {
  const signal = new AttemptSignal(context.delivery, context.tenure);
  try {
    return await context.turn.run(() => {
      if (context.tenure.draining && !context.record.begun) throw new Abandoned();
      return work(signal);
    });
  } finally {
    signal.dispose();
  }
}

/** Whether it is no fault of the operation: it is held while that lasts, and then gone on with. */
function isHold(error: unknown, { dependency }: NetworkProvider): boolean {
  if (error instanceof LeaseLapsed) return true;
  return isTransientError(error) && typeof dependency?.away === 'string';
}

/** What stops an attempt: its message is no longer ours, or its queue, or that cannot be made sure at the moment. */
export class AttemptSignal {
  #controller: AbortController | null = null;
  #sources: AbortSignal[] = [];

  constructor(
    private readonly delivery: Delivery,
    private readonly tenure: Tenure,
  ) {}

  /**
   * To be asked for anew for each request: see Tenure.signal. One listener on each source for the whole attempt, and none
   * afterwards: the sources live long.
   */
  get signal(): AbortSignal {
    if (this.#controller === null) {
      this.#controller = new AbortController();
      this.#sources = [this.delivery.signal, this.tenure.signal];
      for (const source of this.#sources) {
        if (source.aborted) this.#controller.abort(source.reason);
        else source.addEventListener('abort', this.#abort);
      }
    }
    this.tenure.check();
    return this.#controller.signal;
  }

  dispose(): void {
    for (const source of this.#sources) source.removeEventListener('abort', this.#abort);
  }

  readonly #abort = (event: Event): void => {
    this.#controller?.abort((event.target as AbortSignal).reason);
  };
}
