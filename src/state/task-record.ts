import { hash } from 'node:crypto';

import { FIELDS } from '../contract/fields.js';
import { MANAGEMENT_NETWORK_TYPES } from '../contract/methods.js';
import type { Json, JsonObject, Port, Portgroup, Task, Vif } from '../contract/types.js';

/** A task as it is stored in the database. */
export interface TaskRecord {
  /** The task without the data that must not be stored. */
  task: Task;
  digest: string;
  /** Approximate length, in characters of JSON. */
  length: number;
  /** The VIFs that vif_attach attached and that are still attached. */
  vifs: Vif[];
}

/**
 * The keys of free-form fields that are stored. Other keys may hold credentials or megabytes, and we do not need them.
 */
export const KEPT = {
  driver_info: [
    ...MANAGEMENT_NETWORK_TYPES.map((type) => `${type}_network`),
    'fail_on_binding_failure',
    'one_port_per_portgroup',
  ],
  instance_info: ['capabilities', 'boot_option'],
  extra: ['client-id'],
  internal_info: ['tenant', ...MANAGEMENT_NETWORK_TYPES].map((type) => `${type}_vif_port_id`),
};

/** Keeps only some keys of an object. If it has no other keys, it returns the object itself. */
function keep(object: JsonObject, keys: readonly string[]): JsonObject {
  if (Object.keys(object).every((key) => keys.includes(key))) return object;
  const kept: JsonObject = {};
  for (const key of keys) {
    const value = object[key];
    if (value !== undefined) kept[key] = value;
  }
  return kept;
}

/** A port or portgroup with only the keys of its free-form fields that are stored. */
export function keptPart<T extends Port | Portgroup>(part: T): T {
  const extra = keep(part.extra, KEPT.extra);
  const info = keep(part.internal_info, KEPT.internal_info);
  return extra === part.extra && info === part.internal_info ? part : { ...part, extra, internal_info: info };
}

/** Makes a task's record. */
export function recordOf(full: Task, vifs: Vif[] = []): TaskRecord {
  const driverInfo = keep(full.node.driver_info, KEPT.driver_info);
  const instanceInfo = keep(full.node.instance_info, KEPT.instance_info);
  const task = {
    node: { ...full.node, driver_info: driverInfo, instance_info: instanceInfo },
    ports: full.ports.map(keptPart).sort(byUuid),
    portgroups: full.portgroups.map(keptPart).sort(byUuid),
  };
  const text = JSON.stringify(inOrder(task));
  return { task, digest: hash('sha256', text), length: text.length, vifs };
}

/** The fields of each message in the order of the alphabet, which is the order of a digest's text. */
const ORDER = {
  node: Object.keys(FIELDS.node).sort(),
  port: Object.keys(FIELDS.port).sort(),
  portgroup: Object.keys(FIELDS.portgroup).sort(),
};

/**
 * Puts the keys of all objects of a task in the order of the alphabet, so that equal tasks have equal digests. The order
 * of keys can differ: MySQL changes it in a JSON object, and a task from the database has its fields in another order
 * than a task from a message. This runs for every operation, so the fields that are always the same are not sorted
 * again, and JSON.stringify with a replacer would take several times as long.
 */
function inOrder({ node, ports, portgroups }: Task): JsonObject {
  return {
    node: fieldsInOrder(ORDER.node, node),
    portgroups: portgroups.map((group) => fieldsInOrder(ORDER.portgroup, group)),
    ports: ports.map((port) => fieldsInOrder(ORDER.port, port)),
  };
}

function fieldsInOrder(order: readonly string[], message: object): JsonObject {
  const copy: JsonObject = {};
  for (const key of order) copy[key] = sorted((message as JsonObject)[key] ?? null);
  return copy;
}

/** Sorts the keys of all objects in a free-form value. */
function sorted(value: Json): Json {
  // The result only has to differ from a text with the same digits.
  if (typeof value === 'bigint') return ['integer', String(value)];
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(sorted);
  const copy: JsonObject = {};
  for (const key of Object.keys(value).sort()) copy[key] = sorted(value[key] ?? null);
  return copy;
}

function byUuid(a: { uuid: string }, b: { uuid: string }): number {
  return a.uuid < b.uuid ? -1 : 1;
}
