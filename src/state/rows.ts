import { format, type SqlValue } from 'mysql2';
import type { EntityManager } from 'typeorm';

import { parseJson, stringifyJson } from '../json.js';
import { packetLimitOf } from './database-hosts.js';
import { RowTooLarge } from './errors.js';

/** A row as mysql2 reads and writes it. */
export type Row = Record<string, unknown>;

/** A JSON column. Connections are made to hand it over as text (see database-hosts.ts), as MariaDB stores it. */
export function readJson(value: unknown): unknown {
  return typeof value === 'string' ? parseJson(value) : value;
}

/**
 * A BOOLEAN column, a comparison, or a switch of the server. To both servers a BOOLEAN is a TINYINT; a comparison is an INT
 * to MariaDB and a BIGINT to MySQL, which the driver hands over as text; a switch may be the word ON or OFF.
 */
export function readBoolean(value: unknown): boolean | null {
  if (value === null) return null;
  return typeof value === 'string' ? !FALSE_TEXTS.has(value) : Boolean(value);
}

const FALSE_TEXTS: ReadonlySet<string> = new Set(['', '0', 'OFF']);

/** The columns that are written, and what a row that is there already gets: the new value, what it has, or an expression. */
export type Columns<Column extends string> = Readonly<Record<Column, 'new' | 'kept' | { sql: string }>>;

/**
 * Writes many rows: with one statement, or with several where the server would not take so long a one. What a row holds
 * beside the columns is not written: no name that came from elsewhere becomes part of a statement.
 *
 * VALUES() is the one spelling that MariaDB and MySQL 8 have in common.
 *
 * @throws RowTooLarge, and the database's errors
 */
export async function insertOrUpdate<Column extends string>(
  manager: EntityManager,
  table: string,
  columns: Columns<Column>,
  rows: readonly Readonly<Record<Column, unknown>>[],
): Promise<void> {
  const names = Object.keys(columns) as Column[];
  const updates = names
    .filter((name) => columns[name] !== 'kept')
    .map((name) => {
      const update = columns[name];
      return `${name} = ${typeof update === 'object' ? update.sql : `VALUES(${name})`}`;
    });
  await write(manager, table, names, rows, `ON DUPLICATE KEY UPDATE ${updates.join(', ')}`);
}

/**
 * The same for rows of which none is to be there already.
 *
 * @throws RowTooLarge, and the database's errors: see isDuplicate
 */
export async function insert<Column extends string>(
  manager: EntityManager,
  table: string,
  columns: Columns<Column>,
  rows: readonly Readonly<Record<Column, unknown>>[],
): Promise<void> {
  await write(manager, table, Object.keys(columns) as Column[], rows, '');
}

async function write<Column extends string>(
  manager: EntityManager,
  table: string,
  names: readonly Column[],
  rows: readonly Readonly<Record<Column, unknown>>[],
  ending: string,
): Promise<void> {
  if (rows.length === 0) return;
  const head = `INSERT INTO ${table} (${names.join(', ')}) VALUES`;
  const limit = packetLimitOf(manager.dataSource) - head.length - ending.length - OVERHEAD;
  const written = rows.map((row) => {
    const values = names.map((name) => writable(row[name]));
    const text = format('(?)', [values]);
    const bytes = Buffer.byteLength(text) + ', '.length;
    if (bytes > limit) throw new RowTooLarge(table, longestOf(names, values), bytes, limit);
    return { text, bytes };
  });
  for (const part of partsOf(written, limit)) await manager.query(`${head} ${part.join(', ')} ${ending}`);
}

/** Bytes of a packet that are not the statement's, with some to spare. */
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

/** Of some columns, the one whose value takes the most. */
function longestOf(names: readonly string[], values: readonly SqlValue[]): string {
  const bytes = values.map((value) => Buffer.byteLength(format('?', [value])));
  return names[bytes.indexOf(Math.max(...bytes))] ?? '';
}

/** Bytes of a statement of TypeORM's about one row, beside the values and the names of their columns, at most. */
const TYPEORM_OVERHEAD = 4096;

/**
 * Sees to it that the server takes what TypeORM is to write into a row: it would drop the connection.
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

/** The time of the database, in UTC: workers' clocks differ. mysql2 writes it into a statement as it stands. */
export const DATABASE_TIME = { toSqlString: () => 'UTC_TIMESTAMP(6)' };

/** What is no single value is a JSON document. */
function writable(value: unknown): SqlValue {
  const single = typeof value !== 'object' || value === null || value instanceof Date || value === DATABASE_TIME;
  return single ? (value as SqlValue) : writeJson(value);
}

/** What JSON.stringify writes with a backslash: a backslash, and half of a surrogate pair. */
const ESCAPES = /\\(?:\\|ud[89a-f][0-9a-f]{2})/g;

/** As both servers take it: half a surrogate pair, which MySQL refuses in JSON, becomes U+FFFD. */
export function writeJson(value: object): string {
  const text = stringifyJson(value);
  if (!text.includes('\\ud')) return text;
  return text.replace(ESCAPES, (escape) => (escape === '\\\\' ? escape : '\ufffd'));
}

/** How DATE_FORMAT writes a DATETIME(6) as DATETIME(6) takes it. A Date would lose its microseconds. */
export const TIME_FORMAT = "'%Y-%m-%d %H:%i:%s.%f'";

/** A time as DATETIME(6) takes it, in UTC as the connection's time zone is. */
export function writeTime(time: Date): string {
  return time.toISOString().replace('T', ' ').slice(0, -1);
}

/** What rows of a list have to be like: conditions in SQL, all of which have to be met, and what goes into their places. */
export class Conditions {
  readonly #conditions: string[] = [];
  readonly values: unknown[] = [];

  /** For WHERE; TRUE where there is none. */
  get where(): string {
    return this.#conditions.join(' AND ') || 'TRUE';
  }

  add(condition: string, ...values: readonly unknown[]): void {
    this.#conditions.push(condition);
    this.values.push(...values);
  }

  /** @param value undefined: any will do. */
  equal(column: string, value: string | undefined): void {
    if (value !== undefined) this.add(`${column} = ?`, value);
  }

  /** @param among undefined: any will do; an empty list: none will. */
  among(column: string, among: readonly string[] | undefined): void {
    if (among === undefined) return;
    if (among.length === 0) this.add('FALSE');
    else this.add(`${column} IN (?)`, among);
  }
}
