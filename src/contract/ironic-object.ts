import { stringifyJson } from '../json.js';
import { InvalidParameterValue } from './errors.js';

/**
 * Keys of Ironic's versioned objects, as oslo.versionedobjects encodes them: `ironic_object.data` has the fields, and
 * `ironic_object.name` the class. A conductor sends such objects if it passes its own objects as arguments.
 *
 * Source: oslo.versionedobjects, VersionedObject.obj_to_primitive, with Ironic's OBJ_SERIAL_NAMESPACE.
 */
const NAME = 'ironic_object.name';
const DATA = 'ironic_object.data';

type Dict = Record<string, unknown>;

function isDict(value: unknown): value is Dict {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * The fields of a versioned object, or the object itself when it is a plain dict.
 *
 * @throws InvalidParameterValue when it is a versioned object of another class
 */
export function unwrapObject(object: Dict, expected: string, path: string): Dict {
  const name = object[NAME];
  if (isDict(object[DATA]) && name !== expected) {
    throw new InvalidParameterValue(`${path} must be an Ironic ${expected} object, not ${stringifyJson(name)}`);
  }
  return unwrapVersioned(object);
}

/** The fields of a versioned object of any class, or the object itself when it is a plain dict. */
export function unwrapVersioned(object: object): Dict {
  const { [DATA]: data } = object as Dict;
  return isDict(data) ? data : (object as Dict);
}

/** The items of a versioned list object (PortList, PortgroupList), or the value itself. */
export function unwrapList(value: unknown, path: string): unknown {
  if (!isDict(value) || !isDict(value[DATA])) return value;
  const { objects } = value[DATA];
  if (!Array.isArray(objects)) {
    throw new InvalidParameterValue(`${path} must be a list, or an Ironic list object with data.objects`);
  }
  return objects;
}

/**
 * Adds portgroup_uuid to each port that names its portgroup by database id, as Ironic's Port object does. Only the
 * task's Portgroup objects tell which UUID belongs to the id.
 */
export function resolvePortgroupIds(task: Dict): Dict {
  const groups = itemsOf(task['portgroups']).map(unwrapVersioned);
  const ports = itemsOf(task['ports']);
  if (groups.length === 0 || ports.length === 0) return task;
  const uuids = new Map(groups.map((group) => [group['id'], group['uuid']]));
  return { ...task, ports: ports.map((port) => withPortgroupUuid(port, uuids)) };
}

/** The database id of a Port object's portgroup. Null if it has no portgroup, or also names it by UUID. */
export function portgroupId(port: unknown): unknown {
  const { portgroup_uuid: uuid, portgroup_id: id } = isDict(port) ? unwrapVersioned(port) : {};
  return uuid === undefined || uuid === null ? (id ?? null) : null;
}

/** Adds portgroup_uuid to a port. A versioned object stays one, because its class is checked later. */
function withPortgroupUuid(port: Dict, uuids: ReadonlyMap<unknown, unknown>): Dict {
  const id = portgroupId(port);
  const uuid = id === null ? undefined : uuids.get(id);
  if (uuid === undefined) return port;
  const { [DATA]: data } = port;
  return isDict(data) ? { ...port, [DATA]: { ...data, portgroup_uuid: uuid } } : { ...port, portgroup_uuid: uuid };
}

/** The items of a plain or versioned list. Empty if it is not a list of objects: readMessage refuses it later. */
function itemsOf(list: unknown): Dict[] {
  const items = isDict(list) && isDict(list[DATA]) ? list[DATA]['objects'] : list;
  return Array.isArray(items) && items.every(isDict) ? items : [];
}
