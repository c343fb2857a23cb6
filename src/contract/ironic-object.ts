import { InvalidParameterValue } from './errors.js';

/**
 * Ironic's versioned objects, as oslo.versionedobjects puts them on the wire: the fields in `ironic_object.data`, the
 * class in `ironic_object.name`. A conductor that hands over its own objects sends these.
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
 * @throws InvalidParameterValue when it is a versioned object of another class.
 */
export function unwrapObject(object: Dict, expected: string, path: string): Dict {
  const name = object[NAME];
  if (isDict(object[DATA]) && name !== expected) {
    throw new InvalidParameterValue(`${path} must be an Ironic ${expected} object, not ${JSON.stringify(name)}`);
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
 * Ironic's Port object names its portgroup by database id, which only the Portgroup objects beside it can translate.
 * Gives each such port its portgroup_uuid.
 */
export function resolvePortgroupIds(task: Dict): Dict {
  const groups = fieldsOf(task['portgroups']);
  const plainPorts = fieldsOf(task['ports']);
  if (groups.length === 0 || plainPorts.length === 0) return task;
  const uuids = new Map(groups.map((group) => [group['id'], group['uuid']]));
  const ports = plainPorts.map((port) => {
    const id = port['portgroup_id'];
    const known = port['portgroup_uuid'] ?? (id === null || id === undefined ? undefined : uuids.get(id));
    return known === undefined ? port : { ...port, portgroup_uuid: known };
  });
  return { ...task, ports };
}

/** The plain fields of every item of a list. What is not a list of objects is left for readMessage to refuse. */
function fieldsOf(list: unknown): Dict[] {
  const items = isDict(list) && isDict(list[DATA]) ? list[DATA]['objects'] : list;
  if (!Array.isArray(items) || !items.every(isDict)) return [];
  return items.map(unwrapVersioned);
}
