import type { NetworkType, OperationSummary } from '../api/types.js';

/** A stretch of time that a node spent on one kind of network, or on none. Times are in milliseconds. */
export interface Stretch {
  from: number;
  /** Infinity: until now. */
  to: number;
  network: NetworkType | null;
  /** The operation that moved it there. */
  operation: OperationSummary;
}

const MOVE = /^(add|remove|configure|unconfigure)_/;

/** Where the node was, from the operations on record, which come newest first. Before the first move nothing is known. */
export function historyOf(operations: readonly OperationSummary[]): Stretch[] {
  const moves = operations
    .filter(({ method, status }) => status === 'succeeded' && MOVE.test(method))
    .map((operation) => ({ operation, at: Date.parse(operation.finished_at ?? operation.started_at) }))
    .sort((one, other) => one.at - other.at);
  const stretches: Stretch[] = [];
  for (const { operation, at } of moves) {
    const network = /^(add|configure)_/.test(operation.method) ? operation.network_type : null;
    const last = stretches.at(-1);
    // To be told once more where it already is does not move a node.
    if (last?.network === network) continue;
    if (last !== undefined) last.to = at;
    stretches.push({ from: at, to: Infinity, network, operation });
  }
  return stretches;
}

/** Where the node was at a time; null: it is not known. */
export function stretchAt(stretches: readonly Stretch[], at: number): Stretch | null {
  return stretches.find(({ from, to }) => from <= at && at < to) ?? null;
}
