import type { MethodName } from '../contract/methods.js';
import type { RESULT_QUESTION } from '../contract/result.js';
import type { OperationResult } from '../contract/types.js';
import { inSpan } from '../tracing/tracing.js';

/** The stages of an operation, in their order: see MessageHandler and OperationRunner. */
export const STAGES = ['lane', 'look_up', 'provider', 'commit', 'answer'] as const;
export type Stage = (typeof STAGES)[number];

/** The outcome of a message: see settle. */
export type MessageOutcome = 'answered' | 'dead' | 'unanswered' | 'abandoned';

/** The name of the method in a message; `unknown` stands for names that no worker knows. */
export type MessageMethod = MethodName | typeof RESULT_QUESTION | 'ping' | 'unknown';

/**
 * Gets the events of a worker. Times are in seconds. The creator of the worker implements this interface, because
 * src/worker knows no monitoring system.
 */
export interface WorkerMetrics {
  /** A message was delivered, for the first time or (`redelivered`) again. */
  received(redelivered: boolean): void;
  /** A message was settled, or abandoned to its queue. */
  settled(method: MessageMethod, outcome: MessageOutcome): void;
  /** An outcome was committed. */
  ended(result: Pick<OperationResult, 'method' | 'network_provider' | 'status'>): void;
  /** An operation was answered, `seconds` after its message was received. */
  answered(result: Pick<OperationResult, 'method' | 'network_provider'>, seconds: number): void;
  /** A stage has ended, with success or not. */
  stage(stage: Stage, seconds: number): void;
  /** A message was a repeat of an operation that had ended. */
  repeated(): void;
  /** A transient fault occurred; the provider is called again. */
  retried(provider: string): void;
  /** An operation began (true) or ended (false) to wait for its provider's dependency or for the lease on its queue. */
  held(holds: boolean): void;
  /** An operation is tried alone, because workers died while they ran it. */
  suspected(): void;
  /** A message was kept as a dead letter. */
  deadLetter(reason: string): void;
  /** The reply to a call was sent, or its caller was gone. */
  replied(outcome: 'sent' | 'gone'): void;
  /** RabbitMQ confirmed results of casts: right after the commit, or (`late`) after they had been owed for too long. */
  published(results: number, late: boolean): void;
  /** This worker found out that another worker acts for one of its queues. */
  lost(): void;
}

const nothing = (): void => undefined;

/** Drops all metrics. */
export const NO_METRICS: WorkerMetrics = {
  received: nothing,
  settled: nothing,
  ended: nothing,
  answered: nothing,
  stage: nothing,
  repeated: nothing,
  retried: nothing,
  held: nothing,
  suspected: nothing,
  deadLetter: nothing,
  replied: nothing,
  published: nothing,
  lost: nothing,
};

/** Runs a stage of an operation in a span of its own, and reports how long it took. @throws the errors of the work */
export async function inStage<T>(metrics: WorkerMetrics, stage: Stage, work: () => Promise<T>): Promise<T> {
  const begin = performance.now();
  try {
    return await inSpan(stage, () => ({}), work);
  } finally {
    metrics.stage(stage, secondsSince(begin));
  }
}

/** Seconds that have passed since `begin`. @param begin a time of performance.now() */
export function secondsSince(begin: number): number {
  return (performance.now() - begin) / 1000;
}
