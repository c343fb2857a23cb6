import type { DataSource } from 'typeorm';

import type { Config } from '../../config/load.js';
import { pick } from '../../inventory/input-fields.js';
import { type NodeDocument, Nodes } from '../../inventory/nodes.js';
import { BUILT_IN } from '../../providers/provider-registry.js';
import { withRecords } from '../../services/database-access.js';
import { UsageError } from '../../services/errors.js';
import { loadBindings, type NodeRow, PortgroupRow, PortRow, whereabouts } from '../../state/index.js';
import { describeNode, LISTED_COLUMNS, type ListedNode, nodeTable, nodeToJson } from '../output/node-view.js';
import { firstPage, outputOf, type OutputOptions, print, tellMore } from '../output/output.js';

export interface NodeListOptions extends OutputOptions {
  provider?: string;
  host?: string;
  owner?: string;
  lessee?: string;
  limit: number;
  marker?: string;
}

/** Fields of a node that can be changed, with their options. */
const CHANGED = {
  network_provider: { key: 'networkProvider', option: '--network-provider', value: 'NAME' },
  name: { key: 'name', option: '--name', value: 'NAME' },
  owner: { key: 'owner', option: '--owner', value: 'PROJECT' },
  lessee: { key: 'lessee', option: '--lessee', value: 'PROJECT' },
} as const;
type ChangedField = keyof typeof CHANGED;
type ChangedKey = (typeof CHANGED)[ChangedField]['key'];

export type NodeSetOptions = OutputOptions & Partial<Record<ChangedKey, string>>;
export type NodeUnsetOptions = OutputOptions & Partial<Record<ChangedKey, boolean>>;

/** The rules for changing nodes, with the providers of the configuration. */
function inventoryOf(dataSource: DataSource, config: Config): Nodes {
  const providers = [...Object.keys(BUILT_IN), ...Object.keys(config.providers)];
  return new Nodes(dataSource, () => providers);
}

/**
 * Prints a page of nodes.
 *
 * @throws InputRefused when the marker is not a node
 */
export async function listNodes(config: Config, options: NodeListOptions): Promise<void> {
  const { provider, host, owner, lessee, limit, marker } = options;
  const found = await withRecords(config, async (manager, dataSource) => {
    const nodes = inventoryOf(dataSource, config);
    const after = marker === undefined ? null : await nodes.get(marker);
    const filter = { network_provider: provider, conductor: host, owner, lessee };
    const rows = await nodes.list(filter, {
      columns: LISTED_COLUMNS,
      sortKey: 'uuid',
      sortDir: 'asc',
      after,
      limit: limit + 1,
    });
    const bindings = await loadBindings(manager, { nodes: rows.map(({ uuid }) => uuid) });
    const networks = new Map(bindings.map(({ node_uuid, network_type }) => [node_uuid, network_type]));
    return rows.map((row): ListedNode => {
      return { ...pick(row, LISTED_COLUMNS), network_type: networks.get(row.uuid) ?? null };
    });
  });
  const { page: nodes, next } = firstPage(found, limit, ({ uuid }) => uuid);
  const fallback = config.default_network_provider;
  print(outputOf(options), { nodes, next_marker: next }, () => nodeTable(nodes, fallback));
  tellMore(next, options);
}

/**
 * Prints everything about a node.
 *
 * @throws InputRefused when there is no such node
 */
export async function showNode(config: Config, ident: string, options: OutputOptions): Promise<void> {
  const shown = await withRecords(config, async (manager, dataSource) => {
    const node = await inventoryOf(dataSource, config).get(ident);
    const [network, ports, portgroups] = await Promise.all([
      whereabouts(manager, node.uuid),
      manager.find(PortRow, { where: { node_uuid: node.uuid }, order: { uuid: 'ASC' } }),
      manager.find(PortgroupRow, { where: { node_uuid: node.uuid }, order: { uuid: 'ASC' } }),
    ]);
    return { node, network, ports, portgroups };
  });
  const fallback = config.default_network_provider;
  print(outputOf(options), nodeToJson(shown), () => describeNode(shown, fallback));
}

/**
 * Sets fields of a node.
 *
 * @throws InputRefused when the rules do not allow the change
 */
export async function setNode(config: Config, ident: string, options: NodeSetOptions): Promise<void> {
  const given = Object.entries(CHANGED).flatMap(([field, { key }]) =>
    options[key] === undefined ? [] : [[field, options[key]]],
  );
  if (given.length === 0) {
    const choices = Object.values(CHANGED).map(({ option, value }) => `${option} ${value}`);
    throw new UsageError(`node set needs ${choices.join(' or ')}`);
  }
  await change(config, ident, options, (document) => ({ ...document, ...Object.fromEntries(given) }) as NodeDocument);
}

/**
 * Clears fields of a node.
 *
 * @throws InputRefused when the rules do not allow the change
 */
export async function unsetNode(config: Config, ident: string, options: NodeUnsetOptions): Promise<void> {
  const named = Object.entries(CHANGED).flatMap(([field, { key }]) => (options[key] === true ? [[field, null]] : []));
  if (named.length === 0) {
    const choices = Object.values(CHANGED).map(({ option }) => option);
    throw new UsageError(`node unset needs ${choices.join(' or ')}`);
  }
  await change(config, ident, options, (document) => ({ ...document, ...Object.fromEntries(named) }) as NodeDocument);
}

async function change(
  config: Config,
  ident: string,
  options: OutputOptions,
  edit: (document: NodeDocument) => NodeDocument,
): Promise<void> {
  const node: NodeRow = await withRecords(config, (_, dataSource) =>
    inventoryOf(dataSource, config).update(ident, edit),
  );
  const { uuid, name, network_provider, owner, lessee } = node;
  const projects = `owner ${owner ?? '-'}, lessee ${lessee ?? '-'}`;
  const text = `node ${uuid}: name ${name ?? '-'}, network provider ${network_provider ?? '-'}, ${projects}`;
  print(outputOf(options), { uuid, name, network_provider, owner, lessee }, text);
}
