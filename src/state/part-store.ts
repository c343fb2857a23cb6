import type { EntityManager } from 'typeorm';

import { FIELDS } from '../contract/fields.js';
import type { Port, Portgroup, Task } from '../contract/types.js';
import { type Columns, insertOrUpdate, messageColumns, type Row } from './rows.js';
import { KEPT } from './task-record.js';

/** SQL that keeps the operators' own keys in extra: a task replaces only the keys that tasks have. */
const OTHER_EXTRA_STAYS = `JSON_MERGE_PATCH(JSON_REMOVE(extra, ${KEPT.extra.map((key) => `'$."${key}"'`).join(', ')}), VALUES(extra))`;

const PORT_COLUMNS: Columns<keyof Port | 'node_uuid'> = {
  ...messageColumns(FIELDS.port),
  node_uuid: 'new',
  extra: { sql: OTHER_EXTRA_STAYS },
};

const PORTGROUP_COLUMNS: Columns<keyof Portgroup | 'node_uuid'> = {
  ...messageColumns(FIELDS.portgroup),
  node_uuid: 'new',
  extra: { sql: OTHER_EXTRA_STAYS },
};

/**
 * Stores the ports and portgroups of tasks, and deletes those that their nodes no longer have.
 * @throws the database's errors
 */
export async function saveParts(manager: EntityManager, tasks: readonly Task[]): Promise<void> {
  if (tasks.length === 0) return;
  await replaceParts(manager, 'portgroups', PORTGROUP_COLUMNS, tasks, ({ portgroups }) => portgroups);
  await replaceParts(manager, 'ports', PORT_COLUMNS, tasks, ({ ports }) => ports);
}

async function replaceParts<Part extends Port | Portgroup>(
  manager: EntityManager,
  table: 'ports' | 'portgroups',
  columns: Columns<(keyof Part & string) | 'node_uuid'>,
  tasks: readonly Task[],
  partsOf: (task: Task) => readonly Part[],
): Promise<void> {
  const nodes = new Set(tasks.map(({ node }) => node.uuid));
  const parts = tasks.flatMap((task) => partsOf(task).map((part) => ({ ...part, node_uuid: task.node.uuid })));
  // If several nodes have the same part, it belongs to the last of them.
  const places = new Map(parts.map(({ uuid, node_uuid: node }) => [uuid, node]));
  const recorded = await loadPlaces(manager, table, [...nodes], [...places.keys()]);
  const gone = recorded.filter(({ uuid, node }) => nodes.has(node) && !places.has(uuid)).map(({ uuid }) => uuid);
  if (gone.length > 0) await manager.query(`DELETE FROM ${table} WHERE uuid IN (?)`, [gone]);
  await insertOrUpdate(manager, table, columns, parts);
  await forgetDigests(manager, [
    ...recorded.filter(({ uuid, node }) => !nodes.has(node) && places.get(uuid) !== node).map(({ node }) => node),
    ...parts.filter(({ uuid, node_uuid: node }) => places.get(uuid) !== node).map(({ node_uuid: node }) => node),
  ]);
}

/** Reads the nodes to which these parts belong in the database, and all other parts of the given nodes. */
async function loadPlaces(
  manager: EntityManager,
  table: 'ports' | 'portgroups',
  nodes: readonly string[],
  uuids: readonly string[],
): Promise<{ uuid: string; node: string }[]> {
  const rows = await manager.query<Row[]>(
    `SELECT uuid, node_uuid FROM ${table} WHERE node_uuid IN (?) UNION SELECT uuid, node_uuid FROM ${table} WHERE uuid IN (?)`,
    [nodes, uuids.length > 0 ? uuids : ['']],
  );
  return rows.map((row) => ({ uuid: row['uuid'] as string, node: row['node_uuid'] as string }));
}

/** Clears the digest of nodes that have lost a part to another node: their record no longer equals their last task. */
async function forgetDigests(manager: EntityManager, uuids: readonly string[]): Promise<void> {
  if (uuids.length > 0) await manager.query(`UPDATE nodes SET task_digest = '' WHERE uuid IN (?)`, [uuids]);
}
