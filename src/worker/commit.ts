import type { Delivery } from '../amqp/index.js';
import { NetworkError } from '../contract/errors.js';
import { operationResult } from '../contract/result.js';
import type { Logger } from '../log/log.js';
import {
  EpochLost,
  type Fence,
  isTransientDatabaseError,
  NodeChanged,
  type OperationEnd,
  type OperationStart,
  type State,
} from '../state/index.js';
import { DatabaseRefused, untilStored } from './operation-record.js';
import type { ProviderResult } from './provider-choice.js';

/** The outcome of an operation, before it is committed. */
export interface Provision {
  end: OperationEnd;
  deadLetter: ProviderResult['deadLetter'];
}

/** The fields that are needed to commit that an operation failed. */
export interface Least {
  /** Id of this end of the operation. */
  id: string;
  start: OperationStart;
  fence: Fence;
  networkProvider: string;
  /** Seconds for which unrecorded changes outside may have to be repaired; 0: nothing was changed outside. */
  late: number;
}

/**
 * The least that an operation can end with, for when its real outcome cannot be committed: it failed by a fault of this
 * program. This end holds nothing from the provider, and from the message only what was checked when it arrived. The
 * record of the node stays as it is.
 */
export function leastOf({ id, start, fence, networkProvider, late }: Least): Provision {
  const detail =
    'internal error: the outcome of the operation cannot be recorded; the worker log has the details under this ' +
    'operation id';
  const result = operationResult({
    operationId: start.id,
    nodeUuid: start.nodeUuid ?? '',
    method: start.method,
    networkProvider,
    networkType: start.networkType,
    bindings: [],
    failures: [],
    warnings: [],
    answers: {},
    error: new NetworkError(detail),
  });
  const reason = 'internal_error';
  const unchanged = { before: null, after: null, bindings: null, settled: false };
  return { end: { id, start, fence, result, late, letter: reason, ...unchanged }, deadLetter: { reason, detail } };
}

/**
 * Commits the outcome of an operation, or the least in its place if the database refuses the outcome for good. If the
 * database refuses the least too, the database itself is at fault: both are tried in turn until it accepts one of them.
 *
 * @returns what was committed
 * @throws EpochLost, NodeChanged, and the reason of the delivery's signal
 */
export async function commit(
  whole: Provision,
  least: Provision,
  state: State,
  { delivery, log }: { delivery: Delivery; log: () => Logger },
): Promise<Provision> {
  let chosen = whole;
  let repeated = false;
  const attempt = async (): Promise<Provision> => {
    const end = { ...chosen.end, repeated };
    repeated = true;
    try {
      await state.end(end);
      return chosen;
    } catch (error) {
      if (isTransientDatabaseError(error) || error instanceof EpochLost || error instanceof NodeChanged) throw error;
      log().error('the database refuses the outcome of an operation', { least: chosen === least, error });
      chosen = chosen === whole ? least : whole;
      repeated = false;
      throw new DatabaseRefused('trying to record another outcome of the operation', {
        cause: error,
      });
    }
  };
  return untilStored('commit an operation', attempt, delivery, log);
}
