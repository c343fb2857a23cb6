import type { FastifyRequest } from 'fastify';
import { z } from 'zod';

import { ApiError } from './errors.js';
import { assertAcceptable } from './microversion.js';

/** A field of a resource, as the API shows it. */
interface Field<Row> {
  /** The minor version in which it appeared. */
  since: number;
  /** Columns that it is built from. */
  columns: readonly (keyof Row & string)[];
  of: (row: Row) => unknown;
  /** Its type and meaning in an answer, for the OpenAPI document. */
  schema: z.ZodType;
  /** Whether lists can be sorted by it: it must be a single column, and not JSON. */
  sortable: boolean;
}

/** A kind of item that the API serves under one name. */
export interface Resource<Row> {
  /** Name of a single item in the OpenAPI document. */
  title: 'Node' | 'Port' | 'Portgroup';
  about: string;
  name: 'nodes' | 'ports' | 'portgroups';
  /** The minor version in which it appeared. */
  since: number;
  fields: Readonly<Record<string, Field<Row>>>;
  /** Fields in a list when the client does not choose fields. */
  listed: readonly string[];
  /** Collections below an item, to which the item links. */
  children: readonly { name: string; since: number }[];
}

/** The meaning of a field in a sentence, and the version in which it appeared. */
interface Meaning {
  about: string;
  /** 1 if absent. */
  since?: number;
}

/** A field that shows a column unchanged. */
export function column<Row>(name: keyof Row & string, type: z.ZodType, { about, since = 1 }: Meaning): Field<Row> {
  return { since, columns: [name], of: (row) => row[name], schema: type.describe(about), sortable: true };
}

/** A field that shows a JSON column; NULL becomes an empty object. */
export function json<Row>(name: keyof Row & string, { about, since = 1 }: Meaning): Field<Row> {
  const schema = z.looseObject({}).describe(about);
  return { since, columns: [name], of: (row) => row[name] ?? {}, schema, sortable: false };
}

/** A field that shows a time, in Ironic's format. */
export function timeField<Row>(name: keyof Row & string, about: string): Field<Row> {
  const schema = z.iso.datetime({ offset: true }).nullable().describe(about);
  return { since: 1, columns: [name], of: (row) => writeTime(row[name] as Date | null), schema, sortable: true };
}

/** Writes a time to the second, with the offset written out, as oslo does. */
function writeTime(value: Date | null): string | null {
  return value === null ? null : `${value.toISOString().slice(0, 19)}+00:00`;
}

/** Names of the fields that this version shows, without links. */
export function fieldsShown<Row>({ fields }: Resource<Row>, minor: number): string[] {
  return Object.keys(fields).filter((name) => (fields[name]?.since ?? 0) <= minor);
}

/**
 * Splits a comma-separated list of a query: no empty items, no duplicates, lower case. Source: Ironic, common/args.py
 * string_list.
 */
export function splitList(text: string): string[] {
  const items = text.split(',').map((item) => item.trim().toLowerCase());
  return [...new Set(items.filter((item) => item !== ''))];
}

/**
 * The fields that the client asks for by name.
 *
 * @throws ApiError 400 when there is no such field; 406 when this version does not have it yet
 */
export function chosenFields<Row>({ fields }: Resource<Row>, text: string, request: FastifyRequest): string[] {
  const names = splitList(text);
  const unknown = names.filter((name) => name !== 'links' && !Object.hasOwn(fields, name));
  if (unknown.length > 0) {
    throw new ApiError(400, `Field(s) "${unknown.join(', ').slice(0, 200)}" are not valid`);
  }
  for (const name of names) assertAcceptable(request, `the field ${name}`, fields[name]?.since ?? 1);
  return names.filter((name) => name !== 'links');
}

/** The columns that the named fields are built from. */
export function columnsOf<Row>({ fields }: Resource<Row>, names: readonly string[]): (keyof Row & string)[] {
  return [...new Set(names.flatMap((name) => fields[name]?.columns ?? []))];
}

/**
 * Builds the answer for one row.
 *
 * @param representation `names`: the fields to show; `whole`: whether they are all fields
 */
export function represent<Row extends { uuid: string }>(
  { name, fields, children }: Resource<Row>,
  row: Row,
  { names, whole, minor, linksOf }: Representation,
): Record<string, unknown> {
  const shown: Record<string, unknown> = {};
  for (const field of names) shown[field] = fields[field]?.of(row);
  const path = `${name}/${row.uuid}`;
  shown['links'] = linksOf(path);
  if (!whole) return shown;
  for (const child of children) if (child.since <= minor) shown[child.name] = linksOf(`${path}/${child.name}`);
  return shown;
}

interface Representation {
  names: readonly string[];
  /** Whether all fields are shown, with links to the collections below. */
  whole: boolean;
  minor: number;
  linksOf: (path: string) => Link[];
}

/**
 * The answer for one item.
 *
 * @param fields the query parameter that chooses fields; undefined: all fields
 */
export function showItem<Row extends { uuid: string }>(
  resource: Resource<Row>,
  row: Row,
  request: FastifyRequest,
  links: Links,
  fields?: string,
): Record<string, unknown> {
  const base = links.base(request);
  return represent(resource, row, {
    names: fields === undefined ? fieldsShown(resource, request.minor) : chosenFields(resource, fields, request),
    whole: fields === undefined,
    minor: request.minor,
    linksOf: (path) => links.of(base, path),
  });
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Names of the fields that the client sent in the body and that are not null; null before the body was read. */
    given: readonly string[] | null;
  }
}

/** @throws ApiError 406 when this version does not have one of the fields yet */
export function assertFieldsAcceptable<Row>(
  { fields }: Resource<Row>,
  names: readonly string[],
  request: FastifyRequest,
): void {
  for (const name of names) assertAcceptable(request, `the field ${name}`, fields[name]?.since ?? 1);
}

interface Link {
  href: string;
  rel: string;
}

/** Builds links with the URL under which the client sees this API. */
export class Links {
  constructor(private readonly publicEndpoint: string | null) {}

  /** URL of this API, without a slash at the end. */
  base(request: FastifyRequest): string {
    return this.publicEndpoint?.replace(/\/+$/, '') ?? `${request.protocol}://${request.host}`;
  }

  /** The two links that Ironic gives for a resource. */
  of(base: string, path: string): Link[] {
    return [
      { href: `${base}/v1/${path}`, rel: 'self' },
      { href: `${base}/${path}`, rel: 'bookmark' },
    ];
  }

  /** URL of the next page, which begins after the last item of this page. */
  next(request: FastifyRequest, limit: number, last: string): string {
    // A request to a proxy has an absolute URL.
    const [path = '', query] = request.url.replace(/^https?:\/\/[^/?]*/i, '').split('?', 2);
    const parameters = new URLSearchParams(query);
    parameters.set('limit', String(limit));
    parameters.set('marker', last);
    return `${this.base(request)}${path}?${parameters.toString()}`;
  }
}
