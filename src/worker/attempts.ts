import type { Delivery } from '../amqp/index.js';
import { pause } from '../async/pause.js';
import { Backoff } from '../async/retry.js';
import { within } from '../async/within.js';
import { isTransientError } from '../contract/errors.js';
import type { NetworkProvider } from '../providers/provider.js';
import type { WorkerMetrics } from './metrics.js';
import { Abandoned, type OperationContext } from './operation-context.js';
import { LeaseLapsed, type Tenure } from './ownership/tenure.js';

export interface RetryLimits {
  /** Most retries after the first attempt. */
  maxAttempts: number;
  /** Milliseconds before the first retry; the delay doubles each time, with jitter. */
  initialDelay: number;
  /** Most milliseconds between two attempts. */
  maxDelay: number;
  /** Milliseconds after the start of the first attempt, after which no retry begins. Time on hold does not count. */
  deadline: number;
}

export interface AttemptOptions {
  retry: RetryLimits;
  metrics: WorkerMetrics;
}

/** What a provider has to do, and what is known of its attempts so far. */
export interface ProviderCall {
  /** The provider's name. */
  name: string;
  provider: NetworkProvider;
  /** Whether the operation is recorded as under way before the provider is called. */
  noted: boolean;
  /** Whether there may be an unanswered request. */
  uncertain: boolean;
}

/**
 * Does the work in its turn, retries it while its faults are transient, and holds it while nothing can be done.
 * Attempts before a hold count after it, so an operation that is held again and again ends as well.
 *
 * @throws Abandoned when the operation had not begun before the worker stopped beginning operations
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
        // Only now, in its turn: if the worker dies, only operations that it had begun are suspected.
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
        await pause(delay, delivery.signal);
        delivery.signal.throwIfAborted();
      }
    }
  }
}

/** Counts how often, and until when, an operation is tried again. */
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
   * Milliseconds to wait before the next attempt; null: there is none.
   * @param held whether the attempt comes after a hold. The deadline then does not count.
   */
  next(held: boolean): number | null {
    if (this.#left === 0 || (!held && performance.now() >= this.#deadline)) return null;
    this.#left -= 1;
    return this.#delays.next();
  }

  /** Moves the deadline by the milliseconds in which nothing could be tried. */
  passed(milliseconds: number): void {
    this.#deadline += milliseconds;
  }
}

/** Waits while an attempt would be useless; usually it returns at once. @throws the reason to give the operation up */
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
  } else {
    // An operation that changes nothing is not noted as begun, but may have kept its turn alone from an attempt before.
    context.turn.release();
    if (away !== null && noted) await record.waits(`held: ${reason}`);
  }
  const begin = performance.now();
  metrics.held(true);
  try {
    // Nobody waits any more once nothing new may begin.
    await within(tenure.drained, untilBack(provider, context), () => {
      throw new Abandoned();
    });
  } finally {
    metrics.held(false);
    tries.passed(performance.now() - begin);
  }
}

/**
 * Lets others run while an operation waits. First takes its begin back: if the worker dies now, it is not suspected.
 */
async function giveWay({ record, turn }: OperationContext): Promise<void> {
  await record.pauses();
  turn.release();
}

async function untilBack({ dependency }: NetworkProvider, { delivery, tenure }: OperationContext): Promise<void> {
  await dependency?.back(() => delivery.signal);
  await tenure.untilHolds();
}

/**
 * Does the work in its turn. Its signal is aborted when the operation or the queue no longer belongs to this worker.
 * @throws Abandoned when the turn came after the tenure stopped beginning operations
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

/** Whether an error is not the operation's fault. The operation is then held, and goes on when the cause is gone. */
function isHold(error: unknown, { dependency }: NetworkProvider): boolean {
  if (error instanceof LeaseLapsed) return true;
  return isTransientError(error) && typeof dependency?.away === 'string';
}

/** Stops an attempt when its message or queue no longer belongs to this worker, or when the lease is not confirmed. */
export class AttemptSignal {
  #controller: AbortController | null = null;
  #sources: AbortSignal[] = [];

  constructor(
    private readonly delivery: Delivery,
    private readonly tenure: Tenure,
  ) {}

  /**
   * Read it anew for each request: see Tenure.signal. An attempt has one listener on each source and removes it at the
   * end, because the sources live long.
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
