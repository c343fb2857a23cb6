import { MissingParameterValue } from './errors.js';
import { isUuid, mac, optional, SWITCH_ID, uuid } from './identifiers.js';
import { resolvePortgroupIds, unwrapObject, unwrapVersioned } from './ironic-object.js';
import { providerNamed } from './network-interface.js';
import { readMessage } from './plain.js';
import { schema } from './schema.js';
import type { JsonObject, Port, Portgroup, Task } from './types.js';

/** The node of a request: either described in full by a task, or named by the UUID under which it is stored. */
export type Subject = { kind: 'task'; nodeUuid: string; task: Task } | { kind: 'stored'; nodeUuid: string };

/**
 * Reads the node from the arguments of a NetworkProvider method. Plain dicts, Ironic's versioned objects and decoded
 * protobuf all give the same Task. It has every field, and its UUIDs and MAC addresses are in lower case.
 *
 * @throws MissingParameterValue when neither task nor node_id is given, or a required field is missing
 * @throws InvalidParameterValue that names the field, its value, and the expected value
 */
export function readSubject(args: Readonly<Record<string, unknown>>): Subject {
  const { task, node_id: nodeId } = args;
  if (task !== undefined && task !== null) {
    const read = readTask(task);
    return { kind: 'task', nodeUuid: read.node.uuid, task: read };
  }
  if (nodeId === undefined || nodeId === null) {
    throw new MissingParameterValue('args must hold task (node, ports, portgroups) or node_id (the UUID of a node)');
  }
  return { kind: 'stored', nodeUuid: uuid(nodeId, 'node_id') };
}

/** The node's UUID, from arguments in which any other field may be wrong. Null if it cannot be read. */
export function readNodeUuid(args: Readonly<Record<string, unknown>>): string | null {
  const uuids = [field(field(args['task'], 'node'), 'uuid'), args['node_id']];
  return uuids.map((value) => (typeof value === 'string' ? value.toLowerCase() : '')).find(isUuid) ?? null;
}

function field(object: unknown, name: string): unknown {
  if (typeof object !== 'object' || object === null) return undefined;
  return (unwrapVersioned(object) as Record<string, unknown>)[name];
}

/** A node as encoded in a message. */
type NodeMessage = Task['node'] & { network_interface: string | null };

/**
 * Reads one task. The node's network_provider decides which provider moves it. A conductor that does not know this
 * field sends the node's network_interface, which is used if there is no network_provider.
 *
 * @throws the same errors as readSubject
 */
export function readTask(value: unknown): Task {
  const isDict = typeof value === 'object' && value !== null && !Array.isArray(value);
  const plain = isDict ? resolvePortgroupIds(unwrapObject(value as Record<string, unknown>, 'Task', 'task')) : value;
  const task = readMessage(schema.task, plain, 'task') as unknown as Omit<Task, 'node'> & { node: NodeMessage | null };
  if (task.node === null) throw new MissingParameterValue('task.node is missing: it names the node to move');
  const { network_interface: networkInterface, ...node } = task.node;
  const named = node.network_provider ?? networkInterface;
  return {
    node: {
      ...node,
      network_provider: named === null ? null : providerNamed(named),
      uuid: uuid(task.node.uuid, 'task.node.uuid'),
      instance_uuid: optional(task.node.instance_uuid, 'task.node.instance_uuid', uuid),
    },
    ports: task.ports.map((port, index) => checkedPort(port, `task.ports[${index}]`)),
    portgroups: task.portgroups.map((group, index) => checkedPortgroup(group, `task.portgroups[${index}]`)),
  };
}

/**
 * Checks a port's ids and address. Returns the port with these and its switch_id in lower case.
 * @throws the same errors as readSubject
 */
export function checkedPort(port: Port, path: string): Port {
  return {
    ...port,
    uuid: uuid(port.uuid, `${path}.uuid`),
    address: mac(port.address, `${path}.address`),
    portgroup_uuid: optional(port.portgroup_uuid, `${path}.portgroup_uuid`, uuid),
    local_link_connection: normalizedLink(port.local_link_connection),
  };
}

/** Checks a portgroup's id and address, and returns them in lower case. @throws the same errors as readSubject */
export function checkedPortgroup(group: Portgroup, path: string): Portgroup {
  return {
    ...group,
    uuid: uuid(group.uuid, `${path}.uuid`),
    address: optional(group.address, `${path}.address`, mac),
  };
}

/**
 * Returns the link with its switch_id in lower case, as Ironic's own API stores it. Programs that write to Ironic's
 * database without the API do not convert it, and we compare switches by the text. A text that is not a valid id stays
 * as it is.
 */
function normalizedLink(link: JsonObject): JsonObject {
  const { switch_id: id } = link;
  if (typeof id !== 'string') return link;
  const lower = id.toLowerCase();
  return lower === id || !SWITCH_ID.test(lower) ? link : { ...link, switch_id: lower };
}
