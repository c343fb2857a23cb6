import { escape, format, type SqlValue } from 'mysql2';
import type { EntityManager } from 'typeorm';

import type { FieldKind, Fields } from '../contract/fields.js';
import { parseJson, stringifyJson } from '../json.js';
import { packetLimitOf } from './database-hosts.js';
import { RowTooLarge } from './errors.js';

/** A row as mysql2 reads and writes it. */
export type Row = Record<string, unknown>;

/** Reads a JSON column. Our connections return it as text, as MariaDB does (see database-hosts.ts). */
export function readJson(value: unknown): unknown {
  return typeof value === 'string' ? parseJson(value) : value;
}

/**
 * Reads a BOOLEAN column, a comparison, or a switch of the server. In both servers a BOOLEAN is a TINYINT. A comparison
 * is an INT in MariaDB, and a BIGINT in MySQL, which the driver returns as text. A switch may be the word ON or OFF.
 */
export function readBoolean(value: unknown): boolean | null {
  if (value === null) return null;
  return typeof value === 'string' ? !FALSE_TEXTS.has(value) : Boolean(value);
}

const FALSE_TEXTS: ReadonlySet<string> = new Set(['', '0', 'OFF']);

/** Reads a message of the contract from the columns of its fields. NULL in a JSON column is an empty object. */
export function readFields<T>(fields: Fields<T>, row: Row): T {
  const message: Row = {};
  for (const [name, kind] of Object.entries<FieldKind>(fields)) message[name] = readColumn(kind, row[name]);
  return message as T;
}

function readColumn(kind: FieldKind, value: unknown): unknown {
  if (kind === 'json') return readJson(value) ?? {};
  return kind === 'boolean' ? readBoolean(value) : value;
}

/** The columns to write. An existing row gets the new value, keeps its own, or gets the value of an SQL expression. */
export type Columns<Column extends string> = Readonly<Record<Column, 'new' | 'kept' | { sql: string }>>;

/** The columns of a message of the contract. An existing row gets all new values. */
export function messageColumns<T>(fields: Fields<T>): Columns<keyof T & string> {
  return Object.fromEntries(Object.keys(fields).map((name) => [name, 'new'])) as Columns<keyof T & string>;
}

/**
 * Inserts rows, or updates those that exist. It sends one statement, or several if one would be too long for the
 * server. It writes only the given columns and ignores other fields of a row, so that no name from elsewhere gets into
 * a statement.
 *
 * VALUES() is the only syntax that both MariaDB and MySQL 8 understand.
 *
 * @throws RowTooLarge, and the database's errors
 */
export async function insertOrUpdate<Column extends string>(
  manager: EntityManager,
  table: string,
  columns: Columns<Column>,
  rows: readonly Readonly<Record<Column, unknown>>[],
): Promise<void> {
  const limit = packetLimitOf(manager.dataSource);
  for (const statement of insertOrUpdateStatements(table, columns, rows, limit)) await manager.query(statement);
}

/**
 * Makes the statements of insertOrUpdate: one, or several if one would be longer than the limit.
 *
 * @param limit bytes of the longest statement
 * @throws RowTooLarge
 */
export function insertOrUpdateStatements<Column extends string>(
  table: string,
  columns: Columns<Column>,
  rows: readonly Readonly<Record<Column, unknown>>[],
  limit: number,
): string[] {
  const names = Object.keys(columns) as Column[];
  const updates = names
    .filter((name) => columns[name] !== 'kept')
    .map((name) => {
      const update = columns[name];
      return `${name} = ${typeof update === 'object' ? update.sql : `VALUES(${name})`}`;
    });
  return statementsOf(table, names, rows, `ON DUPLICATE KEY UPDATE ${updates.join(', ')}`, limit);
}

/**
 * Makes the statements that insert rows which must not exist yet: see isDuplicate.
 *
 * @param limit bytes of the longest statement
 * @throws RowTooLarge
 */
export function insertStatements<Column extends string>(
  table: string,
  columns: Columns<Column>,
  rows: readonly Readonly<Record<Column, unknown>>[],
  limit: number,
): string[] {
  return statementsOf(table, Object.keys(columns) as Column[], rows, '', limit);
}

function statementsOf<Column extends string>(
  table: string,
  names: readonly Column[],
  rows: readonly Readonly<Record<Column, unknown>>[],
  ending: string,
  packetLimit: number,
): string[] {
  if (rows.length === 0) return [];
  const head = `INSERT INTO ${table} (${names.join(', ')}) VALUES`;
  const limit = packetLimit - head.length - ending.length - OVERHEAD;
  const written = rows.map((row) => {
    const values = names.map((name) => writable(row[name]));
    const text = `(${values.map((value) => escape(value)).join(', ')})`;
    const bytes = Buffer.byteLength(text) + ', '.length;
    if (bytes > limit) throw new RowTooLarge(table, longestOf(names, values), bytes, limit);
    return { text, bytes };
  });
  return partsOf(written, limit).map((part) => `${head} ${part.join(', ')} ${ending}`);
}

/** Bytes of a packet besides the statement, with some reserve. */
const OVERHEAD = 64;

function partsOf(rows: readonly { text: string; bytes: number }[], limit: number): string[][] {
  const parts: string[][] = [];
  let left = 0;
  for (const { text, bytes } of rows) {
    if (bytes > left) {
      parts.push([]);
      left = limit;
    }
    parts.at(-1)?.push(text);
    left -= bytes;
  }
  return parts;
}

/** The name of the column with the longest value. */
function longestOf(names: readonly string[], values: readonly SqlValue[]): string {
  const bytes = values.map((value) => Buffer.byteLength(format('?', [value])));
  return names[bytes.indexOf(Math.max(...bytes))] ?? '';
}

/** The most bytes of TypeORM's statement about one row, besides the values and the names of their columns. */
const TYPEORM_OVERHEAD = 4096;

/**
 * Checks that the server will accept TypeORM's statement for a row. Otherwise the server would drop the connection.
 *
 * @throws RowTooLarge
 */
export function assertTaken(manager: EntityManager, table: string, row: Readonly<Record<string, unknown>>): void {
  const names = Object.keys(row);
  const values = names.map((name) => writable(row[name]));
  const bytes = Buffer.byteLength(format('?', [values]));
  const limit = packetLimitOf(manager.dataSource) - TYPEORM_OVERHEAD;
  if (bytes > limit) throw new RowTooLarge(table, longestOf(names, values), bytes, limit);
}

/**
 * The database's current time in UTC, for use as a value. Workers' clocks differ, so they do not set the time
 * themselves. mysql2 writes this text into the statement unchanged.
 */
export const DATABASE_TIME = { toSqlString: () => 'UTC_TIMESTAMP(6)' };

/** A value as it is written to a column: objects and lists become JSON. */
function writable(value: unknown): SqlValue {
  const single = typeof value !== 'object' || value === null || value instanceof Date || value === DATABASE_TIME;
  return single ? (value as SqlValue) : writeJson(value);
}

/** The escapes of JSON.stringify for a backslash and for half of a surrogate pair. */
const ESCAPES = /\\(?:\\|ud[89a-f][0-9a-f]{2})/g;

/** Encodes JSON so that both servers accept it: half a surrogate pair, which MySQL refuses in JSON, becomes U+FFFD. */
export function writeJson(value: object): string {
  const text = stringifyJson(value);
  if (!text.includes('\\ud')) return text;
  return text.replace(ESCAPES, (escape) => (escape === '\\\\' ? escape : '\ufffd'));
}

/** Format for DATE_FORMAT that writes a DATETIME(6) so that it can be compared with one. A Date has no microseconds. */
export const TIME_FORMAT = "'%Y-%m-%d %H:%i:%s.%f'";

/** A time as a text for DATETIME(6). It is in UTC, which is the connection's time zone. */
export function writeTime(time: Date): string {
  return time.toISOString().replace('T', ' ').slice(0, -1);
}

/** Conditions in SQL that the rows of a list must all meet, and the values for their placeholders. */
export class Conditions {
  readonly #conditions: string[] = [];
  readonly values: unknown[] = [];

  /** The text for WHERE. TRUE if there are no conditions. */
  get where(): string {
    return this.#conditions.join(' AND ') || 'TRUE';
  }

  add(condition: string, ...values: readonly unknown[]): void {
    this.#conditions.push(condition);
    this.values.push(...values);
  }

  /** @param value undefined: any value matches */
  equal(column: string, value: string | undefined): void {
    if (value !== undefined) this.add(`${column} = ?`, value);
  }

  /** @param among undefined: any value matches; an empty list: no value matches */
  among(column: string, among: readonly (string | number)[] | undefined): void {
    if (among === undefined) return;
    if (among.length === 0) this.add('FALSE');
    else this.add(`${column} IN (?)`, among);
  }
}
