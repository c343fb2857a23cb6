import {
  Brackets,
  type EntityManager,
  type EntityTarget,
  type FindOperator,
  type FindOptionsWhere,
  Raw,
  type SelectQueryBuilder,
} from 'typeorm';

/** SQL of the nodes that a project owns or leases. */
const NODES_OF = 'SELECT uuid FROM nodes WHERE owner = :project OR lessee = :project';

/** A condition for a column with UUIDs of nodes: the project owns or leases the node. */
export function ofProject(project: string): FindOperator<string> {
  return Raw((column) => `${column} IN (${NODES_OF})`, { project }) as FindOperator<string>;
}

/**
 * Which rows of a table to read, and in which order. Only our own code may name columns, never a caller from outside.
 */
export interface PageQuery<T> {
  where: FindOptionsWhere<T>;
  /** Reads only nodes that this project owns or leases, and rows that belong to them. Undefined: all. */
  project?: string | undefined;
  /** The columns to read. */
  columns: readonly (keyof T & string)[];
  sortKey: keyof T & string;
  sortDir: 'asc' | 'desc';
  /** The last row of the previous page. Null: read the first page. */
  after: T | null;
  limit: number;
}

/**
 * Reads one page of a table. Rows with the same sort key are sorted by their UUID, so that no row is missing or
 * repeated on the next page. Both have the same direction, so that the server can read an index: an index of the key
 * ends with the UUID.
 *
 * @throws the database's errors
 */
export function pageOf<T extends { uuid: string }>(
  manager: EntityManager,
  entity: EntityTarget<T>,
  { where, project, columns, sortKey, sortDir, after, limit }: PageQuery<T>,
): Promise<T[]> {
  const wanted = new Set<string>(['uuid', ...columns]);
  const query = manager
    .createQueryBuilder(entity, 'row')
    .select([...wanted].map((column) => `row.${column}`))
    .where(where)
    .limit(limit);
  if (project !== undefined) {
    query.andWhere(
      `row.${manager.getRepository(entity).metadata.tableName === 'nodes' ? 'uuid' : 'node_uuid'} IN (${NODES_OF})`,
      { project },
    );
  }
  if (after !== null) continueAfter(query, sortKey, sortDir, after);
  const direction = sortDir === 'asc' ? 'ASC' : 'DESC';
  if (sortKey !== 'uuid') query.orderBy(`row.${sortKey}`, direction);
  query.addOrderBy('row.uuid', direction);
  return query.getMany();
}

/**
 * Adds the condition that rows come after the last row. The database itself reads that row's value, because a time
 * would lose its microseconds on the way to us. MySQL sorts NULL before all values, so it is last if the order is
 * descending.
 */
function continueAfter<T extends { uuid: string }>(
  query: SelectQueryBuilder<T>,
  sortKey: keyof T & string,
  sortDir: 'asc' | 'desc',
  after: T,
): void {
  const beyond = sortDir === 'asc' ? '>' : '<';
  const values = { uuid: after.uuid };
  if (sortKey === 'uuid') {
    query.andWhere(`row.uuid ${beyond} :uuid`, values);
    return;
  }
  const column = `row.${sortKey}`;
  const last = query
    .subQuery()
    .select(`last.${sortKey}`)
    .from(query.expressionMap.mainAlias?.target ?? '', 'last');
  const value = last.where('last.uuid = :uuid').getQuery();
  query.andWhere(
    new Brackets((either) => {
      if (after[sortKey] === null) {
        either.where(`${column} IS NULL AND row.uuid ${beyond} :uuid`, values);
        if (sortDir === 'asc') either.orWhere(`${column} IS NOT NULL`);
      } else {
        either
          .where(`${column} ${beyond} ${value}`, values)
          .orWhere(`${column} = ${value} AND row.uuid ${beyond} :uuid`);
        if (sortDir === 'desc') either.orWhere(`${column} IS NULL`);
      }
    }),
  );
}
