import type { TestDatabase } from './database.js';

type Row = Record<string, unknown>;

/** What the database has of a node. */
export class NodeRecord {
  constructor(
    private readonly database: TestDatabase,
    private readonly node: string,
  ) {}

  /** Everything but its operations, and the times at which rows were written. */
  async all(): Promise<Record<'nodes' | 'ports' | 'portgroups' | 'port_bindings', Row[]>> {
    return {
      nodes: await this.#rows('nodes', 'uuid'),
      ports: await this.#rows('ports'),
      portgroups: await this.#rows('portgroups'),
      port_bindings: await this.#rows('port_bindings'),
    };
  }

  operations(): Promise<Row[]> {
    return this.#rows('operations');
  }

  async #rows(table: string, column = 'node_uuid'): Promise<Row[]> {
    const sql = `SELECT * FROM ${table} WHERE ${column} = ? ORDER BY 1`;
    const rows = await this.database.dataSource.query<Row[]>(sql, [this.node]);
    return rows.map((row) => without(row, 'updated_at') as Row);
  }
}

/** The object without one of its keys. */
export function without(object: object, key: string): object {
  return Object.fromEntries(Object.entries(object).filter(([name]) => name !== key));
}
