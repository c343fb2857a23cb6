import {
  Brackets,
  Raw,
  type EntityManager,
  type EntityTarget,
  type FindOperator,
  type FindOptionsWhere,
  type SelectQueryBuilder,
} from 'typeorm';

/** The nodes that a project owns or has on lease. */
const NODES_OF = 'SELECT uuid FROM nodes WHERE owner = :project OR lessee = :project';

/** Of a column with UUIDs of nodes: those that a project owns or has on lease. */
export function ofProject(project: string): FindOperator<string> {
  return Raw((column) => `${column} IN (${NODES_OF})`, { project }) as FindOperator<string>;
}

/** Which rows of a table, in which order. Columns are named by whoever asks: never by a caller from outside. */
export interface PageQuery<T> {
  where: FindOptionsWhere<T>;
  /** Only nodes that this project owns or has on lease, and what belongs to them; undefined: all. */
  project?: string | undefined;
  /** Columns that are wanted. */
  columns: readonly (keyof T & string)[];
  sortKey: keyof T & string;
  sortDir: 'asc' | 'desc';
  /** The last row of the page before. */
  after: T | null;
  limit: number;
}

/**
 * One page of a table. Rows of the same sort key are told apart by their UUID, so that none is missed or comes twice
 * from one page to the next. Both in the same direction: an index of the key ends with the UUID, and is read as it stands.
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
 * The value of the last row is compared where it is: on its way here a time would lose its microseconds. MySQL puts NULL
 * before all values, and so last where the order is reversed.
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
