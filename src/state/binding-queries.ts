import type { EntityManager } from 'typeorm';

import { METHOD_NAMES, type NetworkType } from '../contract/methods.js';
import { readBinding, type StoredBinding } from './node-store.js';
import { Conditions, type Row } from './rows.js';

/** Which bindings: those that are as all that is given says. */
export interface BindingFilter {
  /** UUIDs of nodes; none of them where the list is empty. */
  nodes?: readonly string[] | undefined;
  networkType?: NetworkType | undefined;
  /** The conductor host whose queue the node's last operation came from. */
  host?: string | undefined;
  /** The provider that made them. */
  provider?: string | undefined;
  /** The operation that made them. */
  operation?: string | undefined;
}

/** A binding that stands, with its node, what made it, and since when it stands. */
export interface BindingRecord extends StoredBinding {
  /** Its place in the lists. */
  id: number;
  node_uuid: string;
  /** Null: the node has none. */
  node_name: string | null;
  /** The operation that made it; it may have been forgotten since (option operations.keep). */
  operation_id: string;
  bound_at: Date;
}

/**
 * Bindings that are so, in the order in which they were made.
 *
 * @param page at most so many, after the binding with this id; all where it is left out
 * @throws the database's errors
 */
export async function loadBindings(
  manager: EntityManager,
  filter: BindingFilter,
  page?: { marker: number | null; limit: number },
): Promise<BindingRecord[]> {
  const conditions = new Conditions();
  conditions.among('b.node_uuid', filter.nodes);
  conditions.equal('b.network_type', filter.networkType);
  conditions.equal('n.conductor_host', filter.host);
  conditions.equal('b.network_provider', filter.provider);
  conditions.equal('b.operation_id', filter.operation);
  if (page?.marker !== undefined && page.marker !== null) conditions.add('b.id > ?', page.marker);
  const { where, values } = conditions;
  const rows = await manager.query<Row[]>(
    `SELECT b.*, n.name AS node_name FROM port_bindings b JOIN nodes n ON n.uuid = b.node_uuid
     WHERE ${where} ORDER BY b.id${page === undefined ? '' : ' LIMIT ?'}`,
    page === undefined ? values : [...values, page.limit],
  );
  return rows.map((row) => ({
    ...readBinding(row),
    id: Number(row['id']),
    node_uuid: row['node_uuid'] as string,
    node_name: row['node_name'] as string | null,
    operation_id: row['operation_id'] as string,
    bound_at: row['bound_at'] as Date,
  }));
}

/** The methods that put a node on a network, or take it off one. */
const MOVES = METHOD_NAMES.filter((name) => /^(add|remove|configure|unconfigure)_/.test(name));

/** On which network a node is. */
export interface Whereabouts {
  /** Null: on none. A node is never on a management network and a tenant network at once. */
  network_type: NetworkType | null;
  /**
   * Since when, and by which operation: of the oldest of its bindings; where there is none, the last operation
   * that moved it and succeeded. Null: there is none on record.
   */
  since: Date | null;
  operation_id: string | null;
  bindings: BindingRecord[];
}

/** Where a node is, since when, by which operation, with which bindings. @throws the database's errors */
export async function whereabouts(manager: EntityManager, nodeUuid: string): Promise<Whereabouts> {
  const bindings = await loadBindings(manager, { nodes: [nodeUuid] });
  const [first] = bindings;
  if (first !== undefined) {
    return { network_type: first.network_type, since: first.bound_at, operation_id: first.operation_id, bindings };
  }
  const [row] = await manager.query<Row[]>(
    `SELECT id, finished_at FROM operations
     WHERE node_uuid = ? AND status = 'succeeded' AND method IN (?) ORDER BY started_at DESC, id DESC LIMIT 1`,
    [nodeUuid, MOVES],
  );
  return {
    network_type: null,
    since: (row?.['finished_at'] ?? null) as Date | null,
    operation_id: (row?.['id'] ?? null) as string | null,
    bindings,
  };
}
