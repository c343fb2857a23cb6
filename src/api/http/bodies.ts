import { isUsualJson, parseJson } from '../../json.js';
import { ApiError } from './errors.js';
import type { ApiServer } from './types.js';

/** Deepest nesting of a body. Code that processes a body recurses into it, and would run out of stack. */
const MAX_DEPTH = 64;

/** Most characters of a path that an error message quotes. */
const MAX_PATH = 200;

/** Half of a surrogate pair, which no database can store. */
const LONE_SURROGATE = /\p{Surrogate}/u;

/**
 * Installs the parsers of request bodies. A JSON patch may have the content type of one. Some clients send a content
 * type without a body, as ironicclient does with DELETE; any type is accepted then.
 */
export function readBodies(server: ApiServer): void {
  const parse = server.getDefaultJsonParser('error', 'error');
  server.removeContentTypeParser(['application/json', 'text/plain']);
  server.addContentTypeParser(
    ['application/json', 'application/json-patch+json'],
    { parseAs: 'buffer' },
    (request, bytes, done) => {
      const body = decode(bytes as Buffer);
      if (body === '') done(null, undefined);
      else if (body === null) done(new ApiError(400, 'Invalid body: expected JSON in UTF-8'));
      else {
        void parse(request, body, (error, value: unknown) => {
          // The parser checks the syntax, but it can change large numbers. parseJson keeps them.
          const kept = error || isUsualJson(body) ? value : parseJson(body);
          done(error ?? problemOf(value), kept);
        });
      }
    },
  );
  server.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, bytes, done) => {
    if (bytes.length === 0) done(null, undefined);
    else done(new ApiError(415, 'Unsupported Media Type: the body has to be application/json.'));
  });
}

function decode(bytes: Buffer): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}

/** Why the body cannot be stored or processed; null: it can be. */
function problemOf(body: unknown): ApiError | null {
  let level: Part[] = [{ path: '', value: body }];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > MAX_DEPTH) return new ApiError(400, `Invalid body: expected at most ${MAX_DEPTH} levels`);
    const half = level.find(({ value }) => typeof value === 'string' && LONE_SURROGATE.test(value));
    if (half !== undefined) {
      const what = half.path === '' ? 'a text or name' : half.path.slice(0, MAX_PATH);
      return new ApiError(400, `Invalid body: ${what} has half of a surrogate pair`);
    }
    level = level.flatMap(partsOf);
  }
  return null;
}

/** A value in a body, and its path: the names that lead to it, joined by dots. */
interface Part {
  path: string;
  value: unknown;
}

/** The values inside a value; for an object, its names too. */
function partsOf({ path, value }: Part): Part[] {
  if (typeof value !== 'object' || value === null) return [];
  const names = Array.isArray(value) ? [] : Object.keys(value).map((name) => ({ path, value: name }));
  const prefix = path === '' ? '' : `${path}.`;
  return [...names, ...Object.entries(value).map(([name, item]) => ({ path: prefix + name, value: item as unknown }))];
}
