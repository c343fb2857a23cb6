import { randomUUID } from 'node:crypto';

/**
 * Reads and writes JSON without changing its numbers. Whole numbers have 53 bits in JavaScript and any length in
 * Python; a WWN or a switch's port_id has 64 bits. Here, a whole number that a double cannot hold becomes a bigint.
 * Every other number becomes a number: a float keeps its value, and 1.0 becomes 1, which is equal for Python and JSON
 * Schema.
 *
 * Python also writes NaN, Infinity and -Infinity, which JSON does not have. They are read as these JavaScript numbers.
 * The caller can then refuse them with the name of the field, or ignore them in a field that does not matter. They are
 * never written.
 *
 * No package reads and writes all of this. Packages that keep large numbers cannot read NaN, and they overflow the
 * stack on deeply nested texts, which JSON.parse does not.
 */

/** A JSON value. A whole number that a double cannot hold is a bigint. */
export type Json = string | number | bigint | boolean | null | Json[] | JsonObject;
export interface JsonObject {
  [key: string]: Json;
}

/** Most digits of a whole number that is kept. A longer number is too large even for a double, and becomes Infinity. */
const MAX_DIGITS = 400;

/** Sixteen digits in a row. Most texts have none. V8 searches faster when the digits are written out in the pattern. */
const LONG = /\d\d\d\d\d\d\d\d\d\d\d\d\d\d\d\d/;
/** Sixteen digits at a place where a number may begin. */
const LONG_NUMBER = /(?:^|[:[,\s])-?\d{16}/;
/** The beginning of the escape of half a surrogate pair. */
const SURROGATES = ['\\ud', '\\uD'];
/** The words that Python writes and JSON.parse cannot read. */
const NOT_FINITE = /NaN|Infinity/;
/**
 * A string, which is left alone, or a number. Nothing is searched twice, so the time grows linearly with the length.
 */
const TOKENS = /"[^"\\]*(?:\\[^]?[^"\\]*)*(?:"|$)|NaN|-?Infinity|-?\d[\d.eE+-]*/g;

/** Prefix of a number that passes JSON.parse or JSON.stringify as a string. It is random, so no other string has it. */
const MARK = `number:${randomUUID()}:`;
const MARKED = new RegExp(`"${MARK}(-?\\d+)"`, 'g');

/** Whether JSON.parse, if it accepts the text, reads it exactly as parseJson does. */
export function isUsualJson(text: string): boolean {
  return !(LONG.test(text) && LONG_NUMBER.test(text)) && !SURROGATES.some((begin) => text.includes(begin));
}

/**
 * Parses a JSON text. A key named `__proto__` is an ordinary property. Half a surrogate pair becomes U+FFFD.
 *
 * @throws SyntaxError
 */
export function parseJson(text: string): unknown {
  if (isUsualJson(text)) {
    try {
      // No reviver: with one, deep nesting would overflow the stack. Without, V8 parses iteratively.
      return JSON.parse(text) as unknown;
    } catch (error) {
      if (!NOT_FINITE.test(text)) throw error;
    }
  }
  return restored(JSON.parse(text.replace(TOKENS, marked)) as unknown);
}

/** Writes a value as JSON. @throws TypeError when it contains itself, RangeError when it is nested too deeply */
export function stringifyJson(value: unknown, indent?: number): string {
  try {
    return JSON.stringify(value, null, indent);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    // The value has a bigint, or it contains itself; then this throws again.
    const text = JSON.stringify(
      value,
      (_key, item: unknown) => (typeof item === 'bigint' ? `${MARK}${item}` : item),
      indent,
    );
    return text.replace(MARKED, '$1');
  }
}

/** Rewrites a token for JSON.parse: a number that JSON.parse would change or refuse becomes a string with MARK. */
function marked(token: string): string {
  if (token.startsWith('"')) return token;
  if (NOT_FINITE.test(token)) return `"${MARK}${token}"`;
  const kept = !/^-?\d{16,}$/.test(token) || Number.isSafeInteger(Number(token)) || token.length > MAX_DIGITS;
  return kept ? token : `"${MARK}${token}"`;
}

/** Turns marked strings back into numbers, and repairs half surrogate pairs. Changes in place, without recursion. */
function restored(value: unknown): unknown {
  const outer = [value];
  const objects: object[] = [outer];
  for (let object = objects.pop(); object !== undefined; object = objects.pop()) {
    for (const [key, item] of Object.entries(object) as [string, unknown][]) {
      if (typeof item === 'object' && item !== null) objects.push(item);
      if (key.startsWith(MARK)) throw new SyntaxError('the name of a property must be a text');
      const name = key.toWellFormed();
      if (typeof item === 'string' || name !== key)
        set(object, key, name, typeof item === 'string' ? told(item) : item);
    }
  }
  return outer[0];
}

function told(text: string): unknown {
  if (!text.startsWith(MARK)) return text.toWellFormed();
  const number = text.slice(MARK.length);
  return NOT_FINITE.test(number) ? Number(number) : BigInt(number);
}

/** Sets a property by definition, because an assignment to `__proto__` would change the prototype. */
function set(object: object, key: string, name: string, value: unknown): void {
  if (name !== key) Reflect.deleteProperty(object, key);
  Object.defineProperty(object, name, { value, configurable: true, enumerable: true, writable: true });
}

/** The smallest and the largest whole number that both MySQL and MariaDB keep in JSON. */
const [LEAST, MOST] = [-(2n ** 63n), 2n ** 64n - 1n];

/** Whether a number can be stored: a number must be finite, and a bigint must fit into 64 bits. */
export function isKeptNumber(value: number | bigint): boolean {
  return typeof value === 'number' ? Number.isFinite(value) : value >= LEAST && value <= MOST;
}
