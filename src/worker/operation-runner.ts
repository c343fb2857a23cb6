import { randomUUID } from 'node:crypto';

import type { Delivery } from '../amqp/index.js';
import type { OperationResult } from '../contract/types.js';
import type { Logger } from '../log/log.js';
import { type Operation, operationFieldsOf } from '../messages/request.js';
import type { NetworkProvider } from '../providers/provider.js';
import {
  isTransientDatabaseError,
  type LookUpResult,
  NodeChanged,
  type OperationEnd,
  type OperationStart,
  type PastEnd,
} from '../state/index.js';
import { commit, leastOf, type Provision } from './commit.js';
import { endOf, withoutSecrets } from './end.js';
import { inStage } from './metrics.js';
import {
  arrive,
  type ContextOptions,
  contextOf,
  isOver,
  type OperationArrival,
  type OperationContext,
} from './operation-context.js';
import { DatabaseRefused, untilStored } from './operation-record.js';
import type { Tenure } from './ownership/tenure.js';
import { callProvider, type ProviderCallOptions, repair } from './provider-call.js';
import { chooseProvider, type ProviderChoiceOptions, type ProviderResult } from './provider-choice.js';
import { bindingsAfter, lateMarkOf, lateWindowOf, needsRepair, withRepaired } from './unanswered-requests.js';

export interface OperationRunnerOptions extends ContextOptions, ProviderCallOptions, ProviderChoiceOptions {
  /** Seconds for which a request whose answer was not seen may still take effect in Neutron. */
  lateWindow: number;
  log: Logger;
}

/** What a lane answers with. */
export interface OperationOutcome {
  /** Which end of the operation it is. */
  id: string;
  result: OperationResult;
  deadLetter: ProviderResult['deadLetter'];
}

/**
 * The part of an operation's way that has to be alone in its node's lane: from "already done?" to the commit.
 *
 *     arrive -> look up -> choose a provider -> call it -> repair what unanswered requests did -> commit
 */
export class OperationRunner {
  readonly #options: OperationRunnerOptions;

  constructor(options: OperationRunnerOptions) {
    this.#options = options;
  }

  /**
   * Null: there is nothing to do, and nothing to answer.
   *
   * @param entered called when its turn has come.
   * @throws Abandoned when it was not begun; EpochLost, or the reason of the delivery's or tenure's signal, when it is no
   * longer ours to end
   */
  async run(
    operation: Operation,
    delivery: Delivery,
    tenure: Tenure,
    entered: () => void,
  ): Promise<OperationOutcome | null> {
    const arrival = await arrive(operation, delivery, tenure, this.#options.log);
    entered();
    for (;;) {
      const known = await inStage(this.#options.metrics, 'look_up', () => this.#lookUp(arrival));
      if (known.ended) return this.#answerAgain(arrival, known.ended);
      if (known.superseded) {
        const { method } = operation;
        arrival.log().warn('a replayed message is left alone: what came after it has been done', { method });
        return null;
      }
      try {
        return await this.#carryOut(contextOf(arrival, known, this.#options));
      } catch (error) {
        if (!(error instanceof NodeChanged)) throw error;
        arrival.log().info('an operator has changed the node meanwhile; begun anew', { method: operation.method });
      }
    }
  }

  #lookUp({ operation, delivery, log }: OperationArrival): Promise<LookUpResult> {
    return untilStored('look up an operation', () => this.#ask(operation.start), delivery, log);
  }

  /** A database that refuses to be asked refuses everybody. @throws DatabaseRefused, and the database's transient errors */
  async #ask(start: OperationStart): Promise<LookUpResult> {
    try {
      return await this.#options.state.lookUp(start);
    } catch (error) {
      if (isTransientDatabaseError(error)) throw error;
      throw new DatabaseRefused('the database refuses to be asked for an operation; trying again', { cause: error });
    }
  }

  #answerAgain({ operation, log }: OperationArrival, ended: PastEnd): OperationOutcome {
    this.#options.metrics.repeated();
    log().info('repeat of an operation that has ended; answering again', { method: operation.method });
    return outcomeBefore(ended);
  }

  /** From the provider to the commit. @throws NodeChanged when the node is not as it was looked up any more */
  async #carryOut(context: OperationContext): Promise<OperationOutcome> {
    const { state, metrics } = this.#options;
    try {
      const { whole, least } = await inStage(metrics, 'provider', () => this.#provide(context));
      const { end, deadLetter } = await inStage(metrics, 'commit', () => commit(whole, least, state, context));
      metrics.ended(end.result);
      this.#report(end);
      return { id: end.id, result: end.result, deadLetter };
    } catch (error) {
      if (isOver(error, context)) await context.record.abandoned();
      throw error;
    } finally {
      context.turn.release();
    }
  }

  /** The provider's part; answers with what is to be committed, and with the least that can be in its place. */
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
      // Bindings that were made and are not on record are as those that a late request makes.
      const made = end.bindings !== null || end.standing !== undefined;
      const window = made ? lateWindowOf(provider, options.lateWindow) : end.late;
      return { whole: { end, deadLetter }, least: leastOf({ ...end, networkProvider, late: window }) };
    } catch (error) {
      if (isOver(error, context)) throw error;
      log().error('what an operation ended with cannot be told', { error });
      const window = lateWindowOf(provider, options.lateWindow);
      const least = leastOf({ id, start: operation.start, fence, networkProvider: '', late: window });
      return { whole: least, least };
    }
  }

  #report({ start, result }: OperationEnd): void {
    const { status, network_provider, bindings, failures, warnings } = result;
    const level = status === 'succeeded' && warnings.length === 0 ? 'info' : 'warn';
    this.#options.log.log(level, `${start.method} ${status}`, {
      ...operationFieldsOf(start),
      network_provider,
      bindings: bindings.length,
      failures: failures.length,
      ...(warnings.length > 0 ? { warnings: warnings.map(({ reason }) => reason) } : {}),
      error: result.error?.message,
      duration_ms: Date.now() - start.startedAt.getTime(),
    });
  }
}

/** Which end comes next: the first has the operation's id, one that is to take the place of another an id of its own. */
function endIdOf({ start }: Operation): string {
  return start.replay?.again == null ? start.id : randomUUID().replaceAll('-', '');
}

/** Answers of an operation that has ended; its dead letter too, if that is still owed. */
function outcomeBefore({ id, result, letter }: PastEnd): OperationOutcome {
  const detail = result.error?.message ?? 'the worker log says more';
  return { id, result, deadLetter: letter === null ? null : { reason: letter, detail } };
}
