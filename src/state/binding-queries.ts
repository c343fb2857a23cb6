import type { EntityManager } from 'typeorm';

import { METHOD_NAMES, type NetworkType } from '../contract/methods.js';
import { readBinding, type StoredBinding } from './node-store.js';
import { Conditions, type Row } from './rows.js';

/** Filters for bindings: a binding must match all that are set. */
export interface BindingFilter {
  /** UUIDs of nodes. An empty list matches no binding. */
  nodes?: readonly string[] | undefined;
  networkType?: NetworkType | undefined;
  /** The conductor host whose queue had the node's last operation. */
  host?: string | undefined;
  /** The provider that made the bindings. */
  provider?: string | undefined;
  /** The operation that made the bindings. */
  operation?: string | undefined;
}

/** A current binding, with its node, the operation that made it, and the time at which it was made. */
export interface BindingRecord extends StoredBinding {
  /** Its position in lists: they are sorted by it. */
  id: number;
  node_uuid: string;
  /** Null: the node has no name. */
  node_name: string | null;
  /** The operation that made the binding. It may have been deleted since (option operations.keep). */
  operation_id: string;
  bound_at: Date;
}

/**
 * Reads the bindings that match the filter, in the order in which they were made.
 *
 * @param page at most `limit` bindings, after the one whose id is `marker`. Default: all.
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

/** The methods that put a node on a network or remove it from one. */
const MOVES = METHOD_NAMES.filter((name) => /^(add|remove|configure|unconfigure)_/.test(name));

/** The network on which a node is. */
export interface Whereabouts {
  /** Null: on no network. A node is never on a management network and a tenant network at once. */
  network_type: NetworkType | null;
  /**
   * When and by which operation the node came there: from its oldest binding, or, if it has none, from the last
   * operation that moved it and succeeded. Null: neither is in the database.
   */
  since: Date | null;
  operation_id: string | null;
  bindings: BindingRecord[];
}

/** Reads on which network a node is, since when, by which operation, and its bindings. @throws the database's errors */
export async function whereabouts(manager: EntityManager, nodeUuid: string): Promise<Whereabouts> {
  const bindings = await loadBindings(manager, { nodes: [nodeUuid] });
  const [first] = bindings;
  if (first !== undefined) {
    return { network_type: first.network_type, since: first.bound_at, operation_id: first.operation_id, bindings };
  }
  const [row] = await manager.query<Row[]>(
    `SELECT id, finished_at FROM operations
     WHERE node_uuid = ? AND status = 'succeeded' AND method IN (?) ORDER BY started_at DESC, seq DESC LIMIT 1`,
    [nodeUuid, MOVES],
  );
  return {
    network_type: null,
    since: (row?.['finished_at'] ?? null) as Date | null,
    operation_id: (row?.['id'] ?? null) as string | null,
    bindings,
  };
}
