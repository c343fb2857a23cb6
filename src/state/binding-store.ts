import type { EntityManager } from 'typeorm';

import { FIELDS } from '../contract/fields.js';
import type { NetworkType } from '../contract/methods.js';
import type { PortBinding, RecordedBinding } from '../contract/types.js';
import type { OperationEnd } from './operation-store.js';
import { type Columns, insertOrUpdate, messageColumns } from './rows.js';

/** The bindings that a node is to have on a network type. */
export interface BindingReplacement {
  node: string;
  type: NetworkType;
  /** The bindings of the node in the database. */
  recorded: readonly RecordedBinding[];
  bindings: readonly PortBinding[];
  networkProvider: string;
  /** The operation that made those of the bindings that are new. */
  operation: string;
}

/** What an operation's end replaces, by network type. Empty if its bindings must not change in the database. */
function replacementsOf({ start, result, bindings, standing, before }: OperationEnd): BindingReplacement[] {
  const { nodeUuid: node, networkType, id: operation } = start;
  if (node === null) return [];
  const recorded = before?.bindings ?? [];
  const common = { node, recorded, networkProvider: result.network_provider, operation };
  if (standing === undefined) {
    return bindings === null || networkType === null ? [] : [{ ...common, type: networkType, bindings }];
  }
  const types = new Set([...standing, ...recorded].map((binding) => binding.network_type));
  return [...types].map((type) => {
    return { ...common, type, bindings: standing.filter((binding) => binding.network_type === type) };
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
  await replaceBindings(manager, ends.flatMap(replacementsOf));
}

/** Replaces stored bindings. @throws the database's errors */
export async function replaceBindings(
  manager: EntityManager,
  replacements: readonly BindingReplacement[],
): Promise<void> {
  const written: Record<keyof typeof BINDING_COLUMNS, unknown>[] = [];
  for (const { node, type, recorded, bindings, networkProvider, operation } of replacements) {
    const standing = new Set(bindings.map(({ neutron_port_id: id }) => id));
    const gone = recorded
      .filter((binding) => binding.network_type === type && !standing.has(binding.neutron_port_id))
      .map(({ neutron_port_id: id }) => id);
    if (gone.length > 0) {
      await manager.query(
        'DELETE FROM port_bindings WHERE node_uuid = ? AND network_type = ? AND neutron_port_id IN (?)',
        [node, type, gone],
      );
    }
    for (const binding of bindings) {
      written.push({
        ...binding,
        node_uuid: node,
        network_type: type,
        network_provider: networkProvider,
        operation_id: operation,
      });
    }
  }
  await insertOrUpdate(manager, 'port_bindings', BINDING_COLUMNS, written);
}
