import type { EntityManager } from 'typeorm';

import type { Row } from './rows.js';

/** Which end of an operation is on record, in SQL: the first has the operation's own id. */
export const END_ID = 'COALESCE(end_id, id)';

/** What a message that was replayed, or was a dead letter and was requeued, says of its operation. */
export interface Replay {
  /**
   * The end on record that is to be forgotten, by its id, so that the operation is done again. Any other end counts: a
   * message that comes twice is not done a third time, perhaps after its successors.
   */
  again: string | null;
  /** An operation of the same node that came later. When it has ended, this one must not be done any more. */
  unless: string | null;
}

/** An operation whose message may have been replayed. */
interface Replayable {
  id: string;
  replay?: Replay | null;
}

/** How an operation ended. */
export interface Ended {
  status: string;
  /** Which end it is. */
  id: string;
  /** When, to the microsecond, ISO 8601. */
  finishedAt: string;
}

/** The ends of those operations that have ended, by id. @throws the database's errors */
export async function loadEnds(manager: EntityManager, ids: readonly string[]): Promise<Map<string, Ended>> {
  if (ids.length === 0) return new Map();
  const rows = await manager.query<Row[]>(
    `SELECT id, status, ${END_ID} AS end_id, DATE_FORMAT(finished_at, '%Y-%m-%dT%H:%i:%s.%fZ') AS finished FROM operations
     WHERE id IN (?) AND result IS NOT NULL`,
    [ids],
  );
  return new Map(
    rows.map((row) => [
      row['id'] as string,
      { status: row['status'] as string, id: row['end_id'] as string, finishedAt: row['finished'] as string },
    ]),
  );
}

/** Of operations whose messages were replayed: which are to be done again, and which must not be done any more. */
export async function loadReplayed(
  manager: EntityManager,
  starts: readonly Replayable[],
): Promise<{ again: Set<string>; superseded: Set<string> }> {
  const replayed = starts.flatMap(({ id, replay }) => (replay ? [{ id, ...replay }] : []));
  if (replayed.length === 0) return { again: new Set(), superseded: new Set() };
  const ends = await loadEnds(
    manager,
    replayed.flatMap(({ id, unless }) => (unless === null ? [id] : [id, unless])),
  );
  const superseded = replayed.filter(({ unless }) => unless !== null && ends.has(unless));
  const again = replayed.filter(
    (one) => one.again !== null && ends.get(one.id)?.id === one.again && !superseded.includes(one),
  );
  return { again: new Set(again.map(({ id }) => id)), superseded: new Set(superseded.map(({ id }) => id)) };
}

/**
 * Has the operations that are about to be done again count as failed, of which a new beginning forgets the end. One
 * that was begun again already has no end to forget: its begins count on. To be called in the transaction that notes the
 * beginnings. @throws the database's errors
 */
export async function forgetEnds(manager: EntityManager, starts: readonly Replayable[]): Promise<void> {
  const ends = starts.flatMap(({ id, replay }) => (replay?.again ? [{ id, again: replay.again }] : []));
  if (ends.length === 0) return;
  await manager.query(
    `UPDATE operations SET status = 'failed' WHERE id IN (?) AND ${END_ID} IN (?) AND finished_at IS NOT NULL`,
    [ends.map(({ id }) => id), ends.map(({ again }) => again)],
  );
}
