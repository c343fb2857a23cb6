import type { DataSource } from 'typeorm';

import type { Config } from '../config.js';
import { Nodes, type NodeDocument } from '../inventory/nodes.js';
import { BUILT_IN } from '../providers/registry.js';
import { loadBindings, PortgroupRow, PortRow, whereabouts, type NodeRow } from '../state/index.js';
import { withRecords } from './database.js';
import { UsageError } from './exit.js';
import { describeNode, nodeTable, nodeToJson, type ListedNode } from './node-output.js';
import { outputOf, print, type OutputOptions } from './output.js';
import { pageOf, tellMore } from './page.js';

export interface NodeListOptions extends OutputOptions {
  provider?: string;
  host?: string;
  limit: number;
  marker?: string;
}

export interface NodeSetOptions extends OutputOptions {
  networkProvider?: string;
  name?: string;
}

export interface NodeUnsetOptions extends OutputOptions {
  networkProvider?: boolean;
  name?: boolean;
}

const LISTED = ['uuid', 'name', 'network_provider', 'conductor_host', 'instance_uuid'] as const;

/** The rules by which nodes are changed, for a configuration's providers. */
function inventoryOf(dataSource: DataSource, config: Config): Nodes {
  const providers = [...Object.keys(BUILT_IN), ...Object.keys(config.providers)];
  return new Nodes(dataSource, () => providers);
}

/** Prints a page of nodes. @throws Refused when the marker is none */
export async function listNodes(config: Config, options: NodeListOptions): Promise<void> {
  const { provider, host, limit, marker } = options;
  const found = await withRecords(config, async (manager, dataSource) => {
    const nodes = inventoryOf(dataSource, config);
    const after = marker === undefined ? null : await nodes.get(marker);
    const filter = { network_provider: provider, conductor: host };
    const rows = await nodes.list(filter, {
      columns: LISTED,
      sortKey: 'uuid',
      sortDir: 'asc',
      after,
      limit: limit + 1,
    });
    const bindings = await loadBindings(manager, { nodes: rows.map(({ uuid }) => uuid) });
    const networks = new Map(bindings.map(({ node_uuid, network_type }) => [node_uuid, network_type]));
    return rows.map((row): ListedNode => {
      const { uuid, name, network_provider, conductor_host, instance_uuid } = row;
      const network_type = networks.get(uuid) ?? null;
      return { uuid, name, network_provider, conductor_host, instance_uuid, network_type };
    });
  });
  const { page: nodes, next } = pageOf(found, limit, ({ uuid }) => uuid);
  const fallback = config.default_network_provider;
  print(outputOf(options), { nodes, next_marker: next }, () => nodeTable(nodes, fallback));
  tellMore(next, options);
}

/** Prints all about a node. @throws Refused when there is none */
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

/** Changes a node. @throws Refused by the rules, with their sentence */
export async function setNode(config: Config, ident: string, options: NodeSetOptions): Promise<void> {
  const { networkProvider, name } = options;
  if (networkProvider === undefined && name === undefined) {
    throw new UsageError('node set needs --network-provider NAME or --name NAME');
  }
  await change(config, ident, options, (document) => ({
    ...document,
    ...(networkProvider === undefined ? {} : { network_provider: networkProvider }),
    ...(name === undefined ? {} : { name }),
  }));
}

/** Takes back what was said of a node. @throws Refused by the rules, with their sentence */
export async function unsetNode(config: Config, ident: string, options: NodeUnsetOptions): Promise<void> {
  const { networkProvider = false, name = false } = options;
  if (!networkProvider && !name) throw new UsageError('node unset needs --network-provider or --name');
  await change(config, ident, options, (document) => ({
    ...document,
    ...(networkProvider ? { network_provider: null } : {}),
    ...(name ? { name: null } : {}),
  }));
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
  const { uuid, name, network_provider } = node;
  const text = `node ${uuid}: name ${name ?? '-'}, network provider ${network_provider ?? '-'}`;
  print(outputOf(options), { uuid, name, network_provider }, text);
}
