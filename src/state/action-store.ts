import type { EntityManager } from 'typeorm';

import { readJson, type Row, writeJson } from './rows.js';

/** What an operator can have done. */
export const ACTION_KINDS = ['requeue', 'drop', 'replay', 'reconciliation'] as const;
export type ActionKind = (typeof ACTION_KINDS)[number];

/** `lost`: the process that did it died, or lost the database. */
export const ACTION_STATUSES = ['running', 'done', 'failed', 'lost'] as const;
export type ActionStatus = (typeof ACTION_STATUSES)[number];

/** Who wants what. */
export interface NewAction {
  id: string;
  kind: ActionKind;
  user_id: string | null;
  user_name: string | null;
  project_id: string | null;
  request_id: string;
  request: object;
}

/** Something that an operator had done, and how far it is. */
export interface OperatorAction extends NewAction {
  status: ActionStatus;
  done: number;
  /** Null: not known yet. */
  total: number | null;
  report: unknown;
  error: string | null;
  started_at: Date;
  finished_at: Date | null;
}

/** Seconds after which an action of which nothing was heard counts as lost. */
const LOST_AFTER = 60;
/** Seconds for which actions are kept: a year and a month. */
const KEPT_FOR = 400 * 86_400;
/** Most of them that one statement deletes. */
const GROUP = 1000;
/** Longest error that is kept, in characters. */
const MAX_ERROR = 10_000;

/** Records that an action begins, and deletes very old ones. @throws the database's errors */
export async function beginAction(manager: EntityManager, action: NewAction): Promise<void> {
  const { id, kind, user_id, user_name, project_id, request_id, request } = action;
  await manager.query(
    `INSERT INTO operator_actions (id, kind, user_id, user_name, project_id, request_id, request, status, started_at, seen_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, 'running', UTC_TIMESTAMP(6), UTC_TIMESTAMP(6))`,
    [id, kind, user_id, user_name, project_id, request_id, writeJson(request)],
  );
  await manager.query(
    'DELETE FROM operator_actions WHERE started_at < UTC_TIMESTAMP(6) - INTERVAL ? SECOND ORDER BY started_at LIMIT ?',
    [KEPT_FOR, GROUP],
  );
}

/** Records how far an action is, and that it is still being done. @throws the database's errors */
export async function tellProgress(
  manager: EntityManager,
  id: string,
  { done, total }: { done: number; total: number | null },
): Promise<void> {
  await manager.query('UPDATE operator_actions SET done = ?, total = ?, seen_at = UTC_TIMESTAMP(6) WHERE id = ?', [
    done,
    total,
    id,
  ]);
}

/** Records how an action ended. @param error null: it is done @throws the database's errors */
export async function endAction(
  manager: EntityManager,
  id: string,
  { report, error }: { report: object | null; error: string | null },
): Promise<void> {
  await manager.query(
    `UPDATE operator_actions SET status = ?, report = ?, error = ?, seen_at = UTC_TIMESTAMP(6),
       finished_at = UTC_TIMESTAMP(6) WHERE id = ?`,
    [error === null ? 'done' : 'failed', report && writeJson(report), error?.slice(0, MAX_ERROR) ?? null, id],
  );
}

/** Reads an action; null: there is none with this id. @throws the database's errors */
export async function loadAction(manager: EntityManager, id: string): Promise<OperatorAction | null> {
  const [row] = await manager.query<Row[]>(`SELECT *, ${LOST} FROM operator_actions WHERE id = ?`, [id]);
  return row === undefined ? null : readAction(row);
}

/** Reads the newest actions, the newest first, without their reports. @throws the database's errors */
export async function listActions(
  manager: EntityManager,
  { kind, limit }: { kind: ActionKind | undefined; limit: number },
): Promise<OperatorAction[]> {
  const where = kind === undefined ? 'TRUE' : 'kind = ?';
  const rows = await manager.query<Row[]>(
    `SELECT id, kind, user_id, user_name, project_id, request_id, request, status, done, total, error, started_at,
       finished_at, ${LOST} FROM operator_actions WHERE ${where} ORDER BY started_at DESC, id LIMIT ?`,
    kind === undefined ? [limit] : [kind, limit],
  );
  return rows.map(readAction);
}

const LOST = `status = 'running' AND seen_at < UTC_TIMESTAMP(6) - INTERVAL ${LOST_AFTER} SECOND AS lost`;

function readAction(row: Row): OperatorAction {
  const lost = Number(row['lost']) === 1;
  return {
    id: row['id'] as string,
    kind: row['kind'] as ActionKind,
    user_id: row['user_id'] as string | null,
    user_name: row['user_name'] as string | null,
    project_id: row['project_id'] as string | null,
    request_id: row['request_id'] as string,
    request: readJson(row['request']) as object,
    status: lost ? 'lost' : (row['status'] as ActionStatus),
    done: Number(row['done']),
    total: row['total'] === null ? null : Number(row['total']),
    report: readJson(row['report'] ?? null),
    error: row['error'] as string | null,
    started_at: row['started_at'] as Date,
    finished_at: row['finished_at'] as Date | null,
  };
}
