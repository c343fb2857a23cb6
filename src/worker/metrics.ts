import type { MethodName } from '../contract/methods.js';
import type { OperationResult } from '../contract/types.js';
import { inSpan } from '../tracing/tracing.js';

/** The parts of an operation's way, in their order: see MessageHandler and OperationRunner. */
export const STAGES = ['lane', 'look_up', 'provider', 'commit', 'answer'] as const;
export type Stage = (typeof STAGES)[number];

/** What became of a message: see settle. */
export type MessageOutcome = 'answered' | 'dead' | 'unanswered' | 'abandoned';

/** What a message asked for: a method, a ping, or something that cannot be told. */
export type MessageMethod = MethodName | 'ping' | 'unknown';

/**
 * Told of what a worker does. Times are in seconds. Whoever makes the worker decides what becomes of it: nothing here knows
 * of a monitoring system.
 */
export interface WorkerMetrics {
  /** A message came, for the first time or not. */
  received(redelivered: boolean): void;
  /** A message was settled, or left to its queue. */
  settled(method: MessageMethod, outcome: MessageOutcome): void;
  /** An outcome was committed. */
  ended(result: Pick<OperationResult, 'method' | 'network_provider' | 'status'>): void;
  /** An operation was answered, so many seconds after it came. */
  answered(result: Pick<OperationResult, 'method' | 'network_provider'>, seconds: number): void;
  /** A stage is over, well or not. */
  stage(stage: Stage, seconds: number): void;
  /** A message was a repeat of an operation that had ended. */
  repeated(): void;
  /** A transient fault: the provider is asked once more. */
  retried(provider: string): void;
  /** An operation waits (true), or no longer, for what its provider cannot do without, or for the lease on its queue. */
  held(holds: boolean): void;
  /** Workers died of an operation: it is tried alone. */
  suspected(): void;
  /** A message was kept as a dead letter. */
  deadLetter(reason: string): void;
  /** A call was replied to, or its caller was gone. */
  replied(outcome: 'sent' | 'gone'): void;
  /** Results of casts were handed to RabbitMQ: at once, or since they were owed for too long. */
  published(results: number, late: boolean): void;
  /** Another worker turned out to act for a queue. */
  lost(): void;
}

const nothing = (): void => undefined;

/** For a worker that nobody watches. */
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

/** Does a stage of an operation, in a span of its own, and tells how long it took. @throws what the work throws */
export async function inStage<T>(metrics: WorkerMetrics, stage: Stage, work: () => Promise<T>): Promise<T> {
  const begin = performance.now();
  try {
    return await inSpan(stage, () => ({}), work);
  } finally {
    metrics.stage(stage, secondsSince(begin));
  }
}

/** @param begin as performance.now() says. */
export function secondsSince(begin: number): number {
  return (performance.now() - begin) / 1000;
}
