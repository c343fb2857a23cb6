import type { EntityManager } from 'typeorm';

import {
  conditionsOf,
  type OperationFilter,
  type OperationSummary,
  readSummary,
  SUMMARY,
} from './operation-queries.js';
import { type Row, TIME_FORMAT } from './rows.js';

/**
 * The position of an operation's end among all ends: its time in microseconds, as the database writes it, and the
 * operation's place in the order in which operations were recorded.
 */
export interface EndPlace {
  time: string;
  seq: number;
}

/** The time of the database's clock, minus so many seconds. @throws the database's errors */
export async function databaseTime(manager: EntityManager, secondsAgo: number): Promise<string> {
  const [row] = await manager.query<Row[]>(
    `SELECT DATE_FORMAT(UTC_TIMESTAMP(6) - INTERVAL ? SECOND, ${TIME_FORMAT}) AS time`,
    [secondsAgo],
  );
  return row?.['time'] as string;
}

/** Reads at most `limit` running operations, the oldest first. @throws the database's errors */
export async function loadRunning(
  manager: EntityManager,
  filter: OperationFilter,
  limit: number,
): Promise<OperationSummary[]> {
  const conditions = conditionsOf(filter);
  conditions.add('finished_at IS NULL');
  const rows = await manager.query<Row[]>(
    `SELECT ${SUMMARY} FROM operations o WHERE ${conditions.where} ORDER BY started_at, seq LIMIT ?`,
    [...conditions.values, limit],
  );
  return rows.map(readSummary);
}

/**
 * Reads at most `limit` operations that ended after a position, each with its own position, in the order of their ends.
 * @throws the database's errors
 */
export async function loadEnded(
  manager: EntityManager,
  filter: OperationFilter,
  { time, seq }: EndPlace,
  limit: number,
): Promise<{ operation: OperationSummary; place: EndPlace }[]> {
  const conditions = conditionsOf(filter);
  conditions.add('finished_at >= ?', time);
  conditions.add('(finished_at > ? OR seq > ?)', time, seq);
  const rows = await manager.query<Row[]>(
    `SELECT ${SUMMARY}, seq, DATE_FORMAT(finished_at, ${TIME_FORMAT}) AS place FROM operations o
     WHERE ${conditions.where} ORDER BY finished_at, seq LIMIT ?`,
    [...conditions.values, limit],
  );
  return rows.map((row) => ({
    operation: readSummary(row),
    place: { time: row['place'] as string, seq: Number(row['seq']) },
  }));
}
