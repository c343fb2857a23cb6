import type { MethodArguments } from '../contract/arguments.js';
import type { IronicError } from '../contract/errors.js';
import type { BaseMethodName, FurtherMethodName, MethodName, NetworkType } from '../contract/methods.js';
import type { Answers, BindingFailure, Finding, PortBinding, Task } from '../contract/types.js';
import type { Logger } from '../log/log.js';
import type { NeutronClient } from '../neutron/client.js';
import type { PortEvents } from '../neutron/port-events.js';
import type { NeutronProviderOptions } from './neutron/binding/options.js';

/** A port binding that is on record, with the network type it was made for. */
export interface RecordedBinding extends PortBinding {
  network_type: NetworkType;
}

/** What a provider cannot do without, such as Neutron. While it is away, the worker begins nothing that needs it. */
interface Dependency {
  /** Why it is of no use now, in a sentence for the operator; null: it is there. */
  readonly away: string | null;
  /** Resolves when it is there. Asks for the signal only when it has to wait. @throws the signal's reason */
  back(signal: () => AbortSignal): Promise<void>;
}

/** What a provider is given for one operation. */
export interface ProviderContext {
  /** The node to move, its ports and portgroups. */
  readonly task: Task;
  /** What the method takes beside the task. */
  readonly args: MethodArguments;
  /** Every binding that is on record for the node, of all network types. */
  readonly recorded: readonly RecordedBinding[];
  /** req-<uuid> of the caller's request; Neutron gets it as X-OpenStack-Request-ID. */
  readonly requestId: string | null;
  /**
   * Aborted when the operation is no longer ours to finish. Requests under way must stop, and the method must throw. To be
   * asked for anew for each request: a process that was stopped for a while and goes on finds out by asking.
   */
  readonly signal: AbortSignal;
  /** Logs with the operation, node and request in every line. */
  readonly log: Logger;
}

/** What is on record of a node. */
export type NodeRecord = Pick<ProviderContext, 'task' | 'recorded'>;

/** What goes with every request that a comparison makes. */
export type ComparisonRequest = Pick<ProviderContext, 'signal' | 'requestId'>;

/** A node that was put right, as far as that could be done. */
export interface RepairedNode {
  /** Every binding that now stands, of all types of network. */
  bindings: RecordedBinding[];
  /** What differed, and what became of it. */
  findings: Finding[];
}

/**
 * What the node has on the method's network type when the method is done; and `vifs` of a method that attaches or
 * detaches: the VIFs that are attached now, which go on record.
 */
export interface ProviderOutcome extends Answers {
  /** Every binding that now stands; these replace what is on record for the network type. */
  bindings: PortBinding[];
  /** Ports and portgroups that could not be moved. */
  failures: BindingFailure[];
  /** What did not go as it should and did not make the operation fail. */
  warnings?: BindingFailure[];
  /** Of reconcile: every binding that now stands, of all types of network; these replace all that is on record. */
  standing?: readonly RecordedBinding[];
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
 * Every provider has the methods of version 1.0. A further method that it lacks is refused with
 * UnsupportedDriverExtension; one that it has need not state bindings, and what is on record then stands.
 *
 * Source: the specification "Pluggable network providers", Driver API impact; Ironic's NetworkInterface.
 */
export type NetworkProvider = Record<BaseMethodName, (context: ProviderContext) => Promise<ProviderOutcome>> &
  Partial<Record<FurtherMethodName, (context: ProviderContext) => Promise<Partial<ProviderOutcome>>>> & {
    /** Methods that change nothing outside: they need not be on record while they are under way, only when they ended. */
    readonly changesNothing?: readonly MethodName[];
    /** Operations wait while it is away, however long: no retry is spent on it. */
    readonly dependency?: Dependency;
    /**
     * What differs between the records of some nodes and what they really have: of each node, in their order. Changes
     * nothing. It serves thousands of nodes in groups, so what it asks for it asks for a whole group.
     *
     * @throws an IronicError or a TransientError when it cannot be told
     */
    compare?(nodes: readonly NodeRecord[], request: ComparisonRequest): Promise<Finding[][]>;
    /**
     * Compares one node anew, and repairs what differs from the bindings that are to stand, of all types of network.
     * Asked for by its method reconcile, and by a worker that took over from one which may still have had a request
     * out: then `context` is that of the operation since, with the task as the operation left it, and what was on
     * record before it; `standing` is what it leaves on record.
     *
     * @throws a TransientError when trying again can help; what cannot be repaired is a finding, not an error
     */
    repair?(context: ProviderContext, standing: readonly RecordedBinding[]): Promise<RepairedNode>;
  };

/** What a provider may use. One set for all of them; whoever made it closes it. */
export interface ProviderServices {
  readonly log: Logger;
  readonly neutron: NeutronClient;
  readonly options: NeutronProviderOptions;
  /** What Neutron says of its ports by itself; undefined where nobody listens, as in commands. */
  readonly portEvents?: PortEvents;
}

/** The default export of a provider's module. */
export type ProviderFactory = (services: ProviderServices) => NetworkProvider | Promise<NetworkProvider>;
