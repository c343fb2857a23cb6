import { randomBytes } from 'node:crypto';

import type { Delivery } from '../amqp/index.js';
import { NetprovError } from '../errors.js';
import type { Logger } from '../log/log.js';
import { type Operation, operationFieldsOf } from '../messages/request.js';
import { EpochLost, type Fence, type LookUpResult, NodeChanged, type State } from '../state/index.js';
import { Turn, type Turns } from './lanes.js';
import type { WorkerMetrics } from './metrics.js';
import { OperationRecord, type PoisonOptions, suspected } from './operation-record.js';
import type { Tenure } from './ownership/tenure.js';

/** Thrown when this worker does not begin or continue an operation: the message goes to the queue's next owner. */
export class Abandoned extends NetprovError {
  readonly code = 'abandoned';

  constructor() {
    super('this worker does not act for the queue any more');
  }
}

/** An operation that has entered its lane, with its delivery and the tenure under which it may be committed. */
export interface OperationArrival {
  readonly operation: Operation;
  readonly delivery: Delivery;
  readonly tenure: Tenure;
  /** The fence for its commit: the queue and its epoch. */
  readonly fence: Fence;
  /** A log whose lines name the operation. */
  readonly log: () => Logger;
}

/** One operation in progress. Every step takes this context. */
export interface OperationContext extends OperationArrival {
  /** What the database knew about the operation and its node at the look-up. */
  readonly known: LookUpResult;
  /** Records in the database how far the operation is. */
  readonly record: OperationRecord;
  /** The operation's turn to call the provider. */
  readonly turn: Turn;
  /** Whether the operation's begin is recorded even if the operation changes nothing outside. */
  readonly note: boolean;
}

export interface ContextOptions {
  state: State;
  /** Limits how many operations call their provider at once. */
  turns: Turns;
  poison: PoisonOptions;
  metrics: WorkerMetrics;
}

/**
 * Receives an operation in its lane. Resolves when the queue's tenure has begun.
 *
 * @throws Abandoned when this worker must not begin the operation
 */
export async function arrive(
  operation: Operation,
  delivery: Delivery,
  tenure: Tenure,
  log: Logger,
): Promise<OperationArrival> {
  assertOurs(delivery, tenure);
  const fence = await tenure.begun;
  assertOurs(delivery, tenure);
  return { operation, delivery, tenure, fence, log: () => operationLog(operation, log) };
}

/** A log whose lines name the operation. */
export function operationLog({ start }: Operation, log: Logger): Logger {
  return log.child(operationFieldsOf(start));
}

/** Makes the context of an operation that was looked up and has to be done. */
export function contextOf(
  arrival: OperationArrival,
  known: LookUpResult,
  { state, turns, poison, metrics }: ContextOptions,
): OperationContext {
  const { operation, delivery, fence, log } = arrival;
  const alone = suspected(known.earlier, poison);
  if (alone) {
    metrics.suspected();
    log().warn('workers died while they ran this operation; trying it alone', { ...known.earlier });
  }
  const id = randomBytes(4).toString('hex');
  const begin = { id, start: operation.start, fence, before: known.node, alone, waits: false };
  const record = new OperationRecord(begin, state, delivery, log);
  // An operation that changes nothing is not recorded when it begins, unless its message may be a poison message.
  const note = delivery.deliveryCount >= poison.suspectAfter;
  return { ...arrival, known, record, turn: new Turn(turns, alone), note };
}

/** Whether the operation no longer belongs to this worker, or must begin anew because its node has changed. */
export function isOver(error: unknown, { delivery, tenure }: Pick<OperationArrival, 'delivery' | 'tenure'>): boolean {
  if (error instanceof Abandoned || error instanceof EpochLost || error instanceof NodeChanged) return true;
  return delivery.abandoned || tenure.over.aborted;
}

/** @throws Abandoned when this worker does not act for the queue of the message any more */
export function assertOurs(delivery: Delivery, tenure: Tenure): void {
  if (delivery.abandoned || tenure.draining) throw new Abandoned();
}
