import type { EntityManager } from 'typeorm';

import type { Task } from '../contract/types.js';
import { loadNodes, loadTasks, type StoredNode } from './node-store.js';
import type { Row } from './rows.js';

/** Which of the nodes on record: those named, or those of some conductor hosts; all where neither is given. */
export interface NodeScope {
  nodes?: readonly string[] | undefined;
  hosts?: readonly string[] | undefined;
}

/** What is on record of a node, with its task. */
export type RecordedNode = StoredNode & { task: Task };

/** How many nodes on record there are in the scope. @throws the database's errors */
export async function countNodes(manager: EntityManager, scope: NodeScope): Promise<number> {
  const { where, values } = whereOf(scope);
  const [row] = await manager.query<Row[]>(`SELECT COUNT(*) AS nodes FROM nodes WHERE ${where}`, values);
  return Number(row?.['nodes'] ?? 0);
}

/**
 * UUIDs of the nodes in the scope, in their order.
 *
 * @param after the last one of the page before; '' for the first page
 * @throws the database's errors
 */
export async function pageOfNodes(
  manager: EntityManager,
  scope: NodeScope,
  after: string,
  limit: number,
): Promise<string[]> {
  const { where, values } = whereOf(scope);
  const sql = `SELECT uuid FROM nodes WHERE ${where} AND uuid > ? ORDER BY uuid LIMIT ?`;
  const rows = await manager.query<Row[]>(sql, [...values, after, limit]);
  return rows.map((row) => row['uuid'] as string);
}

/** UUIDs of the nodes on record that have this name. @throws the database's errors */
export async function nodesNamed(manager: EntityManager, name: string): Promise<string[]> {
  const rows = await manager.query<Row[]>('SELECT uuid FROM nodes WHERE name = ? ORDER BY uuid', [name]);
  return rows.map((row) => row['uuid'] as string);
}

function whereOf({ nodes, hosts }: NodeScope): { where: string; values: unknown[] } {
  if (nodes !== undefined) return nodes.length === 0 ? NONE : { where: 'uuid IN (?)', values: [nodes] };
  if (hosts !== undefined) return hosts.length === 0 ? NONE : { where: 'conductor_host IN (?)', values: [hosts] };
  return { where: 'TRUE', values: [] };
}

const NONE = { where: 'FALSE', values: [] };

/** What is on record of some nodes. @throws the database's errors */
export async function loadRecords(manager: EntityManager, uuids: string[]): Promise<Map<string, RecordedNode>> {
  const [nodes, tasks] = await Promise.all([loadNodes(manager, uuids), loadTasks(manager, uuids)]);
  const records = new Map<string, RecordedNode>();
  for (const [uuid, node] of nodes) {
    const task = tasks.get(uuid);
    if (task !== undefined) records.set(uuid, { ...node, task });
  }
  return records;
}

/** The operations of a node at one moment. Two that are equal, and none running: nothing happened between them. */
export interface Activity {
  operations: number;
  running: number;
}

/** Those of some nodes; one without any operation is not in the answer. @throws the database's errors */
export async function activityOf(manager: EntityManager, uuids: readonly string[]): Promise<Map<string, Activity>> {
  if (uuids.length === 0) return new Map();
  const rows = await manager.query<Row[]>(
    `SELECT node_uuid, COUNT(*) AS operations, SUM(status = 'running') AS running
     FROM operations WHERE node_uuid IN (?) GROUP BY node_uuid`,
    [uuids],
  );
  return new Map(
    rows.map((row) => [
      row['node_uuid'] as string,
      { operations: Number(row['operations']), running: Number(row['running']) },
    ]),
  );
}
