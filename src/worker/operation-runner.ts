import { randomUUID } from 'node:crypto';

import type { Delivery } from '../amqp/index.js';
import type { OperationResult } from '../contract/types.js';
import type { Logger } from '../log/log.js';
import type { Operation } from '../messages/request.js';
import type { NetworkProvider } from '../providers/provider.js';
import {
  isTransientDatabaseError,
  type LookUpResult,
  NodeChanged,
  type OperationStart,
  type PastEnd,
} from '../state/index.js';
import { commit, leastOf, type Provision } from './commit.js';
import { endOf, withoutSecrets } from './end.js';
import { inStage } from './metrics.js';
import {
  arrive,
  contextOf,
  type ContextOptions,
  isOver,
  type OperationArrival,
  type OperationContext,
} from './operation-context.js';
import { DatabaseRefused, untilStored } from './operation-record.js';
import type { Tenure } from './ownership/tenure.js';
import { callProvider, type ProviderCallOptions, repair } from './provider-call.js';
import { chooseProvider, type ProviderChoiceOptions } from './provider-choice.js';
import { reportEnd } from './report.js';
import { bindingsAfter, lateMarkOf, lateWindowOf, needsRepair, withRepaired } from './unanswered-requests.js';

export interface OperationRunnerOptions extends ContextOptions, ProviderCallOptions, ProviderChoiceOptions {
  /** Seconds for which an unanswered request may still take effect in Neutron: see needsRepair. */
  lateWindow: number;
  log: Logger;
}

/** The outcome of an operation, when it leaves its lane. */
export interface OperationOutcome {
  /** Id of this end of the operation. */
  id: string;
  result: OperationResult;
  deadLetter: { reason: string; detail: string } | null;
}

/**
 * Runs the steps of an operation that must be alone in the lane of its node: from "already done?" to the commit.
 *
 *     arrive -> look up -> choose a provider -> call it -> repair what unanswered requests did -> commit
 */
export class OperationRunner {
  readonly #options: OperationRunnerOptions;

  constructor(options: OperationRunnerOptions) {
    this.#options = options;
  }

  /**
   * Runs one operation from the look-up to the commit.
   *
   * @param entered called when the operation's turn in its lane has come.
   * @param lookedUp what was looked up in this turn already; null: nothing
   * @returns null when there is nothing to do and nothing to answer
   * @throws Abandoned when it was not begun; EpochLost, or the reason of the delivery's or tenure's signal, when it is
   * no longer ours to end
   */
  async run(
    operation: Operation,
    delivery: Delivery,
    tenure: Tenure,
    entered: () => void,
    lookedUp: LookUpResult | null = null,
  ): Promise<OperationOutcome | null> {
    const arrival = await arrive(operation, delivery, tenure, this.#options.log);
    entered();
    for (let first = lookedUp; ; first = null) {
      const known = first ?? (await inStage(this.#options.metrics, 'look_up', () => this.#lookUp(arrival)));
      if (known.ended) return this.#answerAgain(arrival, known.ended);
      if (known.superseded) {
        const { method } = operation;
        arrival.log().warn('skipping a replayed message: a later operation of the node is done', { method });
        return null;
      }
      try {
        return await this.#carryOut(contextOf(arrival, known, this.#options));
      } catch (error) {
        if (!(error instanceof NodeChanged)) throw error;
        arrival
          .log()
          .info('an operator changed the node meanwhile; starting the operation again', { method: operation.method });
      }
    }
  }

  #lookUp({ operation, delivery, log }: OperationArrival): Promise<LookUpResult> {
    return untilStored('look up an operation', () => this.#ask(operation.start), delivery, log);
  }

  /**
   * Looks the operation up once. A refusal counts as a fault of the database, not of the operation, so it is retried.
   * @throws DatabaseRefused, and the database's transient errors
   */
  async #ask(start: OperationStart): Promise<LookUpResult> {
    try {
      return await this.#options.state.lookUp(start);
    } catch (error) {
      if (isTransientDatabaseError(error)) throw error;
      throw new DatabaseRefused('the database refuses the query for an operation; trying again', { cause: error });
    }
  }

  #answerAgain({ operation, log }: OperationArrival, ended: PastEnd): OperationOutcome {
    this.#options.metrics.repeated();
    log().info('repeat of a finished operation; answering again', { method: operation.method });
    return outcomeBefore(ended);
  }

  /** Runs the steps from the provider to the commit. @throws NodeChanged when the node changed after the look-up */
  async #carryOut(context: OperationContext): Promise<OperationOutcome> {
    const { state, metrics } = this.#options;
    try {
      const { whole, least } = await inStage(metrics, 'provider', () => this.#provide(context));
      const { end, deadLetter } = await inStage(metrics, 'commit', () => commit(whole, least, state, context));
      metrics.ended(end.result);
      reportEnd(end, this.#options.log);
      return { id: end.id, result: end.result, deadLetter };
    } catch (error) {
      if (isOver(error, context)) await context.record.abandoned();
      throw error;
    } finally {
      context.turn.release();
    }
  }

  /** Has the provider do its part. Returns what to commit, and the least that can be committed in its place. */
  async #provide(context: OperationContext): Promise<Record<'whole' | 'least', Provision>> {
    const options = this.#options;
    const { operation, known, fence, log } = context;
    const id = endIdOf(operation);
    let provider: NetworkProvider | null = null;
    try {
      const choice = await chooseProvider(context, options);
      ({ provider } = choice);
      const result = await callProvider(context, choice, options);
      const done = endOf(operation, known.node, result);
      const left = { task: done.after?.task ?? null, standing: bindingsAfter(done, known.node) };
      const repaired = needsRepair(context, choice, result) ? await repair(context, choice, left, options) : null;
      const ended = withoutSecrets(repaired === null ? done : withRepaired(done, repaired));
      const late = lateMarkOf(context, choice, result, repaired, options.lateWindow);
      const { deadLetter, networkProvider } = result;
      const end = { id, ...ended, ...late, fence, letter: deadLetter?.reason ?? null };
      // If only the least is committed, new bindings are not on record: a repair has to find them, as after unanswered
      // requests.
      const made = end.bindings !== null || end.standing !== undefined;
      const window = made ? lateWindowOf(provider, options.lateWindow) : end.late;
      return { whole: { end, deadLetter }, least: leastOf({ ...end, networkProvider, late: window }) };
    } catch (error) {
      if (isOver(error, context)) throw error;
      log().error('could not determine the outcome of an operation; it fails with an internal error', { error });
      const window = lateWindowOf(provider, options.lateWindow);
      const least = leastOf({ id, start: operation.start, fence, networkProvider: '', late: window });
      return { whole: least, least };
    }
  }
}

/** Id of the next end: the operation's id for the first end, a new id for an end that replaces another. */
function endIdOf({ start }: Operation): string {
  return start.replay?.again == null ? start.id : randomUUID().replaceAll('-', '');
}

/** The outcome of an operation that ended earlier, with its dead letter if that is still owed. */
function outcomeBefore({ id, result, letter }: PastEnd): OperationOutcome {
  const detail = result.error?.message ?? 'see the worker log';
  return { id, result, deadLetter: letter === null ? null : { reason: letter, detail } };
}
