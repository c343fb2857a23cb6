import { isDeepStrictEqual } from 'node:util';

import { type FindOperator, Like } from 'typeorm';
import { z } from 'zod';

import { providerNamed } from '../contract/network-interface.js';
import type { JsonObject } from '../contract/types.js';
import { isKeptNumber, stringifyJson } from '../json.js';
import { KEPT } from '../state/index.js';
import { InputRefused, listed } from './errors.js';

/** Most bytes of a free-form field, as JSON in UTF-8. */
const MAX_JSON = 65_536;
/** Deepest nesting of a free-form field. */
const MAX_DEPTH = 16;

export const uuidField = z.guid({ error: 'expected a UUID' }).transform((value) => value.toLowerCase());

export const macAddress = z
  .string({ error: 'expected a MAC address' })
  .regex(/^[0-9A-Fa-f]{2}(:[0-9A-Fa-f]{2}){5}$/, { error: 'expected a MAC address such as 52:54:00:12:34:56' })
  .transform((value) => value.toLowerCase());

/** A text of at most `length` characters. */
export const text = (length: number) => {
  const error = `expected a text of at most ${length} characters`;
  return z.string({ error }).max(length, { error });
};

/**
 * A name that can be used in place of a UUID. Its characters need no escape in a URL. It must not look like a UUID,
 * because it would be taken for one.
 *
 * Source: Ironic, api/controllers/v1/utils.py is_valid_logical_name.
 */
export const logicalName = z
  .string({ error: 'expected a name' })
  .regex(/^[A-Za-z0-9._~-]{1,255}$/, { error: 'expected a name of at most 255 letters, digits and . _ ~ -' })
  .refine((value) => !z.guid().safeParse(value).success, { error: 'expected a name that is not a UUID' })
  .refine((value) => value !== 'detail', { error: 'expected a name other than "detail", which is part of URLs' });

/**
 * A boolean as Ironic accepts it: true or false, or a text that means one of them. Source: oslo.utils,
 * strutils.bool_from_string.
 */
export const boolean = z.union([z.boolean(), z.string().transform(readBoolean)], { error: 'expected true or false' });

function readBoolean(value: string, context: z.RefinementCtx): boolean {
  const word = value.trim().toLowerCase();
  if (['1', 't', 'true', 'on', 'y', 'yes'].includes(word)) return true;
  if (['0', 'f', 'false', 'off', 'n', 'no'].includes(word)) return false;
  context.addIssue({ code: 'custom', message: 'expected true or false' });
  return z.NEVER;
}

/** A condition on a column: its text contains `part`. */
export function containing(part: string): FindOperator<string> {
  return Like(`%${part.replace(/[\\%_]/g, '\\$&')}%`);
}

/** The name of a physical network, as in Neutron. */
export const physicalNetwork = text(64).min(1, { error: 'expected a name, or null' });

/** The name of a network provider: our name or Ironic's. */
export const networkProvider = text(255).transform(providerNamed);

/** Refuses an object that is too large, nested too deeply, or has numbers that cannot be stored. */
export function fitsInJson(value: object, context: z.RefinementCtx): void {
  if (Buffer.byteLength(stringifyJson(value)) > MAX_JSON) {
    context.addIssue({ code: 'custom', message: `expected at most ${MAX_JSON} bytes of JSON` });
  } else if (depthOf(value) > MAX_DEPTH) {
    context.addIssue({ code: 'custom', message: `expected at most ${MAX_DEPTH} levels` });
  } else if (!hasKeptNumbers(value)) {
    context.addIssue({ code: 'custom', message: 'expected whole numbers of at most 64 bits' });
  }
}

/** A free-form object; null becomes an empty object. */
export const jsonObject = z
  .record(z.string(), z.unknown(), { error: 'expected an object' })
  .superRefine(fitsInJson)
  .nullable()
  .transform((value) => (value ?? {}) as JsonObject);

/** A free-form object that accepts only the keys that are used here. Others may be credentials, so they are refused. */
export const keptObject = (field: 'driver_info' | 'instance_info') =>
  jsonObject.superRefine((value, context) => {
    const other = Object.keys(value).find((key) => !KEPT[field].includes(key));
    if (other === undefined) return;
    const message =
      `netprov does not store ${other.slice(0, 80)}, because it stores no credentials: leave this key to Ironic. ` +
      `It stores: ${KEPT[field].join(', ')}`;
    context.addIssue({ code: 'custom', path: [other], message });
  });

function depthOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  return 1 + Math.max(0, ...Object.values(value).map(depthOf));
}

/** A copy of the object with only these fields. */
export function pick<T, Name extends keyof T>(object: T, names: readonly Name[]): Pick<T, Name> {
  return Object.fromEntries(names.map((name) => [name, object[name]])) as Pick<T, Name>;
}

/** A document after the change, and the names of the fields that changed. */
interface Edited<Document> {
  after: Document;
  changed: (keyof Document & string)[];
}

/**
 * Changes a document. Changed fields are validated before anything else reads them. Unchanged fields are not validated
 * and stay as they are: they may have come with a task, to which other rules apply.
 *
 * @param edit takes the current document and returns the wanted one
 * @param accept gets the valid changes, and throws if they are not allowed
 * @throws InputRefused naming every changed field that is invalid, and what edit and accept throw
 */
export function edited<Document extends object>(
  schema: z.ZodObject<Record<string, z.ZodType>>,
  before: Document,
  edit: (document: Document) => object,
  accept: (changed: Partial<Document>) => void = () => undefined,
): Edited<Document> {
  const [old, wanted] = [{ ...before }, edit(structuredClone(before))] as Record<string, unknown>[];
  const names = [...new Set([...Object.keys(schema.shape), ...Object.keys(wanted ?? {})])];
  const touched = names.filter((name) => !isDeepStrictEqual(old?.[name], wanted?.[name]));
  const known = touched.filter((name) => Object.hasOwn(schema.shape, name));
  const given = touched.filter((name) => wanted?.[name] !== undefined).map((name) => [name, wanted?.[name]]);
  const judged = z.strictObject(Object.fromEntries(known.map((name) => [name, schema.shape[name] ?? z.never()])));
  const valid = read(judged, Object.fromEntries(given)) as Partial<Document>;
  accept(valid);
  const after = { ...before, ...valid };
  const changed = (known as (keyof Document & string)[]).filter(
    (name) => !isDeepStrictEqual(before[name], after[name]),
  );
  return { after, changed };
}

function hasKeptNumbers(value: unknown): boolean {
  if (typeof value === 'number' || typeof value === 'bigint') return isKeptNumber(value);
  return typeof value !== 'object' || value === null || Object.values(value).every(hasKeptNumbers);
}

/**
 * Validates input.
 *
 * @throws InputRefused naming every invalid field
 */
export function read<T>(schema: z.ZodType<T>, value: unknown): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const problems = result.error.issues.map(({ path, message, ...issue }) => {
    if (issue.code === 'unrecognized_keys') return `${issue.keys.join(', ')}: unknown field`;
    return `${path.join('.')}: ${message}`;
  });
  throw new InputRefused('invalid', listed(problems));
}
