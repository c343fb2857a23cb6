import type { FastifyRequest } from 'fastify';
import { z } from 'zod';

import { ApiError } from './errors.js';
import type { Link } from './links.js';
import { assertAcceptable } from './microversion.js';

/** A field of a resource, as the API shows it. */
export interface Field<Row> {
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
export function time<Row>(name: keyof Row & string, about: string): Field<Row> {
  const schema = z.iso.datetime({ offset: true }).nullable().describe(about);
  return { since: 1, columns: [name], of: (row) => writeTime(row[name] as Date | null), schema, sortable: true };
}

/** To the second, with the offset written out, as oslo does. */
export function writeTime(value: Date | null): string | null {
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

export interface Representation {
  names: readonly string[];
  /** Whether everything is shown, with links to what is below. */
  whole: boolean;
  minor: number;
  linksOf: (path: string) => Link[];
}
