import { applyPatch, type Operation } from 'rfc6902';
import { z } from 'zod';

import { ApiError } from './errors.js';

/** Most operations in a patch. */
const MAX_OPERATIONS = 1000;

/**
 * A JSON patch, restricted to what Ironic accepts.
 *
 * Source: RFC 6902; Ironic, common/args.py patch.
 */
export const JSON_PATCH = z
  .array(
    z.strictObject({
      op: z.enum(['add', 'replace', 'remove'], { error: 'expected add, replace or remove' }),
      path: z
        .string()
        .max(1024)
        .regex(/^(\/[^/]+)+$/, { error: 'expected a JSON pointer such as /extra/key' }),
      value: z.unknown().optional(),
    }),
  )
  .max(MAX_OPERATIONS, { error: `expected at most ${MAX_OPERATIONS} operations` });
export type JsonPatch = z.output<typeof JSON_PATCH>;

/** Names that could reach into the prototype of every object. */
const FORBIDDEN = ['__proto__', 'constructor', 'prototype'];

/**
 * Names the fields that a patch changes.
 *
 * @throws ApiError 400 when one of them cannot be patched
 */
export function patchedFields(patch: JsonPatch, allowed: readonly string[]): Set<string> {
  const fields = new Set<string>();
  for (const { path } of patch) {
    const [, field = '', ...below] = path.split('/');
    if (!allowed.includes(field) || below.some((name) => FORBIDDEN.includes(name))) {
      throw new ApiError(
        400,
        `Cannot patch ${path.slice(0, 200)}. Only the following can be updated: ${allowed.join(', ')}`,
      );
    }
    fields.add(field);
  }
  return fields;
}

/**
 * Applies the patch to the document, one operation after the other. A removed field is then absent.
 *
 * @throws ApiError 400 naming the operation that cannot be applied
 */
export function patched<T extends object>(document: T, patch: JsonPatch): Partial<T> {
  for (const operation of patch) {
    if (operation.op !== 'remove' && operation.value === undefined) throw unfit(operation, 'it has no value');
    const reason = problemOf(document, operation as Operation);
    if (reason !== null) throw unfit(operation, reason);
  }
  return document;
}

/**
 * Applies one operation.
 *
 * @returns why it cannot be applied; null: it was applied
 */
function problemOf(document: object, operation: Operation): string | null {
  try {
    const [error] = applyPatch(document, [operation]);
    return error?.message ?? null;
  } catch (error) {
    // The library reports most problems, but throws a TypeError when a path leads through null or a string.
    if (error instanceof TypeError) return 'its path goes through a value that is not an object';
    throw error;
  }
}

function unfit({ op, path }: JsonPatch[number], reason: string): ApiError {
  return new ApiError(400, `Couldn't apply patch '${op} ${path}'. Reason: ${reason}`);
}
