import { randomBytes } from 'node:crypto';

import type { Delivery } from '../amqp/index.js';
import type { Logger } from '../log/log.js';
import { type Operation, operationFieldsOf } from '../messages/request.js';
import { EpochLost, type Fence, type LookUpResult, NodeChanged, type State } from '../state/index.js';
import { Turn, type Turns } from './lanes.js';
import type { WorkerMetrics } from './metrics.js';
import { OperationRecord, type PoisonOptions, suspected } from './operation-record.js';
import type { Tenure } from './ownership/tenure.js';

/** Thrown when an operation is not begun, or not gone on with: its message goes to whoever has the queue next. */
export class Abandoned extends Error {}

/** What an operation comes with, and under what it may be ended. */
export interface OperationArrival {
  readonly operation: Operation;
  readonly delivery: Delivery;
  readonly tenure: Tenure;
  /** What its commit is made under. */
  readonly fence: Fence;
  /** A log whose lines name the operation. */
  readonly log: () => Logger;
}

/** One operation while it is worked on: every step takes it, and adds what the next step needs. */
export interface OperationContext extends OperationArrival {
  /** What the database had of the operation and its node when it was looked up. */
  readonly known: LookUpResult;
  /** Notes in the database how far it is. */
  readonly record: OperationRecord;
  /** Its turn to be with the provider. */
  readonly turn: Turn;
  /** Whether it is noted as begun even if it changes nothing outside. */
  readonly note: boolean;
}

export interface ContextOptions {
  state: State;
  /** Lets only so many operations be with their provider at once. */
  turns: Turns;
  poison: PoisonOptions;
  metrics: WorkerMetrics;
}

/**
 * An operation's arrival in its lane: resolves when the queue's tenure has begun.
 *
 * @throws Abandoned when the operation is not to be begun here
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
  return { operation, delivery, tenure, fence, log: () => log.child(operationFieldsOf(operation.start)) };
}

/** The context of an operation that was looked up and is to be done. */
export function contextOf(
  arrival: OperationArrival,
  known: LookUpResult,
  { state, turns, poison, metrics }: ContextOptions,
): OperationContext {
  const { operation, delivery, fence, log } = arrival;
  const alone = suspected(known.earlier, poison);
  if (alone) {
    metrics.suspected();
    log().warn('workers died while they ran this operation; it is tried alone', { ...known.earlier });
  }
  const id = randomBytes(4).toString('hex');
  const begin = { id, start: operation.start, fence, before: known.node, alone, waits: false };
  const record = new OperationRecord(begin, state, delivery, log);
  // One that changes nothing need not be noted, unless its message may be one that workers die of.
  const note = delivery.deliveryCount >= poison.suspectAfter;
  return { ...arrival, known, record, turn: new Turn(turns, alone), note };
}

/** Whether an error says that the operation is not ours any more, or is to be begun anew. */
export function isOver(error: unknown, { delivery, tenure }: Pick<OperationArrival, 'delivery' | 'tenure'>): boolean {
  if (error instanceof Abandoned || error instanceof EpochLost || error instanceof NodeChanged) return true;
  return delivery.abandoned || tenure.over.aborted;
}

function assertOurs(delivery: Delivery, tenure: Tenure): void {
  if (delivery.abandoned || tenure.draining) throw new Abandoned();
}
