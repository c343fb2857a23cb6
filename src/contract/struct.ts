import protobuf from 'protobufjs/light.js';

import type { Json, JsonObject } from './types.js';

/** google.protobuf.Struct as protobufjs represents it. */
interface Struct {
  fields: Record<string, Value>;
}

/** google.protobuf.Value. `kind` names the one field that is set. The others return defaults instead of undefined. */
interface Value {
  readonly kind?: Exclude<keyof Value, 'kind'>;
  nullValue?: number;
  numberValue?: number;
  stringValue?: string;
  boolValue?: boolean;
  structValue?: Struct;
  listValue?: { values: Value[] };
}

/** Wrapper for protobufjs: converts a plain object to a Struct message. */
export function toStruct(this: protobuf.Type, object: Record<string, unknown>): protobuf.Message {
  const fields = Object.fromEntries(Object.entries(object).map(([key, value]) => [key, toValue(value as Json)]));
  return this.create({ fields });
}

/** Wrapper for protobufjs: converts a Struct message to a plain object. */
export function fromStruct(this: protobuf.Type, message: protobuf.Message): JsonObject {
  return plainStruct(message as protobuf.Message & Struct);
}

function toValue(value: Json): Value {
  if (value === null) return { nullValue: 0 };
  if (typeof value === 'number') return { numberValue: value };
  // A double cannot hold such a large number, so send a text, as protobuf's JSON does for 64-bit integers.
  if (typeof value === 'bigint') return { stringValue: String(value) };
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value === 'boolean') return { boolValue: value };
  if (Array.isArray(value)) return { listValue: { values: value.map(toValue) } };
  return {
    structValue: { fields: Object.fromEntries(Object.entries(value).map(([key, item]) => [key, toValue(item)])) },
  };
}

function plainStruct(struct: Struct): JsonObject {
  return Object.fromEntries(Object.entries(struct.fields).map(([key, value]) => [key, plainValue(value)]));
}

function plainValue(value: Value): Json {
  switch (value.kind) {
    case 'structValue':
      return plainStruct(value.structValue ?? { fields: {} });
    case 'listValue':
      return (value.listValue?.values ?? []).map(plainValue);
    case undefined:
    case 'nullValue':
      return null;
    default:
      return value[value.kind] ?? null;
  }
}
