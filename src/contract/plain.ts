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

/**
 * Reads plain data (from JSON, Ironic's versioned objects, or decoded protobuf) as a message of the contract. The
 * result has every field: missing ones are null, [] or {}. It drops fields that the contract does not know.
 *
 * @throws InvalidParameterValue that names the field, its value, and the expected value
 */
export function readMessage(type: protobuf.Type, value: unknown, path: string): JsonObject {
  const object = unwrapObject(expectObject(value, path), type.name, path);
  const message: JsonObject = {};
  for (const field of type.fieldsArray) message[field.name] = readOwn(field, object, `${path}.${field.name}`);
  return message;
}

/**
 * Reads one field of a message, as readMessage does.
 *
 * @throws InvalidParameterValue that names the field, its value, and the expected value
 */
export function readFieldOf(type: protobuf.Type, name: string, object: Record<string, unknown>): Json {
  const field = type.fields[name];
  if (field === undefined) throw new TypeError(`${type.name} has no field ${name}`);
  return readOwn(field, object, name);
}

function readOwn(field: protobuf.Field, object: Record<string, unknown>, path: string): Json {
  const found = Object.hasOwn(object, field.name) ? object[field.name] : undefined;
  return readField(field, found ?? null, path);
}

function readField(field: protobuf.Field, value: unknown, path: string): Json {
  if (field.repeated) return readList(field, value, path);
  if (field.resolvedType?.name === 'Struct') return value === null ? {} : readStruct(value, path, MAX_DEPTH);
  if (value === null) return null;
  return readItem(field, value, path);
}

function readList(field: protobuf.Field, value: unknown, path: string): Json[] {
  if (value === null) return [];
  const list = unwrapList(value, path);
  if (!Array.isArray(list)) throw wrong(path, value, 'a list');
  if (list.length > MAX_LIST_LENGTH) throw wrong(path, `${list.length} items`, `at most ${MAX_LIST_LENGTH} items`);
  return list.map((item, index) => readItem(field, item, `${path}[${index}]`));
}

function readItem(field: protobuf.Field, value: unknown, path: string): Json {
  if (field.resolvedType) return readMessage(field.resolvedType as protobuf.Type, value, path);
  if (field.type === 'bool') {
    if (typeof value !== 'boolean') throw wrong(path, value, 'true or false');
    return value;
  }
  if (field.type === 'uint32') {
    if (typeof value !== 'number' || !Number.isInteger(value) || value < 0) throw wrong(path, value, 'a whole number');
    return value;
  }
  if (typeof value !== 'string') throw wrong(path, value, 'a string');
  if (value.length > MAX_STRING_LENGTH) throw wrong(path, value, `at most ${MAX_STRING_LENGTH} characters`);
  return value;
}

/** Copies a free-form object key by key, without the key `__proto__`, which would change the prototype. */
function readStruct(value: unknown, path: string, depth: number): JsonObject {
  const object = expectObject(value, path);
  const copy: JsonObject = {};
  for (const [key, item] of Object.entries(object)) {
    if (key !== '__proto__') copy[key] = readFree(item, `${path}.${key}`, depth - 1);
  }
  return copy;
}

function readFree(value: unknown, path: string, depth: number): Json {
  if (depth < 0) throw wrong(path, 'deeper nesting', `at most ${MAX_DEPTH} levels`);
  if (Array.isArray(value)) return value.map((item, index) => readFree(item, `${path}[${index}]`, depth - 1));
  if (typeof value === 'object' && value !== null) return readStruct(value, path, depth);
  if ((typeof value === 'number' || typeof value === 'bigint') && !isKeptNumber(value)) {
    throw wrong(path, value, 'a JSON number, of at most 64 bits if it is an integer');
  }
  return value as Json;
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
