import { isTransientError } from '../contract/errors.js';
import type { Logger } from '../log.js';
import type { NetworkProvider } from '../providers/provider.js';
import type { Delivery } from '../rpc/index.js';
import { AttemptSignal } from './attempt-signal.js';
import type { WorkerMetrics } from './metrics.js';
import { persist } from './persist.js';
import type { Progress } from './progress.js';
import { LeaseLapsed, type Tenure } from './tenure.js';
import type { Turns } from './turns.js';

export interface RetryOptions {
  /** Most repeats after the first attempt. */
  maxAttempts: number;
  /** Milliseconds before the first repeat; doubles, with jitter. */
  initialDelay: number;
  /** Most milliseconds between two attempts. */
  maxDelay: number;
  /** Milliseconds after the first attempt at which no further one is begun. */
  deadline: number;
}

/** What goes with an operation on its way through its provider. */
export interface Way {
  delivery: Delivery;
  tenure: Tenure;
  log: () => Logger;
  record: Progress;
  /** Whether it is to be done while nothing else runs. */
  alone: boolean;
  /** Whether it is noted as begun even if it changes nothing outside. */
  note: boolean;
}

export interface AttemptOptions {
  retry: RetryOptions;
  /** Lets only so many operations be with their provider at once. */
  turns: Turns;
  metrics: WorkerMetrics;
}

/** What a provider is to do, and how that went so far. */
export interface Steps {
  /** The provider's name. */
  name: string;
  provider: NetworkProvider;
  /** Whether it is put on record that it is under way. */
  noted: boolean;
  /** Whether a request may be out whose answer nobody saw. */
  uncertain: boolean;
}

/** Does the work in its turn, again and again while its faults are transient, and holds it while nothing can be done. */
export async function untilDone<T>(
  steps: Steps,
  options: AttemptOptions,
  way: Way,
  work: (signal: AttemptSignal) => Promise<T>,
): Promise<T> {
  const { name, provider, noted } = steps;
  const { metrics } = options;
  const { tenure, delivery, log, record } = way;
  const attempt = (): Promise<T> =>
    inTurn(options.turns, way, async (signal) => {
      // Now, and not before it was its turn: if the worker dies, only what it had begun is suspected.
      if (noted) await record.begin();
      return work(signal);
    });
  const onFault = (fault: Error): void => {
    steps.uncertain = true;
    metrics.retried(name);
    log().warn('transient fault, trying again', { error: fault.message });
    record.fault(fault.message);
  };
  for (;;) {
    const away = provider.dependency?.away ?? null;
    if (away !== null && noted) await record.waits(`held: ${away}`);
    if (away === null && tenure.check()) await untilReady(provider, way);
    else await whileHeld(metrics, () => untilReady(provider, way));
    try {
      return await tryAgainAndAgain(attempt, provider, options.retry, way, onFault);
    } catch (error) {
      if (delivery.abandoned) throw delivery.signal.reason;
      const held = heldBy(error, provider);
      if (held === null) throw error;
      steps.uncertain = true;
      log().warn('held', { reason: held });
      await record.pauses();
      record.fault(`held: ${held}`, false);
    }
  }
}

/** Waits while there is no use in an attempt, which mostly is not at all. @throws why the operation is no longer ours */
async function untilReady({ dependency }: NetworkProvider, { delivery, tenure }: Way): Promise<void> {
  await dependency?.back(() => delivery.signal);
  await tenure.untilHolds();
}

async function whileHeld(metrics: WorkerMetrics, wait: () => Promise<void>): Promise<void> {
  metrics.held(true);
  await wait().finally(() => {
    metrics.held(false);
  });
}

/** Does the work when it is its turn. Its signal is aborted when the operation, or the queue, is no longer ours. */
async function inTurn<T>(turns: Turns, way: Way, work: (signal: AttemptSignal) => Promise<T>): Promise<T> {
  const signal = new AttemptSignal(way.delivery, way.tenure);
  try {
    return await turns[way.alone ? 'alone' : 'run'](() => work(signal));
  } finally {
    signal.dispose();
  }
}

function tryAgainAndAgain<T>(
  attempt: () => Promise<T>,
  provider: NetworkProvider,
  retry: RetryOptions,
  { delivery }: Way,
  onFault: (fault: Error) => void,
): Promise<T> {
  return persist(attempt, {
    ...retry,
    deadline: performance.now() + retry.deadline,
    isTransient: (fault) => isTransientError(fault) && !isAway(provider),
    signal: () => delivery.signal,
    onFault,
  });
}

/** What fails nobody: the operation is held while it lasts, and then begun anew. Null: it is another error. */
function heldBy(error: unknown, provider: NetworkProvider): string | null {
  if (error instanceof LeaseLapsed) return error.message;
  return isTransientError(error) ? (provider.dependency?.away ?? null) : null;
}

function isAway({ dependency }: NetworkProvider): boolean {
  return typeof dependency?.away === 'string';
}
