import type { DataSource } from 'typeorm';

/** Number of rows that one statement makes: by default MariaDB's max_recursive_iterations is 1,000. */
const CHUNK = 1000;
/** 2 ** 32: UUIDs and ids of the rows are spread evenly over their first eight digits. */
const SPACE = 4_294_967_296;
/** Seconds over which the operations are spread: a day. Nothing is old enough to be removed. */
const PERIOD = 86_400;

export interface Fullness {
  nodes: number;
  /** Finished operations. */
  operations: number;
}

/** The UUID of a node of a full database. Like random UUIDs, these UUIDs are spread over the whole index. */
export function nodeUuid(number: number, nodes: number): string {
  const first = Math.floor((number * SPACE) / nodes);
  return `${first.toString(16).padStart(8, '0')}-0000-4000-8000-${number.toString(16).padStart(12, '0')}`;
}

/**
 * Fills a database that has at least one node and one finished operation, by copying them. The rows are made in the
 * order of their ids, which is fast. The ids are spread evenly, so that a random new id meets an index of full size.
 *
 * @param tell called with the number of rows so far
 */
export async function fillDatabase(
  dataSource: DataSource,
  { nodes, operations }: Fullness,
  signal: AbortSignal,
  tell: (rows: number) => void,
): Promise<void> {
  const node = (number: string): string => spreadId(number, nodes, "'-0000-4000-8000-'", 12);
  const nodeCopies = await copies(dataSource, 'nodes', {
    uuid: node('number'),
    name: "CONCAT('full-', number)",
  });
  for (let made = 0; made < nodes; made += CHUNK) {
    signal.throwIfAborted();
    await dataSource.query(nodeCopies, [made, Math.min(made + CHUNK, nodes) - 1]);
    tell(Math.min(made + CHUNK, nodes));
  }
  const at = `TIMESTAMPADD(MICROSECOND, (number - ${operations}) * ${Math.floor((PERIOD * 1e6) / Math.max(operations, 1))},
    UTC_TIMESTAMP(6) - INTERVAL 1 HOUR)`;
  const operationCopies = await copies(dataSource, 'operations', {
    id: spreadId('number', operations, "''", 24),
    node_uuid: node(`number * ${nodes} DIV ${operations}`),
    request_id: `CONCAT('req-', ${spreadId('number', operations, "'-0000-4000-8000-'", 12)})`,
    owed_to: 'NULL',
    started_at: at,
    finished_at: `TIMESTAMPADD(MICROSECOND, 5000, ${at})`,
  });
  for (let made = 0; made < operations; made += CHUNK) {
    signal.throwIfAborted();
    await dataSource.query(operationCopies, [made, Math.min(made + CHUNK, operations) - 1]);
    tell(nodes + Math.min(made + CHUNK, operations));
  }
  await dataSource.query('ANALYZE TABLE nodes, operations');
}

/** SQL for an id whose first eight digits are the number's place, from 0 to the total, and whose end is the number. */
function spreadId(number: string, total: number, middle: string, digits: number): string {
  const first = `LPAD(HEX((${number}) * ${SPACE} DIV ${Math.max(total, 1)}), 8, '0')`;
  return `LOWER(CONCAT(${first}, ${middle}, LPAD(HEX(${number}), ${digits}, '0')))`;
}

/**
 * The statement that copies the oldest row of a table, with other values in some columns. Its parameters are the first
 * and the last number.
 */
async function copies(dataSource: DataSource, table: string, values: Record<string, string>): Promise<string> {
  const columns = await dataSource.query<{ name: string }[]>(
    `SELECT column_name AS name FROM information_schema.columns
     WHERE table_schema = DATABASE() AND table_name = ? AND extra NOT LIKE '%auto_increment%'`,
    [table],
  );
  const names = columns.map(({ name }) => name);
  await dataSource.query(`CREATE TABLE IF NOT EXISTS bench_${table} AS SELECT * FROM ${table} LIMIT 1`);
  return `
    INSERT INTO ${table} (${names.join(', ')})
    WITH RECURSIVE numbers (number) AS (SELECT ? UNION ALL SELECT number + 1 FROM numbers WHERE number < ?)
    SELECT ${names.map((name) => values[name] ?? name).join(', ')} FROM numbers, bench_${table}`;
}
