import type protobuf from 'protobufjs/light.js';

import { isKeptNumber, stringifyJson } from '../json.js';
import { InvalidParameterValue } from './errors.js';
import { unwrapList, unwrapObject } from './ironic-object.js';
import type { Json, JsonObject } from './types.js';

/** The longest string that a field may hold, in characters. Ironic's own columns are 255 characters wide. */
export const MAX_STRING_LENGTH = 255;
/** The most ports, portgroups or other items that a list may hold. */
export const MAX_LIST_LENGTH = 256;
/** The deepest nesting of a free-form field such as local_link_connection. */
export const MAX_DEPTH = 16;

/** How the value of a field is read. */
type Reading = 'message' | 'struct' | 'bool' | 'uint32' | 'string';

/** What must be known of a field to read it. */
interface FieldReading {
  name: string;
  repeated: boolean;
  reading: Reading;
  /** The type of the message. Null: the field holds no message. */
  type: protobuf.Type | null;
}

/** The fields of each type. Every message is read by them, and protobufjs would work them out again each time. */
const readings = new WeakMap<protobuf.Type, readonly FieldReading[]>();

function readingsOf(type: protobuf.Type): readonly FieldReading[] {
  let known = readings.get(type);
  if (known === undefined) {
    known = type.fieldsArray.map(readingOf);
    readings.set(type, known);
  }
  return known;
}

function readingOf({ name, repeated, type, resolvedType }: protobuf.Field): FieldReading {
  if (resolvedType?.name === 'Struct') return { name, repeated, reading: 'struct', type: null };
  if (resolvedType) return { name, repeated, reading: 'message', type: resolvedType as protobuf.Type };
  return { name, repeated, reading: type === 'bool' || type === 'uint32' ? type : 'string', type: null };
}

/**
 * Reads plain data (from JSON, Ironic's versioned objects, or decoded protobuf) as a message of the contract. The
 * result has every field: missing ones are null, [] or {}. It drops fields that the contract does not know.
 *
 * @throws InvalidParameterValue that names the field, its value, and the expected value
 */
export function readMessage(type: protobuf.Type, value: unknown, path: string): JsonObject {
  const object = unwrapObject(expectObject(value, path), type.name, path);
  const message: JsonObject = {};
  for (const field of readingsOf(type)) message[field.name] = readOwn(field, object, path);
  return message;
}

/**
 * Reads one field of a message, as readMessage does.
 *
 * @throws InvalidParameterValue that names the field, its value, and the expected value
 */
export function readFieldOf(type: protobuf.Type, name: string, object: Record<string, unknown>): Json {
  const field = readingsOf(type).find((one) => one.name === name);
  if (field === undefined) throw new TypeError(`${type.name} has no field ${name}`);
  return readOwn(field, object, '');
}

/** @param parent path of the object that has the field. The field's own path is made only when it is needed */
function readOwn(field: FieldReading, object: Record<string, unknown>, parent: string): Json {
  const { name, repeated, reading } = field;
  const value = Object.hasOwn(object, name) ? (object[name] ?? null) : null;
  if (repeated) return readList(field, value, fieldPath(parent, name));
  if (value === null) return reading === 'struct' ? {} : null;
  if (reading === 'struct') return readStruct(value, fieldPath(parent, name), MAX_DEPTH);
  if (field.type !== null) return readMessage(field.type, value, fieldPath(parent, name));
  const expected = expectationOf(reading, value);
  if (expected !== null) throw wrong(fieldPath(parent, name), value, expected);
  return value as Json;
}

function fieldPath(parent: string, name: string): string {
  return parent === '' ? name : `${parent}.${name}`;
}

function readList({ reading, type }: FieldReading, value: unknown, path: string): Json[] {
  if (value === null) return [];
  const list = unwrapList(value, path);
  if (!Array.isArray(list)) throw wrong(path, value, 'a list');
  if (list.length > MAX_LIST_LENGTH) throw wrong(path, `${list.length} items`, `at most ${MAX_LIST_LENGTH} items`);
  return list.map((item: unknown, index) => {
    if (type !== null) return readMessage(type, item, `${path}[${index}]`);
    const expected = expectationOf(reading, item);
    if (expected !== null) throw wrong(`${path}[${index}]`, item, expected);
    return item as Json;
  });
}

/** What a single value should have been; null: it is as it should be. */
function expectationOf(reading: Reading, value: unknown): string | null {
  if (reading === 'bool') return typeof value === 'boolean' ? null : 'true or false';
  if (reading === 'uint32') {
    return typeof value === 'number' && Number.isInteger(value) && value >= 0 ? null : 'a whole number';
  }
  if (typeof value !== 'string') return 'a string';
  return value.length <= MAX_STRING_LENGTH ? null : `at most ${MAX_STRING_LENGTH} characters`;
}

/** Copies a free-form object key by key, without the key `__proto__`, which would change the prototype. */
function readStruct(value: unknown, path: string, depth: number): JsonObject {
  const object = expectObject(value, path);
  const copy: JsonObject = {};
  for (const key of Object.keys(object)) {
    if (key !== '__proto__') copy[key] = readFree(object[key], path, key, depth - 1);
  }
  return copy;
}

/** @param key of the value in its object, or its index in its list. Its path is made only when it is needed */
function readFree(value: unknown, parent: string, key: string | number, depth: number): Json {
  if (depth < 0) throw wrong(itemPath(parent, key), 'deeper nesting', `at most ${MAX_DEPTH} levels`);
  if (typeof value === 'object' && value !== null) {
    const path = itemPath(parent, key);
    return Array.isArray(value)
      ? value.map((item, index) => readFree(item, path, index, depth - 1))
      : readStruct(value, path, depth);
  }
  if ((typeof value === 'number' || typeof value === 'bigint') && !isKeptNumber(value)) {
    throw wrong(itemPath(parent, key), value, 'a JSON number, of at most 64 bits if it is an integer');
  }
  return value as Json;
}

function itemPath(parent: string, key: string | number): string {
  return typeof key === 'number' ? `${parent}[${key}]` : `${parent}.${key}`;
}

function expectObject(value: unknown, path: string): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  // The wrong value may be anything, even a driver's credentials, so the message names only its kind.
  const kind = value === null ? 'null' : Array.isArray(value) ? 'a list' : `a ${typeof value}`;
  throw new InvalidParameterValue(`${path} must be an object, not ${kind}`);
}

function wrong(path: string, value: unknown, expected: string): InvalidParameterValue {
  return new InvalidParameterValue(`${path} must be ${expected}, not ${shown(value)}`);
}

/** A value as an error message may quote it. */
export function shown(value: unknown): string {
  if (typeof value === 'number') return String(value);
  return (typeof value === 'string' ? value : stringifyJson(value)).slice(0, 60);
}
