import type { FastifyRequest } from 'fastify';
import { z } from 'zod';

import { ApiError } from './errors.js';
import { assertAcceptable } from './microversion.js';

/** A field of a resource, as the API shows it. */
interface Field<Row> {
  /** The minor version at which it appeared. */
  since: number;
  /** Columns that it is made of. */
  columns: readonly (keyof Row & string)[];
  of: (row: Row) => unknown;
  /** What it looks like in an answer, and what it means: for the document. */
  schema: z.ZodType;
  /** Whether lists can be sorted by it: it is one column, and no JSON. */
  sortable: boolean;
}

/** What the API serves under one name. */
export interface Resource<Row> {
  /** Of one, in the document. */
  title: 'Node' | 'Port' | 'Portgroup';
  about: string;
  name: 'nodes' | 'ports' | 'portgroups';
  fields: Readonly<Record<string, Field<Row>>>;
  /** Fields in a list, where none are asked for. */
  listed: readonly string[];
  /** What there is below it, with links. */
  children: readonly { name: string; since: number }[];
}

/** What a field means, in a sentence, and since when it is there. */
interface Meaning {
  about: string;
  /** 1 where it is left out. */
  since?: number;
}

/** A field that shows a column as it is. */
export function column<Row>(name: keyof Row & string, type: z.ZodType, { about, since = 1 }: Meaning): Field<Row> {
  return { since, columns: [name], of: (row) => row[name], schema: type.describe(about), sortable: true };
}

/** A field that shows a JSON column; NULL is an empty object. */
export function json<Row>(name: keyof Row & string, { about, since = 1 }: Meaning): Field<Row> {
  const schema = z.looseObject({}).describe(about);
  return { since, columns: [name], of: (row) => row[name] ?? {}, schema, sortable: false };
}

/** A point in time, as Ironic writes it. */
export function timeField<Row>(name: keyof Row & string, about: string): Field<Row> {
  const schema = z.iso.datetime({ offset: true }).nullable().describe(about);
  return { since: 1, columns: [name], of: (row) => writeTime(row[name] as Date | null), schema, sortable: true };
}

/** To the second, with the offset written out, as oslo does. */
function writeTime(value: Date | null): string | null {
  return value === null ? null : `${value.toISOString().slice(0, 19)}+00:00`;
}

/** The fields that this version shows, without links. */
export function fieldsShown<Row>({ fields }: Resource<Row>, minor: number): string[] {
  return Object.keys(fields).filter((name) => (fields[name]?.since ?? 0) <= minor);
}

/** A list in a query: without empty items, each once, in lower case. Source: Ironic, common/args.py string_list. */
export function splitList(text: string): string[] {
  const items = text.split(',').map((item) => item.trim().toLowerCase());
  return [...new Set(items.filter((item) => item !== ''))];
}

/**
 * The fields that are asked for by name.
 *
 * @throws ApiError 400 when there is no such field; 406 when this version has it not yet
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

/** The columns that some fields are made of. */
export function columnsOf<Row>({ fields }: Resource<Row>, names: readonly string[]): (keyof Row & string)[] {
  return [...new Set(names.flatMap((name) => fields[name]?.columns ?? []))];
}

/** A row as the API shows it. @param names the fields that are wanted; whether they are all is told by `whole` */
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
  /** Whether everything is shown, with links to what is below. */
  whole: boolean;
  minor: number;
  linksOf: (path: string) => Link[];
}

/** One resource as the API answers it. @param fields the query parameter: which fields; all where there is none */
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
    /** Fields of the body that are not null, as it was sent; null: before it was read. */
    given: readonly string[] | null;
  }
}

/** @throws ApiError 406 when this version has one of the fields not yet */
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

/** Where this API is, as whoever asks sees it. */
export class Links {
  constructor(private readonly publicEndpoint: string | null) {}

  /** Without a slash at its end. */
  base(request: FastifyRequest): string {
    return this.publicEndpoint?.replace(/\/+$/, '') ?? `${request.protocol}://${request.host}`;
  }

  /** The two links that Ironic gives of a resource. */
  of(base: string, path: string): Link[] {
    return [
      { href: `${base}/v1/${path}`, rel: 'self' },
      { href: `${base}/${path}`, rel: 'bookmark' },
    ];
  }

  /** The same URL, for the page after the last item of this one. */
  next(request: FastifyRequest, limit: number, last: string): string {
    // Of a request to a proxy, the URL is whole.
    const [path = '', query] = request.url.replace(/^https?:\/\/[^/?]*/i, '').split('?', 2);
    const parameters = new URLSearchParams(query);
    parameters.set('limit', String(limit));
    parameters.set('marker', last);
    return `${this.base(request)}${path}?${parameters.toString()}`;
  }
}
