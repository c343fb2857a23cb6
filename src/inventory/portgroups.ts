import { randomUUID } from 'node:crypto';

import type { DataSource, EntityManager } from 'typeorm';
import { z } from 'zod';

import { isInTasks } from '../contract/fields.js';
import { tenantVif } from '../contract/vifs.js';
import {
  insertRow,
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
  logicalName,
  macAddress,
  physicalNetwork,
  pick,
  read,
  text,
  uuidField,
} from './input-fields.js';
import { assertIdle, inTransaction, lockNode } from './lock.js';
import { asInput } from './ports.js';

/** Ironic's default mode, from its option default_portgroup_mode. */
const DEFAULT_MODE = 'active-backup';

export const PORTGROUP_INPUT = z.strictObject({
  uuid: uuidField.nullish(),
  node_uuid: uuidField,
  name: logicalName.nullable().default(null),
  address: macAddress.nullable().default(null),
  mode: text(255).nullable().default(DEFAULT_MODE),
  properties: jsonObject.default({}),
  standalone_ports_supported: boolean.nullable().default(true),
  extra: jsonObject.default({}),
  physical_network: physicalNetwork.nullable().default(null),
  category: text(80).nullable().default(null),
});

/** The fields of a portgroup (LAG) that operators set. */
export type PortgroupDocument = z.output<typeof PORTGROUP_INPUT>;
export type PortgroupField = Exclude<keyof PortgroupDocument, 'uuid' | 'node_uuid'>;
const DOCUMENT = Object.keys(PORTGROUP_INPUT.shape) as (keyof PortgroupDocument)[];
export const PORTGROUP_FIELDS = DOCUMENT.filter((field) => field !== 'uuid' && field !== 'node_uuid');

/** The mode of a portgroup; null and an empty text mean Ironic's default. */
function modeOf({ mode }: PortgroupDocument): string {
  return mode === null || mode === '' ? DEFAULT_MODE : mode;
}

/** The portgroups in the database, for operators. All methods throw InputRefused, and the database's errors. */
export class Portgroups {
  constructor(private readonly dataSource: DataSource) {}

  /**
   * Gets a portgroup by UUID or name.
   *
   * @param project a lookup by name finds only portgroups of nodes that this project owns or leases; undefined: all
   */
  get(ident: string, project?: string): Promise<PortgroupRow> {
    return identified(this.dataSource.manager, PortgroupRow, 'Portgroup', ident, project);
  }

  list(query: PageQuery<PortgroupRow>): Promise<PortgroupRow[]> {
    return pageOf(this.dataSource.manager, PortgroupRow, query);
  }

  async create(input: unknown): Promise<PortgroupRow> {
    const document = read(PORTGROUP_INPUT, input);
    const group = { ...document, uuid: document.uuid ?? randomUUID(), mode: modeOf(document) };
    return inTransaction(this.dataSource, async (manager) => {
      await lockNode(manager, group.node_uuid).catch(asInput);
      await assertIdle(manager, group.node_uuid);
      await assertNew(manager, PortgroupRow, 'Portgroup', group.uuid);
      await assertUnique(manager, PortgroupRow, 'Portgroup', group.uuid, pick(group, ['name', 'address']));
      await insertRow(manager, PortgroupRow, { ...group, internal_info: {} });
      await saveDigest(manager, group.node_uuid);
      return manager.findOneByOrFail(PortgroupRow, { uuid: group.uuid });
    });
  }

  /** @param edit takes the current portgroup and returns the wanted one */
  async update(ident: string, edit: (document: PortgroupDocument) => object): Promise<PortgroupRow> {
    const { uuid: id, node_uuid: nodeUuid } = await this.get(ident);
    return inTransaction(this.dataSource, async (manager) => {
      await lockNode(manager, nodeUuid);
      const group = await existing(manager, id);
      const before: PortgroupDocument = pick(group, DOCUMENT);
      const { after, changed: touched } = edited(PORTGROUP_INPUT, before, edit);
      for (const fixed of ['uuid', 'node_uuid'] as const) {
        if (touched.includes(fixed)) throw new InputRefused('invalid', `${fixed}: it cannot be changed`);
      }
      const changed = PORTGROUP_FIELDS.filter((field) => touched.includes(field));
      if (changed.length === 0) return group;
      if (changed.some((field) => isInTasks('portgroup', field))) await assertIdle(manager, nodeUuid);
      if (changed.some((field) => !['extra', 'name', 'category'].includes(field)))
        await assertWithoutVif(manager, group, 'changed');
      const fields: Partial<PortgroupDocument> = pick(after, changed);
      await assertUnique(manager, PortgroupRow, 'Portgroup', id, { name: fields.name, address: fields.address });
      await updateRow(manager, PortgroupRow, id, fields);
      await saveDigest(manager, nodeUuid);
      return existing(manager, id);
    });
  }

  async remove(ident: string): Promise<void> {
    const { uuid: id, node_uuid: nodeUuid } = await this.get(ident);
    await inTransaction(this.dataSource, async (manager) => {
      await lockNode(manager, nodeUuid);
      await assertIdle(manager, nodeUuid);
      const group = await existing(manager, id);
      if (await manager.existsBy(PortRow, { portgroup_uuid: id })) {
        const message = `Cannot complete the requested action because portgroup ${id} contains ports.`;
        throw new InputRefused('invalid', message);
      }
      await assertWithoutVif(manager, group, 'deleted');
      await manager.delete(PortgroupRow, { uuid: id });
      await saveDigest(manager, nodeUuid);
    });
  }
}

async function existing(manager: EntityManager, id: string): Promise<PortgroupRow> {
  const group = await manager.findOneBy(PortgroupRow, { uuid: id });
  if (group === null) throw notFound('Portgroup', id);
  return group;
}

/** @throws InputRefused when a Neutron port is attached or bound to the portgroup */
async function assertWithoutVif(manager: EntityManager, group: PortgroupRow, what: string): Promise<void> {
  const binding = await manager.findOneBy(PortBindingRow, { portgroup_uuid: group.uuid });
  const vif = tenantVif(group) ?? binding?.neutron_port_id ?? null;
  if (vif === null) return;
  throw new InputRefused(
    'conflict',
    `Portgroup ${group.uuid} has Neutron port ${vif}: detach it, or remove the node from its network, before the portgroup is ${what}.`,
  );
}
