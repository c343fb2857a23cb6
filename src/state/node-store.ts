import { hash } from 'node:crypto';

import type { EntityManager } from 'typeorm';

import { MANAGEMENT_NETWORK_TYPES, type NetworkType } from '../contract/methods.js';
import type { JsonObject, Node, Port, PortBinding, Portgroup, Task, Vif } from '../contract/types.js';
import { insertOrUpdate, readBoolean, readJson, type Columns, type Row } from './rows.js';

/** A binding on record, with what it was made for and by. */
export interface StoredBinding extends PortBinding {
  network_type: NetworkType;
  network_provider: string;
}

/** What is on record for a node. */
export interface StoredNode {
  networkProvider: string | null;
  conductorHost: string | null;
  /** SHA-256 of the task on record. */
  digest: string;
  bindings: StoredBinding[];
  /** What vif_attach attached and is attached still. */
  vifs: Vif[];
  /** The task on record, where it was asked for; else null. */
  task: Task | null;
  /**
   * Whether requests whose answers nobody saw may have changed something in Neutron: `out`, they may still; `over`, they
   * can no more, and what they did has to be looked for once; null: there are none.
   */
  late: 'out' | 'over' | null;
}

/** A task as it is put on record. */
export interface TaskRecord {
  /** Without what must not be stored. */
  task: Task;
  digest: string;
  /** What vif_attach attached and is attached still. */
  vifs: Vif[];
}

/** Keys of free-form fields that are kept. The rest may hold credentials, or megabytes, and is of no use here. */
export const KEPT = {
  driver_info: [
    ...MANAGEMENT_NETWORK_TYPES.map((type) => `${type}_network`),
    'fail_on_binding_failure',
    'one_port_per_portgroup',
  ],
  instance_info: ['capabilities', 'boot_option'],
  extra: ['client-id'],
  internal_info: ['tenant', ...MANAGEMENT_NETWORK_TYPES].map((type) => `${type}_vif_port_id`),
};

/** The object itself where all of it is kept. */
function keep(object: JsonObject, keys: readonly string[]): JsonObject {
  if (Object.keys(object).every((key) => keys.includes(key))) return object;
  const kept: JsonObject = {};
  for (const key of keys) {
    const value = object[key];
    if (value !== undefined) kept[key] = value;
  }
  return kept;
}

function keepKnown<T extends Port | Portgroup>(part: T): T {
  const extra = keep(part.extra, KEPT.extra);
  const info = keep(part.internal_info, KEPT.internal_info);
  return extra === part.extra && info === part.internal_info ? part : { ...part, extra, internal_info: info };
}

/** Makes a task's record. */
export function recordOf(full: Task, vifs: Vif[] = []): TaskRecord {
  const driverInfo = keep(full.node.driver_info, KEPT.driver_info);
  const instanceInfo = keep(full.node.instance_info, KEPT.instance_info);
  const task = {
    node: { ...full.node, driver_info: driverInfo, instance_info: instanceInfo },
    ports: full.ports.map(keepKnown).sort(byUuid),
    portgroups: full.portgroups.map(keepKnown).sort(byUuid),
  };
  return { task, digest: hash('sha256', JSON.stringify(task)), vifs };
}

function byUuid(a: { uuid: string }, b: { uuid: string }): number {
  return a.uuid < b.uuid ? -1 : 1;
}

/**
 * Reads what is on record for some nodes, without their tasks. Nodes that are not known are not in the answer.
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

/** Reads the tasks on record of some nodes. */
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
  for (const row of nodes) tasks.set(row['uuid'] as string, { node: readNode(row), ports: [], portgroups: [] });
  for (const row of ports) tasks.get(row['node_uuid'] as string)?.ports.push(readPort(row));
  for (const row of portgroups) tasks.get(row['node_uuid'] as string)?.portgroups.push(readPortgroup(row));
  return tasks;
}

/** A node's new record beside its old one. */
export interface NodeChange {
  before: StoredNode | null;
  after: TaskRecord;
  conductorHost: string | null;
}

const NODE_COLUMNS: Columns<keyof Node | 'conductor_host' | 'task_digest' | 'attached_vifs'> = {
  uuid: 'new',
  name: 'new',
  network_provider: 'new',
  instance_uuid: 'new',
  driver_info: 'new',
  instance_info: 'new',
  provision_state: 'new',
  boot_interface: 'new',
  network_data: 'new',
  conductor_host: 'new',
  task_digest: 'new',
  attached_vifs: 'new',
};

/** Puts nodes on record, with their ports and portgroups where the task differs. */
export async function saveNodes(manager: EntityManager, changes: readonly NodeChange[]): Promise<void> {
  const rows = changes.map(({ after: { task, digest, vifs }, conductorHost }) => ({
    ...task.node,
    conductor_host: conductorHost,
    task_digest: digest,
    attached_vifs: vifs,
  }));
  await insertOrUpdate(manager, 'nodes', NODE_COLUMNS, rows);
  const redescribed = changes.filter(({ before, after }) => before?.digest !== after.digest);
  await saveParts(manager, 'portgroups', PORTGROUP_COLUMNS, redescribed, ({ portgroups }) => portgroups);
  await saveParts(manager, 'ports', PORT_COLUMNS, redescribed, ({ ports }) => ports);
}

/** Nodes for which requests without an answer are out, and for how many seconds these may take effect. */
export async function saveLate(manager: EntityManager, uuids: readonly string[], seconds: number): Promise<void> {
  if (uuids.length === 0) return;
  await manager.query('UPDATE nodes SET late_until = UTC_TIMESTAMP(6) + INTERVAL ? SECOND WHERE uuid IN (?)', [
    seconds,
    uuids,
  ]);
}

/** A node, and the conductor host whose queue its last operation came from. */
export interface NodePlace {
  uuid: string;
  conductorHost: string | null;
}

/** At most so many nodes of some conductor hosts, or of none, for which what late requests did has to be looked for. */
export async function loadLate(manager: EntityManager, hosts: readonly string[], limit: number): Promise<NodePlace[]> {
  const rows = await manager.query<Row[]>(
    `SELECT uuid, conductor_host FROM nodes
     WHERE late_until <= UTC_TIMESTAMP(6) AND (conductor_host IN (?) OR conductor_host IS NULL) LIMIT ?`,
    [hosts.length > 0 ? hosts : [''], limit],
  );
  return rows.map((row) => ({ uuid: row['uuid'] as string, conductorHost: row['conductor_host'] as string | null }));
}

/** Nodes for which what late requests did was looked for when none could come any more. */
export async function saveSettled(manager: EntityManager, uuids: readonly string[]): Promise<void> {
  if (uuids.length === 0) return;
  await manager.query('UPDATE nodes SET late_until = NULL WHERE uuid IN (?)', [uuids]);
}

/** What operators keep in extra stays: a task is heard on its own keys alone. */
const OTHER_EXTRA_STAYS = `JSON_MERGE_PATCH(JSON_REMOVE(extra, ${KEPT.extra.map((key) => `'$."${key}"'`).join(', ')}), VALUES(extra))`;

const PORT_COLUMNS: Columns<keyof Port | 'node_uuid'> = {
  uuid: 'new',
  node_uuid: 'new',
  address: 'new',
  portgroup_uuid: 'new',
  pxe_enabled: 'new',
  local_link_connection: 'new',
  physical_network: 'new',
  is_smartnic: 'new',
  internal_info: 'new',
  extra: { sql: OTHER_EXTRA_STAYS },
};

const PORTGROUP_COLUMNS: Columns<keyof Portgroup | 'node_uuid'> = {
  uuid: 'new',
  node_uuid: 'new',
  name: 'new',
  address: 'new',
  mode: 'new',
  properties: 'new',
  standalone_ports_supported: 'new',
  physical_network: 'new',
  internal_info: 'new',
  extra: { sql: OTHER_EXTRA_STAYS },
};

async function saveParts<Part extends Port | Portgroup>(
  manager: EntityManager,
  table: 'ports' | 'portgroups',
  columns: Columns<(keyof Part & string) | 'node_uuid'>,
  changes: readonly NodeChange[],
  partsOf: (task: Task) => readonly Part[],
): Promise<void> {
  const known = changes.filter(({ before }) => before !== null).map(({ after }) => after.task.node.uuid);
  const parts = changes.flatMap(({ after: { task } }) =>
    partsOf(task).map((part) => ({ ...part, node_uuid: task.node.uuid })),
  );
  if (known.length > 0) {
    const uuids = parts.length > 0 ? parts.map(({ uuid }) => uuid) : [''];
    await manager.query(`DELETE FROM ${table} WHERE node_uuid IN (?) AND uuid NOT IN (?)`, [known, uuids]);
  }
  await insertOrUpdate(manager, table, columns, parts);
}

function readNode(row: Row): Node {
  return {
    uuid: row['uuid'] as string,
    name: row['name'] as string | null,
    network_provider: row['network_provider'] as string | null,
    instance_uuid: row['instance_uuid'] as string | null,
    driver_info: readJson(row['driver_info']) as JsonObject,
    instance_info: readJson(row['instance_info']) as JsonObject,
    provision_state: row['provision_state'] as string | null,
    boot_interface: row['boot_interface'] as string | null,
    network_data: (readJson(row['network_data']) ?? {}) as JsonObject,
  };
}

function readPort(row: Row): Port {
  return {
    uuid: row['uuid'] as string,
    address: row['address'] as string,
    portgroup_uuid: row['portgroup_uuid'] as string | null,
    pxe_enabled: readBoolean(row['pxe_enabled']),
    local_link_connection: readJson(row['local_link_connection']) as JsonObject,
    physical_network: row['physical_network'] as string | null,
    is_smartnic: readBoolean(row['is_smartnic']),
    internal_info: readJson(row['internal_info']) as JsonObject,
    extra: readJson(row['extra']) as JsonObject,
  };
}

function readPortgroup(row: Row): Portgroup {
  return {
    uuid: row['uuid'] as string,
    name: row['name'] as string | null,
    address: row['address'] as string | null,
    mode: row['mode'] as string | null,
    properties: readJson(row['properties']) as JsonObject,
    standalone_ports_supported: readBoolean(row['standalone_ports_supported']),
    physical_network: row['physical_network'] as string | null,
    internal_info: readJson(row['internal_info']) as JsonObject,
    extra: readJson(row['extra']) as JsonObject,
  };
}

/** A row of port_bindings. */
export function readBinding(row: Row): StoredBinding {
  return {
    port_uuid: row['port_uuid'] as string | null,
    portgroup_uuid: row['portgroup_uuid'] as string | null,
    neutron_port_id: row['neutron_port_id'] as string,
    network_id: row['network_id'] as string,
    host_id: row['host_id'] as string,
    vnic_type: row['vnic_type'] as string,
    vif_type: row['vif_type'] as string,
    status: row['status'] as string,
    mac_address: row['mac_address'] as string,
    fixed_ips: readJson(row['fixed_ips']) as PortBinding['fixed_ips'],
    profile: readJson(row['profile']) as JsonObject,
    network_type: row['network_type'] as NetworkType,
    network_provider: row['network_provider'] as string,
  };
}
