import { randomUUID } from 'node:crypto';

/**
 * JSON whose numbers stay what they are. JavaScript's have 53 bits; Python's have as many as it takes, and a WWN or a switch's
 * port_id has 64. A whole number that a double does not hold is a bigint here; every other number is a number, so a float
 * keeps its value, and 1.0 becomes 1, which Python and JSON Schema take for the same.
 *
 * Python also writes NaN, Infinity and -Infinity, which JSON has no words for. They are read as the numbers of these names:
 * what they stand in can then be refused by name where it counts, and left alone where it does not. They are never written.
 *
 * No package reads and writes all of this: those that keep large numbers know no NaN, and run out of stack where a text is
 * nested deeply, which JSON.parse does not.
 */

/** A JSON value. A whole number that a double does not hold is a bigint. */
export type Json = string | number | bigint | boolean | null | Json[] | JsonObject;
export interface JsonObject {
  [key: string]: Json;
}

/** Most digits of a whole number that is kept; longer ones are too large for a double as well, and become infinite. */
const MAX_DIGITS = 400;

/** Sixteen digits. Most texts have none, and V8 skips through a text faster when they are written out. */
const LONG = /\d\d\d\d\d\d\d\d\d\d\d\d\d\d\d\d/;
/** The same where a number may stand. */
const LONG_NUMBER = /(?:^|[:[,\s])-?\d{16}/;
/** What half a surrogate pair begins with. */
const SURROGATES = ['\\ud', '\\uD'];
/** What JSON.parse does not read at all, and Python writes. */
const NOT_FINITE = /NaN|Infinity/;
/** A text, which is left alone, or a number. Each takes what it has looked at: the time is in proportion to the length. */
const TOKENS = /"[^"\\]*(?:\\[^]?[^"\\]*)*(?:"|$)|NaN|-?Infinity|-?\d[\d.eE+-]*/g;

/** Stands before a number that goes through JSON.parse or JSON.stringify as a text. Nobody else's text begins with it. */
const MARK = `number:${randomUUID()}:`;
const MARKED = new RegExp(`"${MARK}(-?\\d+)"`, 'g');

/** Whether JSON.parse reads the text as parseJson does. */
export function isUsualJson(text: string): boolean {
  return !(LONG.test(text) && LONG_NUMBER.test(text)) && !SURROGATES.some((begin) => text.includes(begin));
}

/**
 * The value of a JSON text. A key named `__proto__` is an ordinary property; half a surrogate pair becomes U+FFFD.
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

/** The value as JSON. @throws TypeError when there is a circle in it, RangeError when it is nested too deeply */
export function stringifyJson(value: unknown, indent?: number): string {
  try {
    return JSON.stringify(value, null, indent);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    // It has a bigint, or a circle, at which this throws again.
    const text = JSON.stringify(
      value,
      (_key, item: unknown) => (typeof item === 'bigint' ? `${MARK}${item}` : item),
      indent,
    );
    return text.replace(MARKED, '$1');
  }
}

/** A token as JSON.parse takes it: a number that it would not keep becomes a text. */
function marked(token: string): string {
  if (token.startsWith('"')) return token;
  if (NOT_FINITE.test(token)) return `"${MARK}${token}"`;
  const kept = !/^-?\d{16,}$/.test(token) || Number.isSafeInteger(Number(token)) || token.length > MAX_DIGITS;
  return kept ? token : `"${MARK}${token}"`;
}

/** The value with its numbers, and with whole characters. Changed in place, and without recursion. */
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

/** Assignment would reach into the prototype where the key is `__proto__`. */
function set(object: object, key: string, name: string, value: unknown): void {
  if (name !== key) Reflect.deleteProperty(object, key);
  Object.defineProperty(object, name, { value, configurable: true, enumerable: true, writable: true });
}

/** The least and the most that a whole number may be: what both databases keep in their JSON. */
const [LEAST, MOST] = [-(2n ** 63n), 2n ** 64n - 1n];

/** Whether a number can be kept: it is finite and, if it is whole and a double does not hold it, has 64 bits at most. */
export function isKeptNumber(value: number | bigint): boolean {
  return typeof value === 'number' ? Number.isFinite(value) : value >= LEAST && value <= MOST;
}
