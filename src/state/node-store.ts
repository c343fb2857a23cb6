import type { EntityManager } from 'typeorm';

import { FIELDS } from '../contract/fields.js';
import type { NetworkType } from '../contract/methods.js';
import type { Node, PortBinding, RecordedBinding, Task, Vif } from '../contract/types.js';
import { packetLimitOf } from './database-hosts.js';
import { isDuplicate, NodeChanged } from './errors.js';
import { loadPlaces, type PartPlaces, partStatements } from './part-store.js';
import {
  type Columns,
  insertOrUpdateStatements,
  insertStatements,
  messageColumns,
  readBoolean,
  readFields,
  readJson,
  type Row,
} from './rows.js';
import type { TaskRecord } from './task-record.js';

/** A binding on record, with the name of the provider that made it. Providers themselves get it without that name. */
export interface StoredBinding extends RecordedBinding {
  network_provider: string;
}

/** What the database knows about a node. */
export interface StoredNode {
  networkProvider: string | null;
  conductorHost: string | null;
  /** SHA-256 of the stored task. */
  digest: string;
  bindings: StoredBinding[];
  /** The VIFs that vif_attach attached and that are still attached. */
  vifs: Vif[];
  /** The stored task. Null if it was not requested. */
  task: Task | null;
  /**
   * Whether unanswered requests, whose answers nobody saw, may change something in Neutron. `out`: they may still take
   * effect. `over`: they cannot any more, and one last repair must undo what they did. Null: there are none.
   */
  late: 'out' | 'over' | null;
}

/**
 * Reads nodes without their tasks, by UUID. Unknown nodes are left out.
 */
export async function loadNodes(manager: EntityManager, uuids: string[]): Promise<Map<string, StoredNode>> {
  if (uuids.length === 0) return new Map();
  const [nodes, bindings] = await Promise.all([
    manager.query<Row[]>(
      `SELECT uuid, network_provider, conductor_host, task_digest, attached_vifs, late_until <= UTC_TIMESTAMP(6) AS late_over
       FROM nodes WHERE uuid IN (?)`,
      [uuids],
    ),
    manager.query<Row[]>('SELECT * FROM port_bindings WHERE node_uuid IN (?) ORDER BY id', [uuids]),
  ]);
  const stored = new Map<string, StoredNode>();
  for (const row of nodes) {
    stored.set(row['uuid'] as string, {
      networkProvider: row['network_provider'] as string | null,
      conductorHost: row['conductor_host'] as string | null,
      digest: row['task_digest'] as string,
      bindings: [],
      vifs: (readJson(row['attached_vifs']) ?? []) as Vif[],
      task: null,
      late: row['late_over'] === null ? null : readBoolean(row['late_over']) === true ? 'over' : 'out',
    });
  }
  for (const row of bindings) stored.get(row['node_uuid'] as string)?.bindings.push(readBinding(row));
  return stored;
}

/** Reads the stored tasks of nodes, by UUID. */
export async function loadTasks(manager: EntityManager, uuids: string[]): Promise<Map<string, Task>> {
  if (uuids.length === 0) return new Map();
  const select = (table: string, column: string): Promise<Row[]> =>
    manager.query<Row[]>(`SELECT * FROM ${table} WHERE ${column} IN (?) ORDER BY uuid`, [uuids]);
  const [nodes, ports, portgroups] = await Promise.all([
    select('nodes', 'uuid'),
    select('ports', 'node_uuid'),
    select('portgroups', 'node_uuid'),
  ]);
  const tasks = new Map<string, Task>();
  for (const row of nodes) {
    tasks.set(row['uuid'] as string, { node: readFields(FIELDS.node, row), ports: [], portgroups: [] });
  }
  const taskOf = (row: Row): Task | undefined => tasks.get(row['node_uuid'] as string);
  for (const row of ports) taskOf(row)?.ports.push(readFields(FIELDS.port, row));
  for (const row of portgroups) taskOf(row)?.portgroups.push(readFields(FIELDS.portgroup, row));
  return tasks;
}

/** A node's old and new record. */
export interface NodeChange {
  before: StoredNode | null;
  after: TaskRecord;
  conductorHost: string | null;
}

type NodeColumn = keyof Node | 'conductor_host' | 'task_digest' | 'attached_vifs';

const NODE_COLUMNS: Columns<NodeColumn> = {
  ...messageColumns(FIELDS.node),
  conductor_host: 'new',
  task_digest: 'new',
  attached_vifs: 'new',
};

/**
 * Stores nodes. It stores their ports and portgroups too if the task has changed.
 *
 * @throws NodeChanged when a node was not in the database at the look-up, but is now; and the database's errors
 */
export async function saveNodes(manager: EntityManager, changes: readonly NodeChange[]): Promise<void> {
  const places = await loadPlaces(manager, describedAnew(changes));
  try {
    const statements = nodeStatements(changes, places, packetLimitOf(manager.dataSource));
    for (const statement of statements) await manager.query(statement);
  } catch (error) {
    throw isDuplicate(error) ? nodesAppeared(changes) : error;
  }
}

/** The tasks of the nodes whose ports and portgroups have to be stored. */
export function describedAnew(changes: readonly NodeChange[]): Task[] {
  return changes.filter(({ before, after }) => before?.digest !== after.digest).map(({ after }) => after.task);
}

/**
 * The statements of saveNodes. If one fails because of a duplicate key, a new node is in the database already.
 *
 * @param places what loadPlaces has read for the tasks of describedAnew
 * @param limit bytes of the longest statement
 * @throws RowTooLarge
 */
export function nodeStatements(changes: readonly NodeChange[], places: PartPlaces, limit: number): string[] {
  const [added, known] = [changes.filter(isNew), changes.filter((change) => !isNew(change))];
  return [
    ...insertStatements('nodes', NODE_COLUMNS, added.map(rowOf), limit),
    ...insertOrUpdateStatements('nodes', NODE_COLUMNS, known.map(rowOf), limit),
    ...partStatements(describedAnew(changes), places, limit),
  ];
}

/** The error for nodes that were not in the database at the look-up, of which one at least is there now. */
export function nodesAppeared(changes: readonly NodeChange[]): NodeChanged {
  return new NodeChanged(changes.filter(isNew).map(({ after }) => after.task.node.uuid));
}

function isNew({ before }: NodeChange): boolean {
  return before === null;
}

function rowOf({ after: { task, digest, vifs }, conductorHost }: NodeChange): Record<NodeColumn, unknown> {
  return { ...task.node, conductor_host: conductorHost, task_digest: digest, attached_vifs: vifs };
}

/** Stores that nodes have unanswered requests, which may take effect for so many seconds from now. */
export async function saveLate(manager: EntityManager, uuids: readonly string[], seconds: number): Promise<void> {
  if (uuids.length === 0) return;
  await manager.query('UPDATE nodes SET late_until = UTC_TIMESTAMP(6) + INTERVAL ? SECOND WHERE uuid IN (?)', [
    seconds,
    uuids,
  ]);
}

/** A node, and the conductor host whose queue had its last operation. */
export interface NodePlace {
  uuid: string;
  conductorHost: string | null;
}

/**
 * Reads the nodes whose unanswered requests can no longer take effect, and that need a last repair. They belong to one
 * of the given conductor hosts, or to none.
 *
 * @param after UUID of a node: only nodes with greater UUIDs are read, in the order of the UUIDs
 * @param limit the most nodes to read
 */
export async function loadLate(
  manager: EntityManager,
  hosts: readonly string[],
  after: string,
  limit: number,
): Promise<NodePlace[]> {
  const rows = await manager.query<Row[]>(
    `SELECT uuid, conductor_host FROM nodes
     WHERE late_until <= UTC_TIMESTAMP(6) AND (conductor_host IN (?) OR conductor_host IS NULL) AND uuid > ?
     ORDER BY uuid LIMIT ?`,
    [hosts.length > 0 ? hosts : [''], after, limit],
  );
  return rows.map((row) => ({ uuid: row['uuid'] as string, conductorHost: row['conductor_host'] as string | null }));
}

/** Stores that the last repair of nodes is done, after their unanswered requests could no longer take effect. */
export async function saveSettled(manager: EntityManager, uuids: readonly string[]): Promise<void> {
  if (uuids.length === 0) return;
  await manager.query('UPDATE nodes SET late_until = NULL WHERE uuid IN (?)', [uuids]);
}

/** Reads a row of port_bindings. */
export function readBinding(row: Row): StoredBinding {
  return {
    ...readFields<PortBinding>(FIELDS.binding, row),
    network_type: row['network_type'] as NetworkType,
    network_provider: row['network_provider'] as string,
  };
}
