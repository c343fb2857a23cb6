import { randomUUID } from 'node:crypto';

import type { EntityManager } from 'typeorm';

type Fields = Record<string, unknown>;

/** Puts an operation on record without a worker. Answers with its id. */
export async function putOperation(manager: EntityManager, fields: Fields & { id?: string } = {}): Promise<string> {
  const id = fields.id ?? randomUUID().replaceAll('-', '');
  await insert(manager, 'operations', {
    kind: 'cast',
    method: 'add_cleaning_network',
    network_type: 'cleaning',
    network_provider: 'neutron',
    node_uuid: randomUUID(),
    conductor_host: 'conductor-1',
    status: 'succeeded',
    started_at: '2026-01-01 00:00:00.000000',
    ...fields,
    id,
  });
  return id;
}

/** Puts a node on record. Answers with its UUID. */
export async function putNode(manager: EntityManager, fields: Fields = {}): Promise<string> {
  const uuid = randomUUID();
  const task = { driver_info: '{}', instance_info: '{}', task_digest: '' };
  await insert(manager, 'nodes', { uuid, conductor_host: 'conductor-1', ...task, ...fields });
  return uuid;
}

/** Puts a port of a node on record. Answers with its UUID. */
export async function putPort(manager: EntityManager, fields: Fields & { node_uuid: string }): Promise<string> {
  const uuid = randomUUID();
  await insert(manager, 'ports', {
    uuid,
    address: '52:54:00:00:00:01',
    local_link_connection: JSON.stringify({ switch_info: 'tor-1', port_id: 'Ethernet1' }),
    internal_info: '{}',
    extra: '{}',
    ...fields,
  });
  return uuid;
}

/** Puts a binding of a node on record. Answers with the id of its Neutron port. */
export async function putBinding(manager: EntityManager, fields: Fields & { node_uuid: string }): Promise<string> {
  const id = randomUUID();
  await insert(manager, 'port_bindings', {
    network_type: 'cleaning',
    network_provider: 'neutron',
    operation_id: 'op',
    port_uuid: randomUUID(),
    neutron_port_id: id,
    network_id: randomUUID(),
    host_id: fields.node_uuid,
    vnic_type: 'baremetal',
    vif_type: 'other',
    status: 'ACTIVE',
    mac_address: '52:54:00:00:00:01',
    fixed_ips: JSON.stringify([{ subnet_id: randomUUID(), ip_address: '192.0.2.5' }]),
    profile: '{}',
    ...fields,
  });
  return id;
}

async function insert(manager: EntityManager, table: string, row: Fields): Promise<void> {
  const columns = Object.keys(row);
  await manager.query(`INSERT INTO ${table} (${columns.join(', ')}) VALUES ?`, [[Object.values(row)]]);
}
