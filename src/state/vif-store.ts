import type { DataSource, EntityManager } from 'typeorm';

import { NetprovError } from '../errors.js';
import type { OperationEnd } from './operation-store.js';
import type { Row } from './rows.js';

/** A VIF that an operation attaches to a node. */
export interface VifClaim {
  vif: string;
  node: string;
  operation: string;
}

/** Another node that has a VIF. */
export interface VifHolder {
  vif: string;
  node: string;
  /** Whether the VIF is only being attached to the node. False: it is bound or attached in the database. */
  attaching: boolean;
}

/** Hours after which a claim expires. Every attempt of an operation renews it. */
const CLAIM_HOURS = 1;

/** Thrown to roll back the transaction of a claim, because another node has the VIF. */
class Held extends NetprovError {
  readonly code = 'vif_held';

  constructor(readonly holder: VifHolder) {
    super(`VIF ${holder.vif} is held by node ${holder.node}`);
  }
}

/**
 * Claims a VIF for a node while an operation attaches it. If two operations want the same VIF for two nodes, the
 * primary key of the claims lets only one of them pass. The other finds the first one's claim, or what the first one
 * has stored.
 *
 * @returns null if the VIF is now claimed; otherwise the other node that has it
 * @throws the database's errors
 */
export async function claimVif(dataSource: DataSource, claim: VifClaim): Promise<VifHolder | null> {
  const { vif, node, operation } = claim;
  try {
    await dataSource.transaction(async (manager) => {
      // From here on the row is locked, whether we inserted it or another operation did.
      await manager.query(
        `INSERT INTO vif_claims (vif_id, node_uuid, operation_id, claimed_at) VALUES (?, ?, ?, UTC_TIMESTAMP(6))
         ON DUPLICATE KEY UPDATE vif_id = vif_id`,
        [vif, node, operation],
      );
      const holder = (await claimedBy(manager, claim)) ?? (await onRecordFor(manager, [vif], node));
      if (holder !== null) throw new Held(holder);
      await manager.query(
        'UPDATE vif_claims SET node_uuid = ?, operation_id = ?, claimed_at = UTC_TIMESTAMP(6) WHERE vif_id = ?',
        [node, operation, vif],
      );
    });
    return null;
  } catch (error) {
    if (error instanceof Held) return error.holder;
    throw error;
  }
}

/** Finds another node whose running operation has claimed the VIF. */
async function claimedBy(manager: EntityManager, { vif, node }: VifClaim): Promise<VifHolder | null> {
  const [row] = await manager.query<Row[]>(
    `SELECT c.node_uuid FROM vif_claims c JOIN operations o ON o.id = c.operation_id
     WHERE c.vif_id = ? AND c.node_uuid <> ? AND o.finished_at IS NULL
       AND c.claimed_at > UTC_TIMESTAMP(6) - INTERVAL ${CLAIM_HOURS} HOUR`,
    [vif, node],
  );
  return row === undefined ? null : { vif, node: row['node_uuid'] as string, attaching: true };
}

/** Finds another node to which one of the VIFs is bound or attached in the database. @throws the database's errors */
async function onRecordFor(manager: EntityManager, vifs: readonly string[], node: string): Promise<VifHolder | null> {
  const parts = [
    'SELECT node_uuid, neutron_port_id AS vif FROM port_bindings WHERE neutron_port_id IN (?) AND node_uuid <> ?',
    'SELECT node_uuid, tenant_vif AS vif FROM ports WHERE tenant_vif IN (?) AND node_uuid <> ?',
    'SELECT node_uuid, tenant_vif AS vif FROM portgroups WHERE tenant_vif IN (?) AND node_uuid <> ?',
  ];
  const [row] = await manager.query<Row[]>(
    `${parts.join(' UNION ALL ')} LIMIT 1`,
    parts.flatMap(() => [vifs, node]),
  );
  return holderIn(row);
}

/** Finds another node to which one of the VIFs is bound in the database. @throws the database's errors */
export async function boundFor(
  manager: EntityManager,
  vifs: readonly string[],
  node: string,
): Promise<VifHolder | null> {
  if (vifs.length === 0) return null;
  const [row] = await manager.query<Row[]>(
    `SELECT node_uuid, neutron_port_id AS vif FROM port_bindings
     WHERE neutron_port_id IN (?) AND network_type = 'tenant' AND node_uuid <> ? LIMIT 1`,
    [vifs, node],
  );
  return holderIn(row);
}

function holderIn(row: Row | undefined): VifHolder | null {
  return row === undefined ? null : { vif: row['vif'] as string, node: row['node_uuid'] as string, attaching: false };
}

/**
 * Deletes the claims of operations that ended: what they attached is stored with their end.
 * @throws the database's errors
 */
export async function releaseVifs(manager: EntityManager, ends: readonly OperationEnd[]): Promise<void> {
  const ids = ends.filter(({ start }) => start.method === 'vif_attach').map(({ start }) => start.id);
  if (ids.length > 0) await manager.query('DELETE FROM vif_claims WHERE operation_id IN (?)', [ids]);
}
