import type { EntityManager } from 'typeorm';

import {
  conditionsOf,
  readSummary,
  SUMMARY,
  type OperationFilter,
  type OperationSummary,
} from './operation-queries.js';
import { TIME_FORMAT, type Row } from './rows.js';

/** The end of an operation, among all ends: when, to the microsecond and in the database's words, and which. */
export interface EndPlace {
  time: string;
  id: string;
}

/** What the database's clock showed so many seconds ago. @throws the database's errors */
export async function databaseTime(manager: EntityManager, secondsAgo: number): Promise<string> {
  const [row] = await manager.query<Row[]>(
    `SELECT DATE_FORMAT(UTC_TIMESTAMP(6) - INTERVAL ? SECOND, ${TIME_FORMAT}) AS time`,
    [secondsAgo],
  );
  return row?.['time'] as string;
}

/** At most so many operations that are under way, the oldest first. @throws the database's errors */
export async function loadRunning(
  manager: EntityManager,
  filter: OperationFilter,
  limit: number,
): Promise<OperationSummary[]> {
  const conditions = conditionsOf(filter);
  conditions.add('finished_at IS NULL');
  const rows = await manager.query<Row[]>(
    `SELECT ${SUMMARY} FROM operations o WHERE ${conditions.where} ORDER BY started_at, id LIMIT ?`,
    [...conditions.values, limit],
  );
  return rows.map(readSummary);
}

/** At most so many operations that ended after a place, each with its own, in their order. @throws the database's errors */
export async function loadEnded(
  manager: EntityManager,
  filter: OperationFilter,
  { time, id }: EndPlace,
  limit: number,
): Promise<{ operation: OperationSummary; place: EndPlace }[]> {
  const conditions = conditionsOf(filter);
  conditions.add('finished_at >= ?', time);
  conditions.add('(finished_at > ? OR id > ?)', time, id);
  const rows = await manager.query<Row[]>(
    `SELECT ${SUMMARY}, DATE_FORMAT(finished_at, ${TIME_FORMAT}) AS place FROM operations o
     WHERE ${conditions.where} ORDER BY finished_at, id LIMIT ?`,
    [...conditions.values, limit],
  );
  return rows.map((row) => ({
    operation: readSummary(row),
    place: { time: row['place'] as string, id: row['id'] as string },
  }));
}
