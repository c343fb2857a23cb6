import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';

import { type DataSource, type EntityManager, Not } from 'typeorm';
import { z } from 'zod';

import { FIELDS, isInTasks } from '../contract/fields.js';
import type { Port } from '../contract/types.js';
import { tenantVif } from '../contract/vifs.js';
import {
  assertWritable,
  insertRow,
  KEPT,
  type NodeRow,
  pageOf,
  type PageQuery,
  PortBindingRow,
  PortgroupRow,
  PortRow,
  saveDigest,
  updateRow,
} from '../state/index.js';
import { InputRefused, notFound } from './errors.js';
import { assertNew, assertUnique, identified } from './identified.js';
import {
  boolean,
  edited,
  jsonObject,
  macAddress,
  physicalNetwork,
  pick,
  read,
  text,
  uuidField,
} from './input-fields.js';
import { localLinkConnection } from './local-link.js';
import { assertIdle, inTransaction, lockNode } from './lock.js';

export const PORT_INPUT = z.strictObject({
  uuid: uuidField.nullish(),
  node_uuid: uuidField,
  address: macAddress,
  portgroup_uuid: uuidField.nullable().default(null),
  pxe_enabled: boolean.nullable().default(true),
  local_link_connection: localLinkConnection.default({}),
  physical_network: physicalNetwork.nullable().default(null),
  is_smartnic: boolean.nullable().default(false),
  extra: jsonObject.default({}),
  name: text(255).nullable().default(null),
  description: text(255).nullable().default(null),
  vendor: text(32).nullable().default(null),
  category: text(80).nullable().default(null),
  available_for_dynamic_portgroup: boolean.default(true),
});

/** The fields of a port (NIC) that operators set. */
export type PortDocument = z.output<typeof PORT_INPUT>;
export type PortField = Exclude<keyof PortDocument, 'uuid' | 'node_uuid'>;
const DOCUMENT = Object.keys(PORT_INPUT.shape) as (keyof PortDocument)[];
export const PORT_FIELDS = DOCUMENT.filter((field) => field !== 'uuid' && field !== 'node_uuid');

/** Fields that mean nothing in Neutron. They can be changed even while an operation of the node is under way. */
const APART = PORT_FIELDS.filter((field) => !isInTasks('port', field));

/**
 * Asks the node's worker to apply the change of a port in Neutron and store it in the database.
 *
 * @param port the port as it will be
 * @throws the worker's error
 */
export type CarryOver = (node: NodeRow, port: Port) => Promise<void>;

/** The ports in the database, for operators. All methods throw InputRefused, and the database's errors. */
export class Ports {
  constructor(
    private readonly dataSource: DataSource,
    private readonly carryOver: CarryOver,
  ) {}

  /**
   * Gets a port by UUID or name.
   *
   * @param project a lookup by name finds only ports of nodes that this project owns or leases; undefined: all
   */
  get(ident: string, project?: string): Promise<PortRow> {
    return identified(this.dataSource.manager, PortRow, 'Port', ident, project);
  }

  list(query: PageQuery<PortRow>): Promise<PortRow[]> {
    return pageOf(this.dataSource.manager, PortRow, query);
  }

  async create(input: unknown): Promise<PortRow> {
    const document = read(PORT_INPUT, input);
    const port = { ...document, uuid: document.uuid ?? randomUUID() };
    return inTransaction(this.dataSource, async (manager) => {
      await lockNode(manager, port.node_uuid).catch(asInput);
      await assertIdle(manager, port.node_uuid);
      await assertNew(manager, PortRow, 'Port', port.uuid);
      await assertFits(manager, port.uuid, port, PORT_FIELDS);
      await insertRow(manager, PortRow, { ...port, internal_info: {} });
      await saveDigest(manager, port.node_uuid);
      return manager.findOneByOrFail(PortRow, { uuid: port.uuid });
    });
  }

  /**
   * @param edit takes the current port and returns the wanted one
   * @param accept gets the valid changes, and throws if they are not allowed
   */
  async update(
    ident: string,
    edit: (document: PortDocument) => object,
    accept?: (changed: Partial<PortDocument>) => void,
  ): Promise<PortRow> {
    const port = await this.get(ident);
    const change = (document: PortDocument): ReturnType<typeof edited<PortDocument>> =>
      edited(PORT_INPUT, document, edit, accept);
    const saved = await inTransaction(this.dataSource, (manager) => this.#save(manager, port, change, false));
    if (saved.done) return saved.port;
    await this.carryOver(saved.node, saved.wanted);
    const rest = await inTransaction(this.dataSource, (manager) => this.#save(manager, port, change, true));
    return rest.port;
  }

  async remove(ident: string): Promise<void> {
    const { uuid: id, node_uuid: nodeUuid } = await this.get(ident);
    await inTransaction(this.dataSource, async (manager) => {
      await lockNode(manager, nodeUuid);
      await assertIdle(manager, nodeUuid);
      const port = await manager.findOneBy(PortRow, { uuid: id });
      if (port === null) throw notFound('Port', id);
      const vif = await vifOf(manager, port);
      if (vif !== null) {
        throw new InputRefused(
          'conflict',
          `Port ${id} has Neutron port ${vif}: first detach it, or remove the node from its network.`,
        );
      }
      await manager.delete(PortRow, { uuid: id });
      await saveDigest(manager, nodeUuid);
    });
  }

  /**
   * Saves a change. If a worker must first apply it in Neutron, it saves nothing and returns `done: false`.
   *
   * @param carried whether a worker has already applied the change
   */
  async #save(
    manager: EntityManager,
    { uuid: id, node_uuid: nodeUuid }: PortRow,
    change: (document: PortDocument) => ReturnType<typeof edited<PortDocument>>,
    carried: boolean,
  ): Promise<{ done: true; port: PortRow } | { done: false; port: PortRow; node: NodeRow; wanted: Port }> {
    const node = await lockNode(manager, nodeUuid);
    const port = await manager.findOneBy(PortRow, { uuid: id });
    if (port === null) throw notFound('Port', id);
    const before = documentOf(port);
    const { after, changed: touched } = change(before);
    if (touched.includes('uuid')) throw new InputRefused('invalid', 'uuid: it cannot be changed');
    if (touched.includes('node_uuid')) {
      throw new InputRefused(
        'invalid',
        'node_uuid: it cannot be changed; delete the port, and create it on the other node',
      );
    }
    const changed = PORT_FIELDS.filter((field) => touched.includes(field));
    if (changed.length === 0) return { done: true, port };
    await assertFits(manager, id, after, changed);
    const fields = Object.fromEntries(changed.map((field) => [field, after[field]]));
    assertWritable(manager, PortRow, fields);
    if (!carried && changed.some((field) => !APART.includes(field))) {
      await assertIdle(manager, nodeUuid);
      if (changed.some((field) => isOfNeutrons(field, before, after)) && (await vifOf(manager, port)) !== null) {
        return { done: false, port, node, wanted: portOf(port, after) };
      }
    }
    await updateRow(manager, PortRow, id, fields);
    await saveDigest(manager, nodeUuid);
    return { done: true, port: await manager.findOneByOrFail(PortRow, { uuid: id }) };
  }
}

/** The Neutron port that is attached or bound to a port; null: none. */
async function vifOf(manager: EntityManager, port: PortRow): Promise<string | null> {
  const binding = await manager.findOneBy(PortBindingRow, { port_uuid: port.uuid });
  return tenantVif(port) ?? binding?.neutron_port_id ?? null;
}

/** Whether a change of the field matters in Neutron. Of `extra`, only the keys that tasks contain matter. */
function isOfNeutrons(field: PortField, before: PortDocument, after: PortDocument): boolean {
  if (APART.includes(field)) return false;
  return field !== 'extra' || KEPT.extra.some((key) => !isDeepStrictEqual(before.extra[key], after.extra[key]));
}

function documentOf(row: PortRow): PortDocument {
  const { available_for_dynamic_portgroup: available, ...fields } = pick(row, DOCUMENT);
  return { ...fields, available_for_dynamic_portgroup: available ?? true };
}

/** The port as tasks have it. */
function portOf({ uuid: id, internal_info }: PortRow, document: PortDocument): Port {
  const port = { ...document, uuid: id, internal_info };
  return pick(port, Object.keys(FIELDS.port) as (keyof Port)[]) as Port;
}

/**
 * Checks the port against the rules that concern the changed fields.
 *
 * @throws InputRefused when the port contradicts itself or other ports
 */
async function assertFits(
  manager: EntityManager,
  id: string,
  port: Omit<PortDocument, 'uuid'>,
  changed: readonly PortField[],
): Promise<void> {
  const touches = (...fields: PortField[]): boolean => fields.some((field) => changed.includes(field));
  if (touches('address')) await assertUnique(manager, PortRow, 'Port', id, { address: port.address });
  if (touches('name')) await assertUnique(manager, PortRow, 'Port', id, { name: port.name });
  const { hostname, port_id } = port.local_link_connection;
  if (touches('is_smartnic', 'local_link_connection') && port.is_smartnic === true && (!hostname || !port_id)) {
    throw new InputRefused('invalid', 'Smart NIC port must have port_id and hostname in local_link_connection');
  }
  if (touches('portgroup_uuid', 'pxe_enabled')) await assertMember(manager, port);
  if (touches('portgroup_uuid', 'physical_network')) await assertSameNetwork(manager, id, port);
}

/**
 * Checks that all members of a portgroup are on the same physical network.
 *
 * Source: Ironic, conductor/utils.py validate_port_physnet.
 *
 * @throws InputRefused when another member is on another physical network
 */
async function assertSameNetwork(
  manager: EntityManager,
  id: string,
  { portgroup_uuid: group, physical_network: wanted }: Pick<PortDocument, 'portgroup_uuid' | 'physical_network'>,
): Promise<void> {
  if (group === null) return;
  const others = await manager.find(PortRow, { where: { portgroup_uuid: group, uuid: Not(id) } });
  const other = others.find(({ physical_network: own }) => own !== wanted);
  if (other === undefined) return;
  throw new InputRefused(
    'conflict',
    `Port ${id} with physical network ${wanted ?? 'none'} cannot be in portgroup ${group}: its port ${other.uuid} is on ` +
      `physical network ${other.physical_network ?? 'none'}, but all ports of a portgroup must be on the same one.`,
  );
}

/** @throws InputRefused when the port cannot be a member of the portgroup that it names */
async function assertMember(
  manager: EntityManager,
  port: Pick<PortDocument, 'portgroup_uuid' | 'node_uuid' | 'pxe_enabled'>,
): Promise<void> {
  if (port.portgroup_uuid === null) return;
  const group = await manager.findOneBy(PortgroupRow, { uuid: port.portgroup_uuid });
  if (group === null) throw new InputRefused('invalid', `Portgroup ${port.portgroup_uuid} could not be found.`);
  if (group.node_uuid !== port.node_uuid) {
    throw new InputRefused('invalid', 'Port can not be added to a portgroup belonging to a different node.');
  }
  if (port.pxe_enabled === true && group.standalone_ports_supported === false) {
    throw new InputRefused(
      'conflict',
      `Port group ${group.uuid} doesn't support standalone ports: a port with pxe_enabled true cannot be its member.`,
    );
  }
}

/** Turns "not found" into "invalid" for a node that the body names: the URL is right, the body is wrong. */
export function asInput(error: unknown): never {
  throw error instanceof InputRefused && error.kind === 'not_found'
    ? new InputRefused('invalid', error.message)
    : error;
}
