import type { EntityManager } from 'typeorm';

/** A row as mysql2 reads and writes it. */
export type Row = Record<string, unknown>;

/** A JSON column. Connections are made to hand it over as text (see database-hosts.ts), as MariaDB stores it. */
export function readJson(value: unknown): unknown {
  return typeof value === 'string' ? (JSON.parse(value) as unknown) : value;
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
 * Writes many rows with one statement. What a row holds beside the columns is not written: no name that came from elsewhere
 * becomes part of a statement.
 *
 * VALUES() is the one spelling that MariaDB and MySQL 8 have in common.
 */
export async function insertOrUpdate<Column extends string>(
  manager: EntityManager,
  table: string,
  columns: Columns<Column>,
  rows: readonly Readonly<Record<Column, unknown>>[],
): Promise<void> {
  if (rows.length === 0) return;
  const names = Object.keys(columns) as Column[];
  const updates = names
    .filter((name) => columns[name] !== 'kept')
    .map((name) => {
      const update = columns[name];
      return `${name} = ${typeof update === 'object' ? update.sql : `VALUES(${name})`}`;
    });
  const values = rows.map((row) => names.map((name) => writable(row[name])));
  await manager.query(
    `INSERT INTO ${table} (${names.join(', ')}) VALUES ? ON DUPLICATE KEY UPDATE ${updates.join(', ')}`,
    [values],
  );
}

/** The time of the database, in UTC: workers' clocks differ. mysql2 writes it into a statement as it stands. */
export const DATABASE_TIME = { toSqlString: () => 'UTC_TIMESTAMP(6)' };

function writable(value: unknown): unknown {
  if (value === DATABASE_TIME) return value;
  return typeof value === 'object' && value !== null && !(value instanceof Date) ? writeJson(value) : value;
}

/** What JSON.stringify writes with a backslash: a backslash, and half of a surrogate pair. */
const ESCAPES = /\\(?:\\|ud[89a-f][0-9a-f]{2})/g;

/** As both servers take it: half a surrogate pair, which MySQL refuses in JSON, becomes U+FFFD. */
export function writeJson(value: object): string {
  const text = JSON.stringify(value);
  if (!text.includes('\\ud')) return text;
  return text.replace(ESCAPES, (escape) => (escape === '\\\\' ? escape : '\ufffd'));
}

/** How DATE_FORMAT writes a DATETIME(6) as DATETIME(6) takes it. A Date would lose its microseconds. */
export const TIME_FORMAT = "'%Y-%m-%d %H:%i:%s.%f'";

/** A time as DATETIME(6) takes it, in UTC as the connection's time zone is. */
export function writeTime(time: Date): string {
  return time.toISOString().replace('T', ' ').slice(0, -1);
}
