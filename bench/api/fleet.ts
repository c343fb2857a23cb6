import type { Contestant } from './contestant.js';
import { ask } from './requests.js';

/** Number of rows that one statement makes: by default MariaDB's max_recursive_iterations is 1,000. */
const CHUNK = 1000;
const TEMPLATE = 'template';

/** The nodes of a contestant, which are all alike and numbered from 0 to size - 1. */
export interface Fleet {
  size: number;
  /** The UUID of the node at this place, counted from 0, in a list without a requested order. */
  uuidAt: (rank: number) => Promise<string>;
}

export function nameOf(number: number): string {
  return `node-${String(number).padStart(6, '0')}`;
}

/** The UUID of a node. Like random UUIDs, these UUIDs are spread over the whole index. */
export function uuidOf(number: number): string {
  const spread = ((BigInt(number) * 2_654_435_761n) % 2n ** 32n).toString(16).padStart(8, '0');
  return `${spread}-0000-4000-8000-${number.toString(16).padStart(12, '0')}`;
}

/** The same in SQL, for a column `number`. */
const UUID = `LOWER(CONCAT(LPAD(HEX((number * 2654435761) % 4294967296), 8, '0'), '-0000-4000-8000-',
  LPAD(HEX(number), 12, '0')))`;
const NAME = `CONCAT('node-', LPAD(number, 6, '0'))`;

/**
 * Makes one node through the API, so that it has everything that the contestant gives a node, and copies its row in the
 * database.
 */
export async function makeFleet(
  contestant: Contestant,
  size: number,
  signal: AbortSignal,
  tell: (made: number) => void,
): Promise<Fleet> {
  await makeTemplate(contestant, signal);
  const { dataSource } = contestant.database;
  const copies = await copyStatement(contestant);
  for (let made = 0; made < size; made += CHUNK) {
    signal.throwIfAborted();
    await dataSource.query(copies, [made, Math.min(made + CHUNK, size) - 1, TEMPLATE]);
    tell(Math.min(made + CHUNK, size));
  }
  await dataSource.query('DELETE FROM nodes WHERE name = ?', [TEMPLATE]);
  await dataSource.query('ANALYZE TABLE nodes');
  return {
    size,
    uuidAt: async (rank) => {
      const sql = `SELECT uuid FROM nodes ORDER BY ${contestant.order} LIMIT 1 OFFSET ${rank}`;
      const [row] = await dataSource.query<{ uuid: string }[]>(sql);
      if (row === undefined) throw new Error(`there is no node number ${rank} of ${size}`);
      return row.uuid;
    },
  };
}

async function makeTemplate({ endpoint }: Contestant, signal: AbortSignal): Promise<void> {
  const node = {
    name: TEMPLATE,
    driver: 'fake-hardware',
    properties: { cpus: 64, memory_mb: 262_144, local_gb: 894, cpu_arch: 'x86_64' },
    extra: { rack: 'r12', unit: 7 },
    resource_class: 'baremetal',
    instance_info: { capabilities: { boot_option: 'local' } },
    driver_info: { provisioning_network: 'provisioning', cleaning_network: 'cleaning' },
  };
  const creation = { method: 'POST', path: () => '/v1/nodes', body: () => node, check: () => undefined } as const;
  await ask(endpoint, creation, { count: 1, inFlight: 1 }, signal);
}

/**
 * The statement that copies a row with all columns, except those that distinguish nodes. Its parameters are the first
 * number, the last number, and a name.
 */
async function copyStatement({ database: { dataSource } }: Contestant): Promise<string> {
  const columns = await dataSource.query<{ name: string }[]>(
    `SELECT column_name AS name FROM information_schema.columns
     WHERE table_schema = DATABASE() AND table_name = 'nodes' AND column_name <> 'id'`,
  );
  const names = columns.map(({ name }) => name);
  const values = names.map((name) => (name === 'uuid' ? UUID : name === 'name' ? NAME : name));
  return `
    INSERT INTO nodes (${names.join(', ')})
    WITH RECURSIVE numbers (number) AS (SELECT ? UNION ALL SELECT number + 1 FROM numbers WHERE number < ?)
    SELECT ${values.join(', ')} FROM numbers, nodes WHERE name = ?`;
}
