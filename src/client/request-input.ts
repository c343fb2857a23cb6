import { argumentsOf, readArguments } from '../contract/arguments.js';
import { InvalidParameterValue } from '../contract/errors.js';
import type { MethodName, NetworkType } from '../contract/methods.js';
import { readSubject } from '../contract/task.js';
import type { DhcpOption, Node, Port, Portgroup, VifInfo } from '../contract/types.js';
import type { RpcContext } from '../rpc/index.js';

/** Makes some fields required and the others optional. A worker reads a missing field as null, [] or {}. */
type Fields<T, Required extends keyof T> = Pick<T, Required> & Partial<Omit<T, Required>>;

/** The description of the node to move, with its ports and portgroups. Optional fields may be missing. */
export interface TaskInput {
  /** The node. Its network_interface, Ironic's name for network_provider, counts when network_provider is not given. */
  node: Fields<Node, 'uuid'> & { network_interface?: string | null };
  ports?: Fields<Port, 'uuid' | 'address'>[];
  portgroups?: Fields<Portgroup, 'uuid'>[];
}

/** The node to move: described in full by `task`, or by the UUID under which the worker has stored it. */
export type Move = { task: TaskInput; nodeId?: never } | { nodeId: string; task?: never };

/** The arguments of methods beside the task. Each method takes only its own arguments. Null means "not given". */
export interface ArgumentsInput {
  /** Of validate: the network type to check. */
  network_type?: NetworkType | null | undefined;
  /** Of vif_attach: the Neutron port, and the port or portgroup to attach it to. Default: the best free port. */
  vif_info?: Fields<VifInfo, 'id'> | null | undefined;
  /** Of vif_detach: UUID of the Neutron port. */
  vif_id?: string | null | undefined;
  /** Of get_current_vif: the port or the portgroup whose Neutron port is wanted. */
  port_uuid?: string | null | undefined;
  portgroup_uuid?: string | null | undefined;
  /** Of port_changed: the port after the change, with all its fields. The task has the port before the change. */
  port_obj?: Fields<Port, 'uuid' | 'address'> | null | undefined;
  /** Of portgroup_changed: the portgroup after the change, with all its fields. The task has it before the change. */
  portgroup_obj?: Fields<Portgroup, 'uuid'> | null | undefined;
  /** Of update_dhcp_options: the options to set. An opt_value of null removes the option. */
  options?: readonly Fields<DhcpOption, 'opt_name'>[] | null | undefined;
  /** Of reconcile: whether to repair differences. */
  fix?: boolean | null | undefined;
}

export interface RequestOptions {
  /** The arguments of the method beside the task. */
  args?: ArgumentsInput | undefined;
  /** The conductor host that asks. Default: any worker may take the request. */
  host?: string | undefined;
  /** Ids of the request that caused this one, for the logs. Default: a new request_id. */
  context?: Partial<RpcContext>;
}

/**
 * Makes the arguments of a request: checked as the worker checks them, and without null values.
 *
 * @throws InvalidParameterValue, MissingParameterValue that name the invalid field
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

/** Refuses arguments that the method does not take. A worker ignores them, but here they are the caller's mistake. */
function refuseOthers(method: MethodName, args: ArgumentsInput): void {
  const taken: readonly string[] = argumentsOf(method);
  const other = Object.entries(args).find(([name, value]) => (value ?? null) !== null && !taken.includes(name));
  if (other === undefined) return;
  const takes = taken.length === 0 ? 'nothing' : taken.join(' or ');
  throw new InvalidParameterValue(`${method} does not take ${other[0]}: besides the task, it takes ${takes}`);
}
