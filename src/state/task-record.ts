import { hash } from 'node:crypto';

import { MANAGEMENT_NETWORK_TYPES } from '../contract/methods.js';
import type { Json, JsonObject, Port, Portgroup, Task, Vif } from '../contract/types.js';

/** A task as it is put on record. */
export interface TaskRecord {
  /** Without what must not be stored. */
  task: Task;
  digest: string;
  /** About how long it is, as characters of JSON. */
  length: number;
  /** What vif_attach attached and is attached still. */
  vifs: Vif[];
}

/** Keys of free-form fields that are kept. The rest may hold credentials, or megabytes, and is of no use here. */
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

/** The object itself where all of it is kept. */
function keep(object: JsonObject, keys: readonly string[]): JsonObject {
  if (Object.keys(object).every((key) => keys.includes(key))) return object;
  const kept: JsonObject = {};
  for (const key of keys) {
    const value = object[key];
    if (value !== undefined) kept[key] = value;
  }
  return kept;
}

function keepKnown<T extends Port | Portgroup>(part: T): T {
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
    ports: full.ports.map(keepKnown).sort(byUuid),
    portgroups: full.portgroups.map(keepKnown).sort(byUuid),
  };
  const text = JSON.stringify(sorted(task));
  return { task, digest: hash('sha256', text), length: text.length, vifs };
}

/**
 * The value with the keys of all its objects sorted: MySQL keeps a JSON object in another order than it came in, and a task
 * from the record has its fields in another one than a task from a message. Every operation passes here: JSON.stringify with a
 * replacer would take twice as long.
 */
function sorted(value: Json): Json {
  // It has to differ from the same digits in a text, and no more.
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
