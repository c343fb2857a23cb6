import type { IronicError } from '../contract/errors.js';
import type { MethodName, NetworkType } from '../contract/methods.js';
import type { BindingFailure, PortBinding, Task } from '../contract/types.js';
import type { Logger } from '../log.js';

/** A port binding that is on record, with the network type it was made for. */
export interface RecordedBinding extends PortBinding {
  network_type: NetworkType;
}

/** What a provider is given for one operation. */
export interface ProviderContext {
  /** The node to move, its ports and portgroups. */
  readonly task: Task;
  /** Every binding that is on record for the node, of all network types. */
  readonly recorded: readonly RecordedBinding[];
  /** req-<uuid> of the caller's request; Neutron gets it as X-OpenStack-Request-ID. */
  readonly requestId: string | null;
  /** Aborted when the operation is no longer ours to finish. Requests under way must stop, and the method must throw. */
  readonly signal: AbortSignal;
  /** Logs with the operation, node and request in every line. */
  readonly log: Logger;
}

/** What the node has on the method's network type when the method is done. */
export interface ProviderOutcome {
  /** Every binding that now stands; these replace what is on record for the network type. */
  bindings: PortBinding[];
  /** Ports and portgroups that could not be moved. */
  failures: BindingFailure[];
  /** Set when the operation as a whole failed although something stands or was removed. */
  error?: IronicError;
}

/**
 * Moves a node between networks. One instance serves all nodes, so a method keeps nothing between calls.
 *
 * A method may be called again for the same operation, after a crash at any point: it must look for what is already
 * there and end in the same state. It throws an IronicError when nothing was changed (or all was rolled back) and
 * the fault is permanent, and a TransientError when trying again can help.
 *
 * Source: the specification "Pluggable network providers", Driver API impact.
 */
export type NetworkProvider = Record<MethodName, (context: ProviderContext) => Promise<ProviderOutcome>> & {
  /** Nothing outside is changed: no operation need be on record while it is under way, only when it has ended. */
  readonly changesNothing?: true;
};
