import type { Delivery } from '../amqp/index.js';
import { METHODS } from '../contract/methods.js';
import type { Operation } from '../messages/request.js';
import { EpochLost, type Fence, isTransientDatabaseError, type LookUpResult, NodeChanged } from '../state/index.js';
import { isTracing } from '../tracing/tracing.js';
import { answer, answerCasts, type AnswerOptions } from './answer.js';
import { AttemptSignal } from './attempts.js';
import type { Provision } from './commit.js';
import { endOf, withoutSecrets } from './end.js';
import { secondsSince, type Stage } from './metrics.js';
import { operationLog } from './operation-context.js';
import type { OperationRunnerOptions } from './operation-runner.js';
import type { Tenure } from './ownership/tenure.js';
import { providerContextOf, readOutcome } from './provider-call.js';
import { chooseProvider } from './provider-choice.js';
import { reportEnds } from './report.js';
import { isFresh } from './unanswered-requests.js';

/** An operation with its message, from its receipt until it is settled. */
export interface OperationMessage {
  readonly operation: Operation;
  readonly delivery: Delivery;
  readonly tenure: Tenure;
  /** When the message was received, by performance.now(). */
  readonly received: number;
}

export interface BatchesOptions extends OperationRunnerOptions, AnswerOptions {
  /** Most operations in one batch. */
  groupSize: number;
}

/** What the message handler does for a batch. No function may throw. */
export interface BatchEvents {
  /**
   * The operation leaves the batch, and is to be done step by step. It keeps its lane.
   * @param known what was looked up; null: it must be looked up anew
   */
  onCare(message: OperationMessage, known: LookUpResult | null): void;
  /** The outcome of the operation is committed, or the operation is left to its queue: its lane is free. */
  onLaneFree(message: OperationMessage): void;
  /** The message is done: it is to be acknowledged. */
  onAnswered(message: OperationMessage): void;
  /** The outcome is committed, but could not be answered. */
  onUnanswered(message: OperationMessage, error: unknown): void;
  /** The message stays in its queue, because this worker does not begin it. */
  onLeft(message: OperationMessage): void;
}

/** An operation of a batch whose outcome is known. */
type Done = OperationMessage & Pick<Provision, 'end'>;

/** How many batches of one queue are under way: one is looked up while the one before is committed. */
const UNDER_WAY = 2;

/** The batches of one queue. */
interface Line {
  /** Operations for the next batches, oldest first. */
  waiting: OperationMessage[];
  underWay: number;
  /** Resolves when the providers have done their part of the last batch: they get the operations in their order. */
  provided: Promise<unknown>;
}

/**
 * Whether an operation may be done in a batch. An operation goes step by step if it needs care: if its message may have
 * been begun before, if its caller wants heartbeats, or if it is traced.
 */
export function isPlain({ request, method, start }: Operation, delivery: Delivery): boolean {
  const { asks } = METHODS[method] as { asks?: unknown };
  if (asks !== undefined || method === 'vif_attach') return false;
  if (delivery.redelivered || start.replay != null) return false;
  return request.timeout === null && start.nodeUuid !== null && !isTracing();
}

/**
 * Does many operations of different nodes together, because a statement, a transaction and a wait for the broker cost
 * as much for one operation as for hundreds. The steps are those of OperationRunner:
 *
 *     look up -> provider -> commit -> answer -> acknowledge
 *
 * A batch does only what is simple: operations that nobody has begun before, by providers that change nothing outside.
 * Any other operation leaves the batch, and OperationRunner does it step by step. When a step fails, the whole batch is
 * done step by step from the beginning, so faults are handled in one place. That is safe at any time: an operation that
 * is already committed is then recognized as a repeat.
 */
export class Batches {
  readonly #options: BatchesOptions;
  readonly #events: BatchEvents;
  readonly #lines = new Map<Tenure, Line>();

  constructor(options: BatchesOptions, events: BatchEvents) {
    this.#options = options;
    this.#events = events;
  }

  /** Adds an operation that has its lane to the next batch of its queue. */
  add(message: OperationMessage): void {
    const { tenure } = message;
    const line = this.#lines.get(tenure) ?? { waiting: [], underWay: 0, provided: Promise.resolve() };
    this.#lines.set(tenure, line);
    if (line.waiting.push(message) > 1) return;
    // Begins when the caller has added all that it has.
    queueMicrotask(() => {
      this.#begin(tenure, line);
    });
  }

  /** Begins as many batches as may be under way. */
  #begin(tenure: Tenure, line: Line): void {
    while (line.waiting.length > 0 && line.underWay < UNDER_WAY) {
      line.underWay += 1;
      void this.#run(tenure, line, line.waiting.splice(0, this.#options.groupSize));
    }
    if (line.underWay === 0 && this.#lines.get(tenure) === line) this.#lines.delete(tenure);
  }

  async #run(tenure: Tenure, line: Line, batch: readonly OperationMessage[]): Promise<void> {
    let doing = batch;
    let done: Done[];
    try {
      const fence = await tenure.begun;
      doing = this.#ours(batch);
      const known = await this.#inStage('look_up', doing, () =>
        this.#options.state.lookUpAll(doing.map(({ operation }) => operation.start)),
      );
      done = await this.#provideInTurn(line, doing, known, fence);
      doing = done;
      await this.#inStage('commit', doing, () => this.#options.state.endAll(done.map(({ end }) => end)));
    } catch (error) {
      this.#giveUp(doing, tenure, error);
      return;
    } finally {
      line.underWay -= 1;
      this.#begin(tenure, line);
    }
    for (const message of done) this.#events.onLaneFree(message);
    this.#report(done);
    await this.#answer(done);
  }

  /** The operations that may still begin. The others stay in their queue. */
  #ours(batch: readonly OperationMessage[]): OperationMessage[] {
    const { metrics } = this.#options;
    return batch.filter((message) => {
      const { delivery, tenure, received } = message;
      const ours = !delivery.abandoned && !tenure.draining;
      if (ours) metrics.stage('lane', secondsSince(received));
      else {
        this.#events.onLeft(message);
        this.#events.onLaneFree(message);
      }
      return ours;
    });
  }

  /** Has the providers do their part, after the part of the batch before. */
  #provideInTurn(
    line: Line,
    batch: readonly OperationMessage[],
    known: readonly LookUpResult[],
    fence: Fence,
  ): Promise<Done[]> {
    const provided = line.provided.then(() => this.#provide(batch, known, fence));
    line.provided = provided.catch(() => undefined);
    return provided;
  }

  /** Has the providers do their part. Operations that need care leave the batch. */
  async #provide(batch: readonly OperationMessage[], known: readonly LookUpResult[], fence: Fence): Promise<Done[]> {
    const begin = performance.now();
    const ends = await this.#options.turns.run(() =>
      Promise.all(batch.map((message, index) => this.#endOf(message, known[index], fence))),
    );
    const seconds = secondsSince(begin);
    const done: Done[] = [];
    for (const [index, message] of batch.entries()) {
      const end = ends[index];
      if (end) {
        this.#options.metrics.stage('provider', seconds);
        done.push({ ...message, end });
      } else this.#events.onCare(message, known[index] ?? null);
    }
    return done;
  }

  /** How an operation ends; null: it needs care. */
  async #endOf(
    message: OperationMessage,
    known: LookUpResult | undefined,
    fence: Fence,
  ): Promise<Provision['end'] | null> {
    const { operation, delivery, tenure } = message;
    const { method, start } = operation;
    if (!known || known.ended || known.superseded || known.earlier || known.node?.late != null) return null;
    if (tenure.draining || !tenure.check()) return null;
    const context = { operation, delivery, known, log: () => operationLog(operation, this.#options.log) };
    const choice = await chooseProvider(context, this.#options);
    const { provider, task } = choice;
    if (provider === null || task === null || provider.dependency !== undefined) return null;
    if (provider.changesNothing?.includes(method) !== true) return null;
    const signal = new AttemptSignal(delivery, tenure);
    try {
      const outcome = readOutcome(await provider[method]?.(providerContextOf(context, task, signal, isFresh(context))));
      if (outcome.error !== undefined) return null;
      const end = withoutSecrets(endOf(operation, known.node, { ...choice, outcome }));
      return { id: start.id, ...end, fence, letter: null, late: 0, settled: false };
    } catch {
      // Step by step, the provider is asked again, and its fault is handled.
      return null;
    } finally {
      signal.dispose();
    }
  }

  #report(done: readonly Done[]): void {
    const { metrics, log } = this.#options;
    for (const { end } of done) metrics.ended(end.result);
    reportEnds(
      done.map(({ end }) => end),
      log,
    );
  }

  async #answer(done: readonly Done[]): Promise<void> {
    const casts = done.filter(({ operation }) => operation.start.kind === 'cast');
    for (const message of done) if (message.operation.start.kind === 'call') void this.#reply(message);
    if (casts.length === 0) return;
    const begin = performance.now();
    let errors: (Error | null)[];
    try {
      errors = await answerCasts(casts, this.#options, casts[0]?.tenure.over);
    } catch {
      // One of the results cannot be sent. Alone, only this one fails, and its fault is handled.
      for (const message of casts) void this.#reply(message);
      return;
    }
    const seconds = secondsSince(begin);
    for (const [index, message] of casts.entries()) {
      const error = errors[index] ?? null;
      if (error === null) this.#answered(message, seconds);
      else this.#events.onUnanswered(message, error);
    }
  }

  /** Answers one operation. */
  async #reply(message: Done): Promise<void> {
    const { operation, delivery, end } = message;
    const begin = performance.now();
    try {
      await answer(operation, end, this.#options, delivery);
      this.#answered(message, secondsSince(begin));
    } catch (error) {
      this.#events.onUnanswered(message, error);
    }
  }

  #answered(message: Done, seconds: number): void {
    const { metrics } = this.#options;
    metrics.stage('answer', seconds);
    metrics.answered(message.end.result, secondsSince(message.received));
    this.#events.onAnswered(message);
  }

  async #inStage<T>(stage: Stage, batch: readonly OperationMessage[], work: () => Promise<T>): Promise<T> {
    const begin = performance.now();
    try {
      return await work();
    } finally {
      const seconds = secondsSince(begin);
      for (let count = batch.length; count > 0; count--) this.#options.metrics.stage(stage, seconds);
    }
  }

  /** Has a batch done step by step. There, its fault is retried, or found again and handled. */
  #giveUp(batch: readonly OperationMessage[], { over }: Tenure, error: unknown): void {
    const expected = isTransientDatabaseError(error) || error instanceof EpochLost || error instanceof NodeChanged;
    if (!expected && !over.aborted) {
      const operations = batch.length;
      this.#options.log.warn('a group of operations failed; each of them is now tried alone', { operations, error });
    }
    for (const message of batch) this.#events.onCare(message, null);
  }
}
