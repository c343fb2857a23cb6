import { randomBytes, randomUUID } from 'node:crypto';

import type { Delivery } from '../amqp/index.js';
import type { OperationResult } from '../contract/types.js';
import type { Logger } from '../log/log.js';
import { fieldsOf, type Operation } from '../messages/request.js';
import type { NetworkProvider } from '../providers/provider.js';
import {
  type Fence,
  isTransientDatabaseError,
  type Known,
  NodeChanged,
  type OperationEnd,
  type OperationStart,
  type PastEnd,
  type State,
} from '../state/index.js';
import { Abandoned, type AttemptOptions, type Way } from './attempts.js';
import { commit, leastOf, type Provision } from './commit.js';
import { endOf, withoutSecrets } from './end.js';
import { Turn, type Turns } from './lanes.js';
import { inStage, type WorkerMetrics } from './metrics.js';
import { poisonOf, type PoisonOptions, Progress, Refused, suspected, untilStored } from './operation-record.js';
import type { Tenure } from './ownership/tenure.js';
import { isOver, provide, putRight } from './provider-call.js';
import { choose, type ChooseOptions, type Chosen, type Provided } from './provider-choice.js';
import { hasToLook, lateness, standingAfter, windowOf, withRighted } from './unanswered-requests.js';

export interface PerformOptions extends AttemptOptions, ChooseOptions {
  state: State;
  /** Lets only so many operations be with their provider at once. */
  turns: Turns;
  poison: PoisonOptions;
  /** Seconds for which a request whose answer was not seen may still take effect in Neutron. */
  lateWindow: number;
  metrics: WorkerMetrics;
  log: Logger;
}

/** What a lane answers with. */
export interface Done {
  /** Which end of the operation it is. */
  id: string;
  result: OperationResult;
  deadLetter: Provided['deadLetter'];
}

/** What an operation is done under. */
interface Under {
  fence: Fence;
  delivery: Delivery;
  tenure: Tenure;
  log: () => Logger;
}

/** The part of an operation's way that has to be alone in its node's lane: from "already done?" to the commit. */
export class Performer {
  readonly #options: PerformOptions;

  constructor(options: PerformOptions) {
    this.#options = options;
  }

  /**
   * Null: there is nothing to do, and nothing to answer.
   *
   * @param entered called when its turn has come.
   * @throws Abandoned when it was not begun; EpochLost, or the reason of the delivery's or tenure's signal, when it is no
   * longer ours to end
   */
  async perform(operation: Operation, delivery: Delivery, tenure: Tenure, entered: () => void): Promise<Done | null> {
    const { metrics } = this.#options;
    const { start } = operation;
    assertOurs(delivery, tenure);
    const fence = await tenure.begun;
    assertOurs(delivery, tenure);
    entered();
    const log = (): Logger => this.#options.log.child(fieldsOf(start));
    const under = { fence, delivery, tenure, log };
    for (;;) {
      const known = await inStage(metrics, 'look_up', () =>
        untilStored('look up an operation', () => this.#lookUp(start), delivery, log),
      );
      if (known.ended) {
        metrics.repeated();
        log().info('repeat of an operation that has ended; answering again', { method: start.method });
        return doneBefore(known.ended);
      }

      if (known.superseded) {
        log().warn('a replayed message is left alone: what came after it has been done', { method: start.method });
        return null;
      }

      try {
        return await this.#carryOut(operation, known, under);
      } catch (error) {
        if (!(error instanceof NodeChanged)) throw error;
        log().info('an operator has changed the node meanwhile; begun anew', { method: start.method });
      }
    }
  }

  /** A database that refuses to be asked refuses everybody. @throws Refused, and the database's transient errors */
  async #lookUp(start: OperationStart): Promise<Known> {
    try {
      return await this.#options.state.lookUp(start);
    } catch (error) {
      if (isTransientDatabaseError(error)) throw error;
      throw new Refused('the database refuses to be asked for an operation; trying again', { cause: error });
    }
  }

  /** From the provider to the commit. @throws NodeChanged when the node is not as it was looked up any more */
  async #carryOut(operation: Operation, known: Known, under: Under): Promise<Done> {
    const { state, metrics } = this.#options;
    const way = this.#wayOf(operation, known, under);
    try {
      const { whole, least } = await inStage(metrics, 'provider', () => this.#provide(operation, known, way));
      const { end, deadLetter } = await inStage(metrics, 'commit', () => commit(whole, least, state, under));
      metrics.ended(end.result);
      this.#report(end, fieldsOf(operation.start));
      return { id: end.id, result: end.result, deadLetter };
    } catch (error) {
      if (isOver(error, under)) await way.record.abandoned();
      throw error;
    } finally {
      way.turn.release();
    }
  }

  #wayOf({ start }: Operation, known: Known, under: Under): Way & Under {
    const { state, turns, poison, metrics } = this.#options;
    const { fence, delivery, log } = under;
    const alone = suspected(known.earlier, poison);
    if (alone) {
      metrics.suspected();
      log().warn('workers died while they ran this operation; it is tried alone', { ...known.earlier });
    }
    const id = randomBytes(4).toString('hex');
    const record = new Progress({ id, start, fence, before: known.node, alone, waits: false }, state, delivery, log);
    // One that changes nothing need not be noted, unless its message may be one that workers die of.
    const note = delivery.deliveryCount >= poison.suspectAfter;
    return { ...under, record, turn: new Turn(turns, alone), note };
  }

  /**
   * Has the provider do the operation, and look for what late requests did; answers with what is to be committed, and with
   * the least that can be in its place.
   */
  async #provide(operation: Operation, known: Known, way: Way & Under): Promise<Record<'whole' | 'least', Provision>> {
    const { lateWindow } = this.#options;
    const { fence, log } = way;
    const id = endIdOf(operation);
    let provider: NetworkProvider | null = null;
    try {
      const chosen = await choose(operation, known.node, this.#options, log);
      ({ provider } = chosen);
      const provided = await this.#unlessPoison(operation, known, chosen, way);
      const done = endOf(operation, known.node, provided);
      const looks = hasToLook(operation, known.node, chosen, provided);
      const left = { task: done.after?.task ?? null, standing: standingAfter(done, known.node) };
      const righted = looks ? await putRight(operation, known, chosen, left, this.#options, way) : null;
      const ended = withoutSecrets(righted === null ? done : withRighted(done, righted));
      const late = lateness(operation, known.node, chosen, provided, righted, lateWindow);
      const { deadLetter, networkProvider } = provided;
      const end = { id, ...ended, ...late, fence, letter: deadLetter?.reason ?? null };
      // Bindings that were made and are not on record are as those that a late request makes.
      const made = end.bindings !== null || end.standing !== undefined;
      const window = made ? windowOf(provider, lateWindow) : end.late;
      return { whole: { end, deadLetter }, least: leastOf({ ...end, networkProvider, late: window }) };
    } catch (error) {
      if (isOver(error, way)) throw error;
      log().error('what an operation ended with cannot be told', { error });
      const window = windowOf(provider, lateWindow);
      const least = leastOf({ id, start: operation.start, fence, networkProvider: '', late: window });
      return { whole: least, least };
    }
  }

  async #unlessPoison(operation: Operation, known: Known, chosen: Chosen, way: Way): Promise<Provided> {
    const error = poisonOf(known.earlier, this.#options.poison);
    if (error === null) return provide(operation, known, chosen, this.#options, way);
    return { ...chosen, uncertain: true, error, deadLetter: { reason: 'poison', detail: error.message } };
  }

  #report({ start, result }: OperationEnd, fields: object): void {
    const { status, network_provider, bindings, failures, warnings } = result;
    const level = status === 'succeeded' && warnings.length === 0 ? 'info' : 'warn';
    this.#options.log.log(level, `${start.method} ${status}`, {
      ...fields,
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
function doneBefore({ id, result, letter }: PastEnd): Done {
  const detail = result.error?.message ?? 'the worker log says more';
  return { id, result, deadLetter: letter === null ? null : { reason: letter, detail } };
}

/** @throws Abandoned when the operation is not to be begun here. */
function assertOurs(delivery: Delivery, tenure: Tenure): void {
  if (delivery.abandoned || tenure.draining) throw new Abandoned();
}
