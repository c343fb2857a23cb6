import type { MethodArguments } from '../contract/arguments.js';
import type { IronicError } from '../contract/errors.js';
import type { BaseMethodName, FurtherMethodName, MethodName } from '../contract/methods.js';
import type { Answers, BindingFailure, Finding, PortBinding, RecordedBinding, Task } from '../contract/types.js';
import type { Logger } from '../log/log.js';
import type { NeutronClient } from '../neutron/client.js';
import type { PortEvents } from '../neutron/port-events.js';
import type { NeutronProviderOptions } from './neutron/binding/options.js';

/** Something that a provider needs for its work, such as Neutron. While it is away, the worker begins no operation. */
interface Dependency {
  /** Why the dependency cannot be used now, as a sentence for the operator; null while it can be used. */
  readonly away: string | null;
  /**
   * Resolves when the dependency can be used. Calls `signal` only if it has to wait.
   *
   * @throws the signal's reason
   */
  back(signal: () => AbortSignal): Promise<void>;
}

/** What a provider is given for one operation. */
export interface ProviderContext {
  /** The node to move, its ports and portgroups. */
  readonly task: Task;
  /** The arguments of the method, apart from the task. */
  readonly args: MethodArguments;
  /** Every binding that is on record for the node, of all network types. */
  readonly recorded: readonly RecordedBinding[];
  /**
   * Whether `recorded` is all that was ever left for the node, as far as we can know: the node is on record, no
   * unanswered request of it may still take effect, and this is the first attempt of an operation that no worker has
   * begun before, from a message that was delivered once and is no replay. Then nothing of an earlier attempt can exist,
   * and a method may act without looking first, if it looks when it finds that something is in the way: others may have
   * changed anything. If false, it must look for what already exists.
   */
  readonly fresh: boolean;
  /** req-<uuid> of the caller's request; Neutron gets it as X-OpenStack-Request-ID. */
  readonly requestId: string | null;
  /**
   * Aborted when this worker may no longer finish the operation. Requests under way must then stop, and the method must
   * throw. Read this property again for each request: a worker process that was suspended learns only then that it lost
   * the operation.
   */
  readonly signal: AbortSignal;
  /** Logs with the operation, node and request in every line. */
  readonly log: Logger;
}

/** A node as the database has it. */
export type NodeRecord = Pick<ProviderContext, 'task' | 'recorded'>;

/** Sent along with every request of a comparison. */
export type ComparisonRequest = Pick<ProviderContext, 'signal' | 'requestId'>;

/** A node after its repair, which may be incomplete. */
export interface RepairedNode {
  /** All bindings of the node after the repair, of all network types. */
  bindings: RecordedBinding[];
  /** Each difference that was found, and whether it was repaired. */
  findings: Finding[];
  /** Problems of the repair itself, such as a removal that Neutron cannot prove. */
  warnings?: BindingFailure[];
}

/**
 * The result of a method: the node's bindings of the method's network type. A method that attaches or detaches a VIF
 * also returns `vifs`, all VIFs that are attached afterwards; the worker records them.
 */
export interface ProviderOutcome extends Answers {
  /** All bindings after the operation; they replace the recorded bindings of the network type. */
  bindings: PortBinding[];
  /** Ports and portgroups that could not be moved. */
  failures: BindingFailure[];
  /** Problems that did not make the operation fail. WARNING_KINDS has those that programs tell apart. */
  warnings?: BindingFailure[];
  /**
   * All bindings of all network types; they replace everything on record for the node. For reconcile, and for a method
   * that changed bindings of other types than its own.
   */
  standing?: readonly RecordedBinding[];
  /** Set when the operation as a whole failed, although bindings were left or removed. */
  error?: IronicError;
}

/**
 * Moves a node between networks. One instance serves all nodes, so a method must keep no state between calls.
 *
 * A method may be called again for the same operation after a crash at any point, so it must look for what already
 * exists and end in the same state. It throws an IronicError when the fault is permanent and nothing was changed (or
 * everything was rolled back), and a TransientError when a retry can help.
 *
 * Every provider has the methods of version 1.0. If a provider lacks a later method, the worker refuses the call with
 * UnsupportedDriverExtension. A later method may omit the bindings; the recorded ones then stay.
 *
 * Source: the specification "Pluggable network providers", Driver API impact; Ironic's NetworkInterface.
 */
export type NetworkProvider = Record<BaseMethodName, (context: ProviderContext) => Promise<ProviderOutcome>> &
  Partial<Record<FurtherMethodName, (context: ProviderContext) => Promise<Partial<ProviderOutcome>>>> & {
    /**
     * Methods that change nothing outside the database: the worker records such an operation only when it has ended.
     */
    readonly changesNothing?: readonly MethodName[];
    /** While this dependency is away, operations wait without a time limit, and no retry is used up. */
    readonly dependency?: Dependency;
    /**
     * Compares the records of some nodes with reality and returns the differences of each node, in the order of the
     * nodes. Changes nothing. It is used for thousands of nodes, so its requests should cover a whole group.
     *
     * @throws an IronicError or a TransientError when the comparison is not possible
     */
    compare?(nodes: readonly NodeRecord[], request: ComparisonRequest): Promise<Finding[][]>;
    /**
     * Compares one node again and repairs what differs from `standing`, the bindings of all network types that the
     * node should have. Used by the method reconcile, and by the worker at the end of an operation whose node may have
     * unanswered requests. In the second case `context` is that of the operation: the task as the operation left it,
     * and the bindings that were on record before; `standing` are the bindings that the operation records.
     *
     * @throws a TransientError when a retry can help; a difference that cannot be repaired is a finding, not an error
     */
    repair?(context: ProviderContext, standing: readonly RecordedBinding[]): Promise<RepairedNode>;
  };

/** The services that a provider may use. All providers share one set; its creator closes it. */
export interface ProviderServices {
  readonly log: Logger;
  readonly neutron: NeutronClient;
  readonly options: NeutronProviderOptions;
  /** Neutron's notifications about ports; undefined where nothing receives them, as in commands. */
  readonly portEvents?: PortEvents;
}

/** The default export of a provider's module. */
export type ProviderFactory = (services: ProviderServices) => NetworkProvider | Promise<NetworkProvider>;
