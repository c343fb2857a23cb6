import { randomUUID } from 'node:crypto';

import { type DataSource, type EntityManager, type FindOptionsWhere, In, IsNull, Not } from 'typeorm';
import { z } from 'zod';

import { isInTasks } from '../contract/fields.js';
import { unknownProvider } from '../contract/network-interface.js';
import { insertRow, NodeRow, pageOf, type PageQuery, PortBindingRow, saveDigest, updateRow } from '../state/index.js';
import { InputRefused } from './errors.js';
import { assertNew, assertUnique, identified } from './identified.js';
import {
  containing,
  edited,
  jsonObject,
  keptObject,
  logicalName,
  networkProvider,
  pick,
  read,
  text,
  uuidField,
} from './input-fields.js';
import { assertIdle, inTransaction, lockNode } from './lock.js';

/** Fields of a node that an operator can set; absent fields become null or empty. */
export const NODE_INPUT = z.strictObject({
  uuid: uuidField.nullish(),
  name: logicalName.nullable().default(null),
  driver: text(255).nullable().default(null),
  driver_info: keptObject('driver_info').default({}),
  properties: jsonObject.default({}),
  extra: jsonObject.default({}),
  instance_uuid: uuidField.nullable().default(null),
  instance_info: keptObject('instance_info').default({}),
  network_provider: networkProvider.nullable().default(null),
  boot_interface: text(255).nullable().default(null),
  resource_class: text(80).nullable().default(null),
  description: text(4096).nullable().default(null),
  network_data: jsonObject.default({}),
  owner: text(255).nullable().default(null),
  lessee: text(255).nullable().default(null),
});

/** The fields of a node that operators set. */
export type NodeDocument = z.output<typeof NODE_INPUT>;
export type NodeField = Exclude<keyof NodeDocument, 'uuid'>;
const DOCUMENT = Object.keys(NODE_INPUT.shape) as (keyof NodeDocument)[];
export const NODE_FIELDS = DOCUMENT.filter((field) => field !== 'uuid');

/** Filters of nodes: a node must match all that are set. */
export interface NodeFilter {
  driver?: string | undefined;
  resource_class?: string | undefined;
  provision_state?: string | undefined;
  instance_uuid?: string | undefined;
  network_provider?: string | undefined;
  conductor?: string | undefined;
  owner?: string | undefined;
  lessee?: string | undefined;
  /** Whether the request has another condition, not in this filter, that no node matches. */
  none?: boolean | undefined;
  /** Whether the nodes have an instance. */
  associated?: boolean | undefined;
  description_contains?: string | undefined;
}

/** The nodes in the database, for operators. All methods throw InputRefused, and the database's errors. */
export class Nodes {
  /** @param providers names that network_provider can have */
  constructor(
    private readonly dataSource: DataSource,
    private readonly providers: () => readonly string[],
  ) {}

  /** Finds a node by UUID; null: it is not in the database. */
  find(id: string): Promise<NodeRow | null> {
    return this.dataSource.manager.findOneBy(NodeRow, { uuid: id });
  }

  /**
   * Gets a node by UUID or name.
   *
   * @param project a lookup by name finds only nodes that this project owns or leases; undefined: all nodes
   */
  get(ident: string, project?: string): Promise<NodeRow> {
    return identified(this.dataSource.manager, NodeRow, 'Node', ident, project);
  }

  /** Lists a page of the nodes that match the filter. */
  list(filter: NodeFilter, query: Omit<PageQuery<NodeRow>, 'where'>): Promise<NodeRow[]> {
    return pageOf(this.dataSource.manager, NodeRow, { ...query, where: conditionOf(filter) });
  }

  async create(input: unknown): Promise<NodeRow> {
    const document = read(NODE_INPUT, input);
    const { resource_class: resourceClass } = document;
    const node = {
      ...document,
      uuid: document.uuid ?? randomUUID(),
      resource_class: resourceClass === '' ? null : resourceClass,
    };
    this.#assertKnown(node.network_provider);
    return inTransaction(this.dataSource, async (manager) => {
      await assertNew(manager, NodeRow, 'Node', node.uuid);
      await assertFree(manager, node.uuid, node);
      await insertRow(manager, NodeRow, { ...node, task_digest: '' });
      await saveDigest(manager, node.uuid);
      return manager.findOneByOrFail(NodeRow, { uuid: node.uuid });
    });
  }

  /** @param edit takes the current node and returns the wanted one */
  async update(ident: string, edit: (document: NodeDocument) => object): Promise<NodeRow> {
    const { uuid: id } = await this.get(ident);
    return inTransaction(this.dataSource, async (manager) => {
      const before = documentOf(await lockNode(manager, id));
      const { after, changed } = edited(NODE_INPUT, before, edit);
      if (changed.includes('uuid')) throw new InputRefused('invalid', 'uuid: it cannot be changed');
      const fields = NODE_FIELDS.filter((field) => changed.includes(field));
      if (fields.length > 0) await this.#save(manager, id, fields, after);
      return manager.findOneByOrFail(NodeRow, { uuid: id });
    });
  }

  async remove(ident: string): Promise<void> {
    const { uuid: id } = await this.get(ident);
    await inTransaction(this.dataSource, async (manager) => {
      const node = await lockNode(manager, id);
      await assertIdle(manager, id);
      if (node.instance_uuid !== null) {
        throw new InputRefused('conflict', `Node ${id} is associated with instance ${node.instance_uuid}.`);
      }
      await assertUnbound(manager, id, 'it is deleted');
      await manager.delete(NodeRow, { uuid: id });
    });
  }

  async #save(manager: EntityManager, id: string, changed: readonly NodeField[], after: NodeDocument): Promise<void> {
    if (changed.includes('network_provider')) {
      this.#assertKnown(after.network_provider);
      await assertUnbound(manager, id, 'its network provider is changed');
    }
    // Other fields can be changed even while an operation of the node is under way.
    const described = changed.some((field) => isInTasks('node', field));
    if (described) await assertIdle(manager, id);
    await assertFree(manager, id, Object.fromEntries(changed.map((field) => [field, after[field]])));
    // pxe_boot is what a conductor reported of the previous boot interface.
    const stale = changed.includes('boot_interface') ? { pxe_boot: null } : {};
    const values = Object.fromEntries(changed.map((field) => [field, after[field]]));
    await updateRow(manager, NodeRow, id, { ...values, ...stale });
    if (described) await saveDigest(manager, id);
  }

  #assertKnown(name: string | null): void {
    const known = this.providers();
    if (name === null || known.includes(name)) return;
    throw new InputRefused('invalid', unknownProvider('network_provider', name, known));
  }
}

function documentOf(row: NodeRow): NodeDocument {
  const { properties, extra, network_data, ...fields } = pick(row, DOCUMENT);
  return { ...fields, properties: properties ?? {}, extra: extra ?? {}, network_data: network_data ?? {} };
}

function conditionOf(filter: NodeFilter): FindOptionsWhere<NodeRow> {
  const { associated, description_contains: part, conductor, none = false, ...equal } = filter;
  const given = Object.fromEntries(Object.entries(equal).filter(([, value]) => value !== undefined));
  return {
    ...(associated === undefined ? {} : { instance_uuid: associated ? Not(IsNull()) : IsNull() }),
    ...(part === undefined ? {} : { description: containing(part) }),
    ...(conductor === undefined ? {} : { conductor_host: conductor }),
    ...given,
    ...(none ? { uuid: In([]) } : {}),
  };
}

/**
 * Checks that no other node has the name or the instance.
 *
 * @throws InputRefused when another node has one of them
 */
async function assertFree(
  manager: EntityManager,
  id: string,
  { name, instance_uuid: instance }: Partial<Pick<NodeDocument, 'name' | 'instance_uuid'>>,
): Promise<void> {
  await assertUnique(manager, NodeRow, 'Node', id, { name });
  if (!instance) return;
  const where = { instance_uuid: instance, uuid: Not(id) };
  const other = await manager.findOne(NodeRow, { where, lock: { mode: 'pessimistic_write' } });
  if (other === null) return;
  throw new InputRefused(
    'conflict',
    `Instance ${instance} is already associated with node ${other.uuid}, it cannot be associated with node ${id}.`,
  );
}

/** @throws InputRefused when the node is on a network */
async function assertUnbound(manager: EntityManager, id: string, before: string): Promise<void> {
  const binding = await manager.findOneBy(PortBindingRow, { node_uuid: id });
  if (binding === null) return;
  throw new InputRefused(
    'conflict',
    `Node ${id} is bound to its ${binding.network_type} network by network provider ${binding.network_provider} ` +
      `(Neutron port ${binding.neutron_port_id}): remove it from that network before ${before}.`,
  );
}
