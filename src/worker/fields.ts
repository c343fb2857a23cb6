import type { OperationStart } from '../state/index.js';

/** What stands in every line about an operation. */
export interface OperationFields {
  /** req-<uuid> of the caller's request; null where it gave none. */
  request_id: string | null;
  /** Null where it cannot be read; so with the node. */
  operation: string | null;
  node: string | null;
  /** The conductor host; null: the queue of any host. */
  host: string | null;
}

export function fieldsOf(
  start: Pick<OperationStart, 'requestId' | 'id' | 'nodeUuid' | 'conductorHost'>,
): OperationFields {
  return { request_id: start.requestId, operation: start.id, node: start.nodeUuid, host: start.conductorHost };
}
