import { isUsualJson, parseJson } from '../json.js';
import { ApiError } from './errors.js';
import type { ApiServer } from './types.js';

/** Deepest nesting of a body: what is done with one goes down with it, and would run out of stack. */
const MAX_DEPTH = 64;

/** Half of a character, which no database can keep. */
const LONE_SURROGATE = /\p{Surrogate}/u;

/** Clients name a type of no body at all, too: ironicclient's DELETE has bytes. A body that is a patch may be named as one. */
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
          // What the parser takes, it may not keep.
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

/** What cannot be kept, or looked at; null: nothing. */
function problemOf(body: unknown): ApiError | null {
  let level: unknown[] = [body];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > MAX_DEPTH) return new ApiError(400, `Invalid body: expected at most ${MAX_DEPTH} levels`);
    if (level.some((value) => typeof value === 'string' && LONE_SURROGATE.test(value))) {
      return new ApiError(400, 'Invalid body: a text has half of a surrogate pair');
    }
    level = level.flatMap((value) =>
      typeof value === 'object' && value !== null ? [...keysOf(value), ...(Object.values(value) as unknown[])] : [],
    );
  }
  return null;
}

function keysOf(value: object): string[] {
  return Array.isArray(value) ? [] : Object.keys(value);
}
