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

/** What came of an operation, before it is on record. */
export interface Provision {
  end: OperationEnd;
  deadLetter: ProviderResult['deadLetter'];
}

/** What it takes to put on record that an operation failed. */
export interface Least {
  /** Which end it is. */
  id: string;
  start: OperationStart;
  fence: Fence;
  networkProvider: string;
  /** Seconds for which what was changed outside, and is not on record, has to be looked for; 0: nothing was changed. */
  late: number;
}

/**
 * The least that an operation can end with, when what it should end with is of no use: that it failed, by a fault of this
 * program. It holds nothing that a provider said or that came with the message, but what was checked when it came. What is
 * on record of the node stays.
 */
export function leastOf({ id, start, fence, networkProvider, late }: Least): Provision {
  const detail =
    'internal error: what the operation ended with cannot be put on record; the worker log has the details under this ' +
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
 * Puts on record what an operation ended with; where the database refuses that for good, the least in its place. A database
 * that refuses this as well is the one that is at fault: both are tried in turn until it takes one of them.
 *
 * @returns what is on record now
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
      log().error('the database refuses what an operation ended with', { least: chosen === least, error });
      chosen = chosen === whole ? least : whole;
      repeated = false;
      throw new DatabaseRefused('trying to put on record what an operation ended with in another way', {
        cause: error,
      });
    }
  };
  return untilStored('commit an operation', attempt, delivery, log);
}
