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

/**
 * Writes many rows with one statement; a row whose key is there already gets the new values, in all columns but those
 * that are to stay as they are, and those for which `merged` has an expression. All rows have the same columns.
 *
 * VALUES() is the one spelling that MariaDB and MySQL 8 have in common.
 */
export async function insertOrUpdate(
  manager: EntityManager,
  table: string,
  rows: readonly Row[],
  staying: readonly string[] = [],
  merged: Readonly<Record<string, string>> = {},
): Promise<void> {
  const [first] = rows;
  if (!first) return;
  const columns = Object.keys(first);
  const updates = columns
    .filter((column) => !staying.includes(column))
    .map((column) => `${column} = ${merged[column] ?? `VALUES(${column})`}`);
  const values = rows.map((row) => columns.map((column) => writable(row[column])));
  await manager.query(
    `INSERT INTO ${table} (${columns.join(', ')}) VALUES ? ON DUPLICATE KEY UPDATE ${updates.join(', ')}`,
    [values],
  );
}

/** The time of the database, in UTC: workers' clocks differ. mysql2 writes it into a statement as it stands. */
export const DATABASE_TIME = { toSqlString: () => 'UTC_TIMESTAMP(6)' };

function writable(value: unknown): unknown {
  if (value === DATABASE_TIME) return value;
  return typeof value === 'object' && value !== null && !(value instanceof Date) ? JSON.stringify(value) : value;
}

/** How DATE_FORMAT writes a DATETIME(6) as DATETIME(6) takes it. A Date would lose its microseconds. */
export const TIME_FORMAT = "'%Y-%m-%d %H:%i:%s.%f'";

/** A time as DATETIME(6) takes it, in UTC as the connection's time zone is. */
export function writeTime(time: Date): string {
  return time.toISOString().replace('T', ' ').slice(0, -1);
}
