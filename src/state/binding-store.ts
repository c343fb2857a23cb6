import type { EntityManager } from 'typeorm';

import { FIELDS } from '../contract/fields.js';
import type { NetworkType } from '../contract/methods.js';
import type { PortBinding } from '../contract/types.js';
import type { OperationEnd } from './operation-store.js';
import { type Columns, insertOrUpdate, messageColumns } from './rows.js';

/** Splits the bindings of an operation's end by network type. Empty if its bindings must not change in the database. */
function byNetworkType(end: OperationEnd): (OperationEnd & { type: NetworkType; bindings: PortBinding[] })[] {
  const { start, bindings, standing, before } = end;
  if (start.nodeUuid === null) return [];
  if (standing === undefined) {
    return bindings === null || start.networkType === null ? [] : [{ ...end, type: start.networkType, bindings }];
  }
  const types = new Set([...standing, ...(before?.bindings ?? [])].map((binding) => binding.network_type));
  return [...types].map((type) => {
    return { ...end, type, bindings: standing.filter((binding) => binding.network_type === type) };
  });
}

/** The columns of a binding. One that existed before keeps its operation_id, that of the operation that made it. */
export const BINDING_COLUMNS: Columns<
  keyof PortBinding | 'node_uuid' | 'network_type' | 'network_provider' | 'operation_id'
> = {
  ...messageColumns(FIELDS.binding),
  node_uuid: 'kept',
  network_type: 'kept',
  neutron_port_id: 'kept',
  operation_id: 'kept',
  network_provider: 'new',
};

/** Replaces the stored bindings of each operation's network type by its current ones. */
export async function saveBindings(manager: EntityManager, ends: readonly OperationEnd[]): Promise<void> {
  const written: Record<keyof typeof BINDING_COLUMNS, unknown>[] = [];
  for (const { start, result, before, type, bindings } of ends.flatMap(byNetworkType)) {
    const standing = new Set(bindings.map(({ neutron_port_id: id }) => id));
    const gone = (before?.bindings ?? [])
      .filter((binding) => binding.network_type === type && !standing.has(binding.neutron_port_id))
      .map(({ neutron_port_id: id }) => id);
    if (gone.length > 0) {
      await manager.query(
        'DELETE FROM port_bindings WHERE node_uuid = ? AND network_type = ? AND neutron_port_id IN (?)',
        [start.nodeUuid, type, gone],
      );
    }
    for (const binding of bindings) {
      written.push({
        ...binding,
        node_uuid: start.nodeUuid,
        network_type: type,
        network_provider: result.network_provider,
        operation_id: start.id,
      });
    }
  }
  await insertOrUpdate(manager, 'port_bindings', BINDING_COLUMNS, written);
}
