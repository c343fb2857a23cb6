import type { EntityManager } from 'typeorm';

import type { Task } from '../contract/types.js';
import { loadNodes, loadTasks, type StoredNode } from './node-store.js';
import type { Row } from './rows.js';

/** Selects stored nodes: the given nodes, or those of the given conductor hosts. All if neither is set. */
export interface NodeScope {
  nodes?: readonly string[] | undefined;
  hosts?: readonly string[] | undefined;
}

/** A stored node with its task. */
export type NodeWithTask = StoredNode & { task: Task };

/** Counts the stored nodes in the scope. @throws the database's errors */
export async function countNodes(manager: EntityManager, scope: NodeScope): Promise<number> {
  const { where, values } = whereOf(scope);
  const [row] = await manager.query<Row[]>(`SELECT COUNT(*) AS nodes FROM nodes WHERE ${where}`, values);
  return Number(row?.['nodes'] ?? 0);
}

/**
 * The UUIDs of one page of the nodes in the scope, in the order of the UUIDs.
 *
 * @param after the last UUID of the previous page; '' for the first page
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

/** The UUIDs of the stored nodes with this name. @throws the database's errors */
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

/** Reads stored nodes with their tasks, by UUID. Unknown nodes are left out. @throws the database's errors */
export async function loadRecords(manager: EntityManager, uuids: string[]): Promise<Map<string, NodeWithTask>> {
  const [nodes, tasks] = await Promise.all([loadNodes(manager, uuids), loadTasks(manager, uuids)]);
  const records = new Map<string, NodeWithTask>();
  for (const [uuid, node] of nodes) {
    const task = tasks.get(uuid);
    if (task !== undefined) records.set(uuid, { ...node, task });
  }
  return records;
}

/** The ids of the projects that own and lease a node. */
export interface Tenancy {
  owner: string | null;
  lessee: string | null;
}

/** Reads the owners and lessees of nodes, by UUID. Unknown nodes are left out. @throws the database's errors */
export async function loadTenancies(manager: EntityManager, uuids: readonly string[]): Promise<Map<string, Tenancy>> {
  if (uuids.length === 0) return new Map();
  const sql = 'SELECT uuid, owner, lessee FROM nodes WHERE uuid IN (?)';
  const rows = await manager.query<(Tenancy & { uuid: string })[]>(sql, [uuids]);
  return new Map(rows.map(({ uuid, owner, lessee }) => [uuid, { owner, lessee }]));
}

/**
 * How many operations a node has at one moment. If two such readings are equal and nothing is running, no operation
 * took place between them.
 */
export interface Activity {
  operations: number;
  running: number;
}

/** Counts the operations of nodes, by UUID. Nodes without operations are left out. @throws the database's errors */
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

/**
 * Notes what a comparison found about nodes: whether they differ from their records. What was found later stays.
 *
 * @param at when it began to look at them, by the database's clock (databaseTime)
 * @throws the database's errors
 */
export async function noteComparisons(
  manager: EntityManager,
  nodes: readonly string[],
  differs: boolean,
  at: string,
): Promise<void> {
  if (nodes.length === 0) return;
  // Of the nodes that are still on record. The values are assigned from left to right.
  await manager.query(
    `INSERT INTO node_comparisons (node_uuid, differs, compared_at) SELECT uuid, ?, ? FROM nodes WHERE uuid IN (?)
     ON DUPLICATE KEY UPDATE differs = IF(VALUES(compared_at) > compared_at, VALUES(differs), differs),
       compared_at = GREATEST(VALUES(compared_at), compared_at)`,
    [differs, at, nodes],
  );
}

/**
 * The UUIDs of the nodes in the scope that a comparison before a time found to differ, a worker's comparison or another.
 * A later one may have found that they do not.
 *
 * @throws the database's errors
 */
export async function nodesFoundToDiffer(manager: EntityManager, scope: NodeScope, before: string): Promise<string[]> {
  const { where, values } = whereOf(scope);
  const rows = await manager.query<Row[]>(
    `SELECT uuid FROM nodes WHERE ${where} AND (
       uuid IN (SELECT node_uuid FROM node_comparisons WHERE differs AND compared_at < ?)
       OR uuid IN (SELECT node_uuid FROM operations WHERE method = 'reconcile' AND status = 'succeeded'
         AND finished_at < ? AND JSON_CONTAINS(result, '{"repaired": false}', '$.findings')))`,
    [...values, before, before],
  );
  return rows.map((row) => row['uuid'] as string);
}

/**
 * Reads a page of the networks that nodes are on: their UUIDs, in order.
 *
 * @param project only networks of nodes that this project owns or leases; undefined: of all nodes
 * @param page at most `limit` networks, after the one with the UUID `marker`; null: from the first on
 * @throws the database's errors
 */
export async function listNetworks(
  manager: EntityManager,
  project: string | undefined,
  { marker, limit }: { marker: string | null; limit: number },
): Promise<string[]> {
  const own = project === undefined ? [] : [project, project];
  const nodes = 'JOIN nodes n ON n.uuid = b.node_uuid AND (n.owner = ? OR n.lessee = ?)';
  const rows = await manager.query<Row[]>(
    `SELECT DISTINCT b.network_id FROM port_bindings b ${project === undefined ? '' : nodes}
     WHERE b.network_id > ? ORDER BY b.network_id LIMIT ?`,
    [...own, marker ?? '', limit],
  );
  return rows.map((row) => row['network_id'] as string);
}
