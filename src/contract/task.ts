import { InvalidParameterValue, MissingParameterValue } from './errors.js';
import { resolvePortgroupIds, unwrapObject, unwrapVersioned } from './ironic-object.js';
import { providerNamed } from './network-interface.js';
import { readMessage, shown } from './plain.js';
import { schema } from './schema.js';
import type { JsonObject, Port, Portgroup, Task } from './types.js';

/** The node of a request: either described in full by a task, or named by the UUID under which it is stored. */
export type Subject = { kind: 'task'; nodeUuid: string; task: Task } | { kind: 'stored'; nodeUuid: string };

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const MAC = /^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/;

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
  return (
    uuids.map((value) => (typeof value === 'string' ? value.toLowerCase() : '')).find((value) => UUID.test(value)) ??
    null
  );
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

/** Whether the text is a UUID, in upper or lower case. */
export function isUuid(value: string): boolean {
  return UUID.test(value.toLowerCase());
}

/** Reads a UUID. Returns it in lower case. @throws MissingParameterValue, InvalidParameterValue that names the path */
export function uuid(value: unknown, path: string): string {
  return matching(UUID, value, path, 'a UUID, such as 1be26c0b-03f2-4d2e-ae87-c02d7f33c123');
}

function mac(value: unknown, path: string): string {
  return matching(MAC, value, path, 'a MAC address, such as 52:54:00:12:34:56');
}

/** Reads a value that may be null. */
export function optional(value: unknown, path: string, read: (value: unknown, path: string) => string): string | null {
  return value === null ? null : read(value, path);
}

function matching(pattern: RegExp, value: unknown, path: string, expected: string): string {
  if (value === null || value === undefined)
    throw new MissingParameterValue(`${path} is missing: it must be ${expected}`);
  if (typeof value === 'string' && pattern.test(value)) return value;
  const text = typeof value === 'string' ? value.toLowerCase() : '';
  if (!pattern.test(text)) throw new InvalidParameterValue(`${path} must be ${expected}, not ${shown(value)}`);
  return text;
}

/**
 * A valid switch_id for Ironic's validator, in lower case: a MAC address, or an OpenFlow datapath id of 16 digits.
 *
 * Source: Ironic, api/controllers/v1/utils.py local_link_normalize; common/utils.py validate_and_normalize_mac and
 * validate_and_normalize_datapath_id.
 */
export const SWITCH_ID = /^([0-9a-f]{2}(:[0-9a-f]{2}){5}|[0-9a-f]{16})$/;

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
