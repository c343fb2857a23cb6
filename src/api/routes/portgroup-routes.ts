import type { FastifyRequest } from 'fastify';
import { type FindOptionsWhere, In } from 'typeorm';
import { z } from 'zod';

import { macAddress, text } from '../../inventory/input-fields.js';
import type { Nodes } from '../../inventory/nodes.js';
import { PORTGROUP_FIELDS, PORTGROUP_INPUT, type Portgroups } from '../../inventory/portgroups.js';
import type { PortgroupRow } from '../../state/index.js';
import { accessOf } from '../auth/guard.js';
import type { Rule } from '../auth/policy.js';
import { patched } from '../http/json-patch.js';
import { LIST_QUERY, parameter } from '../http/listing.js';
import { SINCE } from '../http/microversion.js';
import { column, json, type Resource, timeField } from '../http/resource.js';
import { ID, resultsOf, SWITCH, TEXT } from '../http/result-schemas.js';
import type { ApiServer } from '../http/types.js';
import { isMetByNone, NODES_APART } from './node-filter.js';
import { NODE, NODE_PARAMS } from './node-routes.js';
import { nodeToCreateIn } from './node-rules.js';
import { type AnswerParts, type PageReader, resourceRoutes } from './resource-routes.js';

/** A portgroup, with the fields that it has in Ironic. */
export const PORTGROUP: Resource<PortgroupRow> = {
  title: 'Portgroup',
  about: 'A portgroup (LAG) of a node, from the last task of a conductor and later changes of operators',
  name: 'portgroups',
  since: SINCE.portgroups,
  fields: {
    uuid: column('uuid', ID, { about: 'UUID of the portgroup' }),
    created_at: timeField('created_at', 'Time at which the record was created'),
    updated_at: timeField('updated_at', 'Time of the last change of the record'),
    name: column('name', TEXT, { about: 'Name of the portgroup; it can replace the UUID in URLs' }),
    address: column('address', TEXT, { about: 'MAC address in lower case' }),
    node_uuid: column('node_uuid', ID, { about: 'UUID of its node' }),
    extra: json('extra', { about: "Operators' own data; tasks set only client-id" }),
    internal_info: json('internal_info', {
      about: "Ironic's internal data, such as tenant_vif_port_id; read-only for operators",
    }),
    standalone_ports_supported: column('standalone_ports_supported', SWITCH, {
      about: 'Whether its ports may also be used on their own',
    }),
    mode: column('mode', TEXT, { about: 'Bonding mode', since: SINCE.portgroupModeProperties }),
    properties: json('properties', {
      about: 'Properties of the bonding mode, such as miimon',
      since: SINCE.portgroupModeProperties,
    }),
    physical_network: column('physical_network', TEXT, {
      about: 'Name of its physical network',
      since: SINCE.portgroupPhysicalNetwork,
    }),
    category: column('category', TEXT, {
      about: 'A label for its purpose, set by operators',
      since: SINCE.portgroupCategory,
    }),
    dynamic_portgroup: {
      ...column<PortgroupRow>('uuid', z.boolean(), {
        about: 'Whether Ironic created it by itself; always false here',
        since: SINCE.dynamicPortgroup,
      }),
      of: () => false,
    },
  },
  listed: ['uuid', 'address', 'name'],
  children: [{ name: 'ports', since: SINCE.portgroupSubcontrollers }],
};
const RESULTS = resultsOf(PORTGROUP);

const PORTGROUP_LIST = z.strictObject({
  ...LIST_QUERY,
  node: parameter(text(255), 'UUID or name of the node'),
  address: parameter(macAddress, 'MAC address of the portgroup'),
  ...NODES_APART,
  shard: parameter(text(2048), 'No portgroups, because no node is in a shard here', SINCE.portgroupShard),
});
export const PORTGROUP_PARAMS = z.strictObject({ portgroup: text(255).describe('UUID or name of the portgroup') });

interface PortgroupRoutes extends AnswerParts {
  nodes: Nodes;
  portgroups: Portgroups;
}

/** Adds /v1/portgroups, and the portgroups of a node. */
export function portgroupRoutes(server: ApiServer, { nodes, portgroups, ...parts }: PortgroupRoutes): void {
  const find = (ident: string, request: FastifyRequest, rule: Rule): Promise<PortgroupRow> =>
    accessOf(request).part(nodes, { kind: 'Portgroup', parts: portgroups, ident }, rule);
  const reader = (where: FindOptionsWhere<PortgroupRow>, request: FastifyRequest): PageReader<PortgroupRow> => {
    const project = accessOf(request).listed('baremetal:portgroup');
    return (page) => portgroups.list({ ...page, where, project });
  };
  resourceRoutes(server, parts, {
    resource: PORTGROUP,
    results: RESULTS,
    params: PORTGROUP_PARAMS,
    query: PORTGROUP_LIST,
    body: PORTGROUP_INPUT,
    patchable: [...PORTGROUP_FIELDS, 'node_uuid'],
    creation: 'Create a portgroup',
    sublists: [
      {
        parent: NODE,
        params: NODE_PARAMS,
        list: async (ident, request) =>
          reader({ node_uuid: (await accessOf(request).node(nodes, ident)).uuid }, request),
      },
    ],
    list: async (query, request) => reader(await conditionOf(query, request, nodes), request),
    create: async (body, request) => {
      await nodeToCreateIn('baremetal:portgroup:create', body.node_uuid, request, nodes);
      return portgroups.create(body);
    },
    get: (ident, request) => find(ident, request, 'baremetal:portgroup:get'),
    update: async (ident, { patch }, request) => {
      const { uuid } = await find(ident, request, 'baremetal:portgroup:update');
      return portgroups.update(uuid, (document) => patched(document, patch));
    },
    remove: async (ident, request) => {
      await portgroups.remove((await find(ident, request, 'baremetal:portgroup:delete')).uuid);
    },
    visible: (portgroup) => portgroup,
  });
}

/**
 * Turns the query into a condition for the database.
 *
 * @throws ApiError 400, 403; InputRefused when the node does not exist, or the caller may not see it
 */
async function conditionOf(
  { node, address, ...apart }: z.output<typeof PORTGROUP_LIST>,
  request: FastifyRequest,
  nodes: Nodes,
): Promise<FindOptionsWhere<PortgroupRow>> {
  const nothing = isMetByNone(apart, [node, address]) ? { uuid: In([]) } : {};
  accessOf(request).listed('baremetal:portgroup');
  return {
    ...(node === undefined ? {} : { node_uuid: (await accessOf(request).node(nodes, node)).uuid }),
    ...(address === undefined ? {} : { address }),
    ...nothing,
  };
}
