import type { EntityManager } from 'typeorm';

import type { Row } from './rows.js';

/** SQL of the id of an operation's stored end. The first end has the operation's own id. */
export const END_ID = 'COALESCE(end_id, id)';

/** What a replayed message or a requeued dead letter says about its operation. */
export interface Replay {
  /**
   * Id of the stored end that must be forgotten, so that the operation is done again. If the operation has another end,
   * that end stays: so a message that is delivered twice is not done a third time, perhaps after its successors.
   */
  again: string | null;
  /** A later operation of the same node. If that has ended, this operation must not be done any more. */
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
  /** Id of the end. */
  id: string;
  /** The time of the end in ISO 8601, with microseconds. */
  finishedAt: string;
}

/** Reads the ends of operations, by their ids. Those that have not ended are left out. @throws the database's errors */
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

/** Finds which replayed operations must be done again, and which must not be done any more (superseded). */
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
 * Marks operations that are about to be done again as failed, so that their new begin removes the stored end. If an
 * operation has already been begun again, it has no end to remove, and its begins continue to count. Call it in the
 * transaction that stores the begins.
 *
 * @throws the database's errors
 */
export async function forgetEnds(manager: EntityManager, starts: readonly Replayable[]): Promise<void> {
  const ends = starts.flatMap(({ id, replay }) => (replay?.again ? [{ id, again: replay.again }] : []));
  if (ends.length === 0) return;
  await manager.query(
    `UPDATE operations SET status = 'failed' WHERE id IN (?) AND ${END_ID} IN (?) AND finished_at IS NOT NULL`,
    [ends.map(({ id }) => id), ends.map(({ again }) => again)],
  );
}
