import { parseJson, stringifyJson } from '../json.js';
import { CUT, cutTo, isSecretName, MASK, maskText } from './mask-text.js';

/** The longest text of a field, in characters. */
const MAX_TEXT = 8192;
/** The most characters of all fields of a line together. */
const MAX_LINE = 32_768;
/** The most items of a list or object. */
const MAX_ITEMS = 50;
const MAX_DEPTH = 6;
/** The most errors in a chain of causes. */
const MAX_CAUSES = 5;
/** The longest name of a field, in characters. */
const MAX_NAME = 128;

/** How many characters may still be written on a line. */
interface Room {
  characters: number;
}

/**
 * Returns the fields of a line as plain JSON data without secrets. A field with the name of a secret is replaced as a
 * whole; every other text, and JSON inside texts, is searched for secrets. It never throws, and the size of its result
 * is bounded for any input.
 */
export function maskFields(fields: object): Record<string, unknown> {
  return members(Object.entries(fields), 0, { characters: MAX_LINE });
}

function members(entries: [unknown, unknown][], depth: number, room: Room): Record<string, unknown> {
  const shown = entries.slice(0, MAX_ITEMS).map(([key, value]): [string, unknown] => {
    const { name, secret } = nameOf(String(key).slice(0, MAX_NAME));
    room.characters -= name.length;
    return [name, secret ? hidden(value) : masked(value, depth, room)];
  });
  if (entries.length > MAX_ITEMS) shown.push(['...', `${entries.length - MAX_ITEMS} more`]);
  return Object.fromEntries(shown);
}

interface Name {
  /** The name as written to the log. */
  name: string;
  /** Whether it is the name of a secret. */
  secret: boolean;
}

/** Cache of names. Most lines use the same few names, so each is examined only once. */
const names = new Map<string, Name>();
const MAX_NAMES = 500;

function nameOf(key: string): Name {
  const known = names.get(key);
  if (known !== undefined) return known;
  const name = { name: maskText(key), secret: isSecretName(key) };
  if (names.size < MAX_NAMES) names.set(key, name);
  return name;
}

/** What to write in place of a secret. Whether it is set is not secret, so null, undefined and booleans stay. */
function hidden(value: unknown): unknown {
  return value === null || value === undefined || typeof value === 'boolean' ? value : MASK;
}

function masked(value: unknown, depth: number, room: Room): unknown {
  if (room.characters <= 0) return CUT;
  try {
    return typeof value === 'object' && value !== null ? inner(value, depth, room) : scalar(value, room);
  } catch {
    return '[cannot be read]'; // a getter or toString that throws, a proxy that was revoked
  }
}

function scalar(value: unknown, room: Room): unknown {
  switch (typeof value) {
    case 'string':
      return text(value, room);
    case 'bigint':
      return text(String(value), room);
    case 'function':
    case 'symbol':
      return `[${typeof value}]`;
    default:
      return value;
  }
}

function inner(value: object, depth: number, room: Room): unknown {
  if (value instanceof Error) return text(storyOf(value), room);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'Invalid Date' : value.toISOString();
  if (value instanceof URL || value instanceof RegExp) return text(String(value), room);
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return `[${value.byteLength} bytes]`;
  if (depth >= MAX_DEPTH) return CUT;
  if (Array.isArray(value) || value instanceof Set) return list([...(value as Iterable<unknown>)], depth, room);
  const entries = value instanceof Map ? [...(value as Map<unknown, unknown>)] : Object.entries(value);
  return members(entries, depth + 1, room);
}

function list(items: unknown[], depth: number, room: Room): unknown[] {
  const shown = items.slice(0, MAX_ITEMS).map((item) => masked(item, depth + 1, room));
  return items.length > MAX_ITEMS ? [...shown, `${items.length - MAX_ITEMS} more`] : shown;
}

/** An error's stack, followed by the stacks of its causes. */
function storyOf(error: Error): string {
  const story: string[] = [];
  let cause: unknown = error;
  while (cause instanceof Error && story.length < MAX_CAUSES) {
    story.push(cause.stack ?? `${cause.name}: ${cause.message}`);
    cause = cause.cause;
  }
  return story.join('\ncaused by: ');
}

function text(value: string, room: Room): string {
  const limit = Math.min(MAX_TEXT, room.characters);
  const json = value.length > MAX_TEXT ? null : nested(value);
  const clean = json === null ? maskText(value, limit) : cutTo(limit, json);
  room.characters -= clean.length;
  return clean;
}

/** Masks a text that is JSON by masking its content. Null if the text is not JSON. */
function nested(value: string): string | null {
  if (!/^\s*[{[]/.test(value)) return null;
  try {
    return stringifyJson(masked(parseJson(value), 0, { characters: MAX_LINE }));
  } catch {
    return null;
  }
}
