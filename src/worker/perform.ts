import type { OperationResult } from '../contract/types.js';
import type { Logger } from '../log.js';
import type { Delivery } from '../rpc/index.js';
import type { Known, OperationBegin, State } from '../state/index.js';
import type { Operation } from './decode.js';
import { endOf } from './end.js';
import { poisonOf, type PoisonOptions, suspected } from './poison.js';
import { Progress, untilStored } from './progress.js';
import { NOT_PROVIDED, provide, type Provided, type ProvideOptions } from './provide.js';
import type { Tenure } from './tenure.js';

export interface PerformOptions extends ProvideOptions {
  state: State;
  poison: PoisonOptions;
  /** Seconds for which a request whose answer was not seen may still take effect in Neutron. */
  lateWindow: number;
  log: Logger;
}

/** What a lane answers with. */
export interface Done {
  result: OperationResult;
  deadLetter: Provided['deadLetter'];
}

/** Thrown in a lane when an operation is not begun: its message goes to whoever has the queue next. */
export class Abandoned extends Error {}

/** The part of an operation's way that has to be alone in its node's lane: from "already done?" to the commit. */
export class Performer {
  readonly #options: PerformOptions;

  constructor(options: PerformOptions) {
    this.#options = options;
  }

  /**
   * Null: there is nothing to do, and nothing to answer.
   *
   * @throws Abandoned when it was not begun; EpochLost, or the reason of the delivery's or tenure's signal, when it is no
   * longer ours to end
   */
  async perform(operation: Operation, delivery: Delivery, tenure: Tenure): Promise<Done | null> {
    const { state } = this.#options;
    const { start, request } = operation;
    assertOurs(delivery, tenure);
    const fence = await tenure.begun;
    assertOurs(delivery, tenure);
    const fields = {
      operation: start.id,
      node: start.nodeUuid,
      host: start.conductorHost,
      request_id: request.context.request_id,
    };
    const log = (): Logger => this.#options.log.child(fields);

    const known = await untilStored('look up an operation', () => state.lookUp(start), delivery, log);
    if (known.result) {
      log().info('repeat of an operation that has ended; answering again', { method: start.method });
      return { result: known.result, deadLetter: null };
    }

    if (known.superseded) {
      log().warn('a replayed message is left alone: what came after it has been done', { method: start.method });
      return null;
    }

    const alone = suspected(known.earlier, this.#options.poison);
    const begin = { start, fence, alone, waits: false };
    const provided = await this.#provide(operation, known, begin, delivery, tenure, log);
    const end = { ...endOf(operation, known.node, provided), ...this.#lateness(known, provided), fence };
    await untilStored('commit an operation', () => state.end(end), delivery, log);

    const { status, network_provider, bindings, failures, warnings } = end.result;
    const level = status === 'succeeded' && warnings.length === 0 ? 'info' : 'warn';
    this.#options.log.log(level, `${start.method} ${status}`, {
      ...fields,
      network_provider,
      bindings: bindings.length,
      failures: failures.length,
      ...(warnings.length > 0 ? { warnings: warnings.map(({ reason }) => reason) } : {}),
      error: end.result.error?.message,
      duration_ms: Date.now() - start.startedAt.getTime(),
    });
    return { result: end.result, deadLetter: provided.deadLetter };
  }

  async #provide(
    operation: Operation,
    known: Known,
    begin: OperationBegin,
    delivery: Delivery,
    tenure: Tenure,
    log: () => Logger,
  ): Promise<Provided> {
    const { state, poison } = this.#options;
    const { alone } = begin;
    const error = poisonOf(known.earlier, poison);
    if (error !== null) {
      return { ...NOT_PROVIDED, uncertain: true, error, deadLetter: { reason: 'poison', detail: error.message } };
    }
    if (alone) log().warn('workers died while they ran this operation; it is tried alone', { ...known.earlier });
    const record = new Progress(begin, state, delivery, log);
    // One that changes nothing need not be noted, unless its message may be one that workers die of.
    const note = delivery.deliveryCount >= poison.suspectAfter;
    try {
      return await provide(operation, known, this.#options, { delivery, tenure, log, record, alone, note });
    } catch (fault) {
      record.abandoned();
      throw fault;
    }
  }

  /** What requests without an answer mean for the node, now that the operation ends. */
  #lateness({ node }: Known, { uncertain, lookedFor }: Provided): { late: number; settled: boolean } {
    return {
      late: uncertain ? this.#options.lateWindow : 0,
      settled: !uncertain && lookedFor && node?.late === 'over',
    };
  }
}

/** @throws Abandoned when the operation is not to be begun here. */
function assertOurs(delivery: Delivery, tenure: Tenure): void {
  if (delivery.abandoned || tenure.draining) throw new Abandoned();
}
