import { argumentsOf, readArguments } from '../contract/arguments.js';
import { InvalidParameterValue } from '../contract/errors.js';
import type { MethodName, NetworkType } from '../contract/methods.js';
import { readSubject } from '../contract/task.js';
import type { DhcpOption, Node, Port, Portgroup, VifInfo } from '../contract/types.js';
import type { RpcContext } from '../rpc/index.js';

/** Some fields are required; a worker takes the others as null, [] or {} when they are not there. */
type Fields<T, Required extends keyof T> = Pick<T, Required> & Partial<Omit<T, Required>>;

/** The node to move, as far as a conductor has to describe it. */
export interface TaskInput {
  /** Its network_interface is Ironic's name of network_provider, and counts where that is not given. */
  node: Fields<Node, 'uuid'> & { network_interface?: string | null };
  ports?: Fields<Port, 'uuid' | 'address'>[];
  portgroups?: Fields<Portgroup, 'uuid'>[];
}

/** The node to move: described in full, or by the UUID under which the worker has stored it. */
export type Move = { task: TaskInput; nodeId?: never } | { nodeId: string; task?: never };

/** What some methods take beside the task. A method takes only its own arguments; null is as good as nothing. */
export interface ArgumentsInput {
  /** Of validate: the type of network to be checked for. */
  network_type?: NetworkType | null | undefined;
  /** Of vif_attach: the Neutron port, and the port or portgroup to attach it to; without one the best free one. */
  vif_info?: Fields<VifInfo, 'id'> | null | undefined;
  /** Of vif_detach: UUID of the Neutron port. */
  vif_id?: string | null | undefined;
  /** Of get_current_vif: the port, or the portgroup, whose Neutron port is asked for. */
  port_uuid?: string | null | undefined;
  portgroup_uuid?: string | null | undefined;
  /** Of port_changed: the port as it will be, with all its fields; the task has it as it was. */
  port_obj?: Fields<Port, 'uuid' | 'address'> | null | undefined;
  /** Of portgroup_changed: the portgroup as it will be, with all its fields; the task has it as it was. */
  portgroup_obj?: Fields<Portgroup, 'uuid'> | null | undefined;
  /** Of update_dhcp_options. A null opt_value removes the option. */
  options?: readonly Fields<DhcpOption, 'opt_name'>[] | null | undefined;
  /** Of reconcile: whether to repair what differs. */
  fix?: boolean | null | undefined;
}

export interface RequestOptions {
  /** What the method takes beside the task. */
  args?: ArgumentsInput | undefined;
  /** The conductor host that asks; any worker may take the request when it is not given. */
  host?: string | undefined;
  /** Ids of the request that causes this one, for logs; a new request_id when not given. */
  context?: Partial<RpcContext>;
}

/**
 * The arguments of a request as they go out: checked as the worker checks them, without what is null.
 *
 * @throws InvalidParameterValue, MissingParameterValue naming what cannot be used
 */
export function readRequest(
  method: MethodName,
  { task, nodeId, args = {} }: Move & RequestOptions,
): Record<string, unknown> {
  const subject = readSubject({ task, node_id: nodeId });
  refuseOthers(method, args);
  const read = readArguments(method, { task, ...args });
  const given = argumentsOf(method).filter((name) => read[name] !== null);
  return {
    ...(subject.kind === 'task' ? { task: subject.task } : { node_id: subject.nodeUuid }),
    ...Object.fromEntries(given.map((name) => [name, read[name]])),
  };
}

/** On the wire, what a method does not take is ignored; here it is a mistake of the caller's. */
function refuseOthers(method: MethodName, args: ArgumentsInput): void {
  const taken: readonly string[] = argumentsOf(method);
  const other = Object.entries(args).find(([name, value]) => (value ?? null) !== null && !taken.includes(name));
  if (other === undefined) return;
  const takes = taken.length === 0 ? 'nothing' : taken.join(' or ');
  throw new InvalidParameterValue(`${method} does not take ${other[0]}: beside the task it takes ${takes}`);
}
