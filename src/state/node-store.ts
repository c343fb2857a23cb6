import { isDeepStrictEqual } from 'node:util';

import type { EntityManager } from 'typeorm';

import type { NetworkType } from '../contract/methods.js';
import type { Json, JsonObject, Node, Port, PortBinding, Portgroup, Task } from '../contract/types.js';
import { insertOrUpdate, readBoolean, readJson, type Row } from './rows.js';

/** A binding on record, with what it was made for and by. */
export interface StoredBinding extends PortBinding {
  network_type: NetworkType;
  network_provider: string;
}

/** What is on record for a node. */
export interface StoredNode {
  task: Task;
  conductorHost: string | null;
  bindings: StoredBinding[];
}

/** Keys of free-form fields that are kept. The rest may hold credentials, or megabytes, and is of no use here. */
const KEPT = {
  driver_info: ['provisioning_network', 'cleaning_network'],
  instance_info: ['capabilities', 'boot_option'],
  extra: ['client-id'],
};

function keep(object: JsonObject, keys: readonly string[]): JsonObject {
  return Object.fromEntries(
    keys.filter((key) => Object.hasOwn(object, key)).map((key) => [key, object[key] as Json] as const),
  );
}

/** A task as it is put on record: without what must not be stored. */
export function storable(task: Task): Task {
  return {
    node: {
      ...task.node,
      driver_info: keep(task.node.driver_info, KEPT.driver_info),
      instance_info: keep(task.node.instance_info, KEPT.instance_info),
    },
    ports: task.ports.map((port) => ({ ...port, extra: keep(port.extra, KEPT.extra) })).sort(byUuid),
    portgroups: task.portgroups.map((group) => ({ ...group, extra: keep(group.extra, KEPT.extra) })).sort(byUuid),
  };
}

function byUuid(a: { uuid: string }, b: { uuid: string }): number {
  return a.uuid < b.uuid ? -1 : 1;
}

/** Reads what is on record for some nodes. Nodes that are not known are not in the answer. */
export async function loadNodes(manager: EntityManager, uuids: string[]): Promise<Map<string, StoredNode>> {
  if (uuids.length === 0) return new Map();
  const select = (table: string, column: string): Promise<Row[]> =>
    manager.query<Row[]>(`SELECT * FROM ${table} WHERE ${column} IN (?) ORDER BY ${column}`, [uuids]);
  const nodes = await select('nodes', 'uuid');
  const [ports, portgroups, bindings] =
    nodes.length === 0
      ? [[], [], []]
      : [
          await select('ports', 'node_uuid'),
          await select('portgroups', 'node_uuid'),
          await select('port_bindings', 'node_uuid'),
        ];
  const stored = new Map<string, StoredNode>();
  for (const row of nodes) {
    const task: Task = { node: readNode(row), ports: [], portgroups: [] };
    stored.set(task.node.uuid, { task, conductorHost: row['conductor_host'] as string | null, bindings: [] });
  }
  for (const row of ports) stored.get(row['node_uuid'] as string)?.task.ports.push(readPort(row));
  for (const row of portgroups) stored.get(row['node_uuid'] as string)?.task.portgroups.push(readPortgroup(row));
  for (const row of bindings) stored.get(row['node_uuid'] as string)?.bindings.push(readBinding(row));
  for (const { task } of stored.values()) {
    task.ports.sort(byUuid);
    task.portgroups.sort(byUuid);
  }
  return stored;
}

/** A node's new record beside its old one. */
export interface NodeChange {
  before: StoredNode | null;
  /** As storable() gave it. */
  after: Task;
  conductorHost: string | null;
}

/** Puts nodes on record, with their ports and portgroups. Writes only what differs. */
export async function saveNodes(manager: EntityManager, changes: readonly NodeChange[]): Promise<void> {
  const changed = changes.filter(
    ({ before, after, conductorHost }) =>
      before?.conductorHost !== conductorHost || !isDeepStrictEqual(before.task, after),
  );
  await insertOrUpdate(
    manager,
    'nodes',
    changed.map(({ after: { node }, conductorHost }) => ({ ...node, conductor_host: conductorHost })),
  );
  await saveParts(manager, 'portgroups', changed, ({ portgroups }) => portgroups);
  await saveParts(manager, 'ports', changed, ({ ports }) => ports);
}

async function saveParts(
  manager: EntityManager,
  table: 'ports' | 'portgroups',
  changes: readonly NodeChange[],
  parts: (task: Task) => readonly (Port | Portgroup)[],
): Promise<void> {
  const written: Row[] = [];
  const gone: string[] = [];
  for (const { before, after } of changes) {
    const had = before ? parts(before.task) : [];
    const has = parts(after);
    if (isDeepStrictEqual(had, has)) continue;
    written.push(...has.map((part) => ({ ...part, node_uuid: after.node.uuid })));
    const kept = new Set(has.map(({ uuid }) => uuid));
    gone.push(...had.map(({ uuid }) => uuid).filter((uuid) => !kept.has(uuid)));
  }
  if (gone.length > 0) await manager.query(`DELETE FROM ${table} WHERE uuid IN (?)`, [gone]);
  await insertOrUpdate(manager, table, written);
}

function readNode(row: Row): Node {
  return {
    uuid: row['uuid'] as string,
    name: row['name'] as string | null,
    network_provider: row['network_provider'] as string | null,
    instance_uuid: row['instance_uuid'] as string | null,
    driver_info: readJson(row['driver_info']) as JsonObject,
    instance_info: readJson(row['instance_info']) as JsonObject,
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

function readBinding(row: Row): StoredBinding {
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
