import { format } from 'mysql2';
import type { EntityManager } from 'typeorm';

import type { NodeRow } from './entities/node.js';
import type { PortRow } from './entities/port.js';
import type { PortgroupRow } from './entities/portgroup.js';
import { NodeChanged } from './errors.js';
import { loadTasks, type StoredNode } from './node-store.js';
import { assertTaken, type Row } from './rows.js';
import { recordOf } from './task-record.js';

/** An operation that is under way. */
export interface RunningOperation {
  id: string;
  method: string;
}

/** A running operation of the node. Null if there is none. @throws the database's errors */
export async function runningOperation(manager: EntityManager, nodeUuid: string): Promise<RunningOperation | null> {
  return (await runningOperations(manager, [nodeUuid])).get(nodeUuid) ?? null;
}

/** A running operation of each of the nodes that have one, by UUID. @throws the database's errors */
export async function runningOperations(
  manager: EntityManager,
  uuids: readonly string[],
): Promise<Map<string, RunningOperation>> {
  if (uuids.length === 0) return new Map();
  const rows = await manager.query<Row[]>(
    `SELECT node_uuid, id, method FROM operations WHERE node_uuid IN (?) AND status = 'running'`,
    [uuids],
  );
  return new Map(
    rows.map((row) => [row['node_uuid'] as string, { id: row['id'] as string, method: row['method'] as string }]),
  );
}

/** Locks the rows of nodes until the transaction ends. @throws the database's errors */
export async function lockNodes(manager: EntityManager, uuids: readonly string[]): Promise<void> {
  if (uuids.length === 0) return;
  await manager.query('SELECT uuid FROM nodes WHERE uuid IN (?) ORDER BY uuid FOR UPDATE', [uuids]);
}

/** The entities that operators write. */
type Written = typeof NodeRow | typeof PortRow | typeof PortgroupRow;

/** Adds a row. @throws RowTooLarge, and the database's errors */
export async function insertRow(
  manager: EntityManager,
  entity: Written,
  row: Readonly<Record<string, unknown>>,
): Promise<void> {
  assertWritable(manager, entity, row);
  await manager.insert(entity, row);
}

/** Changes fields of a row. @throws RowTooLarge, and the database's errors */
export async function updateRow(
  manager: EntityManager,
  entity: Written,
  uuid: string,
  fields: Readonly<Record<string, unknown>>,
): Promise<void> {
  assertWritable(manager, entity, fields);
  await manager.update(entity, { uuid }, fields);
}

/** Checks that the server accepts a statement with these fields. @throws RowTooLarge */
export function assertWritable(
  manager: EntityManager,
  entity: Written,
  fields: Readonly<Record<string, unknown>>,
): void {
  assertTaken(manager, manager.dataSource.getMetadata(entity).tableName, fields);
}

/**
 * Stores the new digest of a node's task. Call it after every change of a part of the task: an operation that looked
 * the node up before sees by the digest that the node has changed.
 *
 * @throws the database's errors
 */
export async function saveDigest(manager: EntityManager, uuid: string): Promise<void> {
  const task = (await loadTasks(manager, [uuid])).get(uuid);
  if (task === undefined) return;
  await manager.query('UPDATE nodes SET task_digest = ? WHERE uuid = ?', [recordOf(task).digest, uuid]);
}

/** A node as it was at the look-up. `before` is null if it was not in the database. */
export interface Seen {
  uuid: string | null;
  before: Pick<StoredNode, 'digest'> | null;
}

/**
 * Checks that no operator has changed nodes since they were looked up, and locks their rows until the transaction ends.
 *
 * @throws NodeChanged, and the database's errors
 */
export async function checkUnchanged(manager: EntityManager, nodes: readonly Seen[]): Promise<void> {
  const statement = digestStatement(nodes);
  if (statement !== null) assertUnchanged(nodes, await manager.query<Row[]>(statement));
}

/** The statement of checkUnchanged. Null: no node was in the database, so there is nothing to check. */
export function digestStatement(nodes: readonly Seen[]): string | null {
  const seen = digestsOf(nodes);
  if (seen.size === 0) return null;
  // A shared lock is not enough: the commit writes these rows next, which would be a deadlock if an operator waits for
  // them.
  return format('SELECT uuid, task_digest FROM nodes WHERE uuid IN (?) ORDER BY uuid FOR UPDATE', [[...seen.keys()]]);
}

/** Checks the rows that the server returned for digestStatement. @throws NodeChanged */
export function assertUnchanged(nodes: readonly Seen[], rows: readonly Row[]): void {
  const now = new Map(rows.map((row) => [row['uuid'] as string, row['task_digest'] as string]));
  const changed = [...digestsOf(nodes)].filter(([uuid, digest]) => now.get(uuid) !== digest).map(([uuid]) => uuid);
  if (changed.length > 0) throw new NodeChanged(changed);
}

function digestsOf(nodes: readonly Seen[]): Map<string, string> {
  return new Map(
    nodes.flatMap(({ uuid, before }) => (uuid === null || before === null ? [] : [[uuid, before.digest] as const])),
  );
}
