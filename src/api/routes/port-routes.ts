import type { FastifyRequest } from 'fastify';
import { type FindOptionsWhere, In } from 'typeorm';
import { z } from 'zod';

import { containing, macAddress, text, uuidField } from '../../inventory/input-fields.js';
import type { Nodes } from '../../inventory/nodes.js';
import type { Portgroups } from '../../inventory/portgroups.js';
import { PORT_FIELDS, PORT_INPUT, type Ports } from '../../inventory/ports.js';
import type { PortgroupRow, PortRow } from '../../state/index.js';
import { accessOf } from '../auth/guard.js';
import type { Rule } from '../auth/policy.js';
import { ApiError } from '../http/errors.js';
import { patched } from '../http/json-patch.js';
import { LIST_QUERY, parameter } from '../http/listing.js';
import { assertAcceptable, SINCE } from '../http/microversion.js';
import { column, json, type Resource, timeField } from '../http/resource.js';
import { ID, resultsOf, SWITCH, TEXT } from '../http/result-schemas.js';
import type { ApiServer } from '../http/types.js';
import { isMetByNone, NODES_APART } from './node-filter.js';
import { NODE, NODE_PARAMS } from './node-routes.js';
import { nodeToCreateIn } from './node-rules.js';
import { PORTGROUP, PORTGROUP_PARAMS } from './portgroup-routes.js';
import { type AnswerParts, type PageReader, resourceRoutes } from './resource-routes.js';

/** A port, with the fields that it has in Ironic. */
export const PORT: Resource<PortRow> = {
  title: 'Port',
  about: 'A port (NIC) of a node, from the last task of a conductor and later changes of operators',
  name: 'ports',
  since: 1,
  fields: {
    uuid: column('uuid', ID, { about: 'UUID of the port' }),
    created_at: timeField('created_at', 'Time at which the record was created'),
    updated_at: timeField('updated_at', 'Time of the last change of the record'),
    address: column('address', z.string(), { about: 'MAC address in lower case' }),
    node_uuid: column('node_uuid', ID, { about: 'UUID of its node' }),
    extra: json('extra', { about: "Operators' own data; tasks set only client-id" }),
    internal_info: json('internal_info', {
      about: "Ironic's internal data, such as tenant_vif_port_id; read-only for operators",
      since: SINCE.internalInfo,
    }),
    pxe_enabled: column('pxe_enabled', SWITCH, {
      about: 'Whether the port boots from the network; by default, only such ports get a port on management networks',
      since: SINCE.advancedNetFields,
    }),
    local_link_connection: json('local_link_connection', {
      about: 'The switch port that it is cabled to: switch_id and port_id, or hostname and port_id; network_type',
      since: SINCE.advancedNetFields,
    }),
    portgroup_uuid: column('portgroup_uuid', ID.nullable(), {
      about: 'UUID of its portgroup',
      since: SINCE.portgroupSubcontrollers,
    }),
    physical_network: column('physical_network', TEXT, {
      about: 'Name of its physical network',
      since: SINCE.physicalNetwork,
    }),
    is_smartnic: column('is_smartnic', SWITCH, { about: 'Whether it is a smart NIC', since: SINCE.smartNic }),
    name: column('name', TEXT, { about: 'Name of the port; it can replace the UUID in URLs', since: SINCE.portName }),
    description: column('description', TEXT, { about: 'A description by operators', since: SINCE.portDescription }),
    vendor: column('vendor', TEXT, { about: 'The creator of the port', since: SINCE.portVendor }),
    category: column('category', TEXT, {
      about: 'A label for its purpose, set by operators',
      since: SINCE.portCategory,
    }),
    available_for_dynamic_portgroup: {
      ...column<PortRow>('available_for_dynamic_portgroup', z.boolean(), {
        about: 'Whether Ironic may create a portgroup with it by itself; netprov never does',
        since: SINCE.dynamicPortgroup,
      }),
      of: ({ available_for_dynamic_portgroup: available }) => available ?? true,
    },
  },
  listed: ['uuid', 'address'],
  children: [],
};
const RESULTS = resultsOf(PORT);

const FILTER = {
  node: parameter(text(255), 'UUID or name of the node'),
  node_uuid: parameter(uuidField, 'UUID of the node'),
  address: parameter(macAddress, 'MAC address of the port'),
  portgroup: parameter(text(255), 'UUID or name of the portgroup', SINCE.portgroupSubcontrollers),
  description_contains: parameter(text(255), 'Ports whose description contains this text', SINCE.portDescription),
  ...NODES_APART,
  shard: parameter(text(2048), 'No ports, because no node is in a shard here', SINCE.shard),
};
const PORT_LIST = z.strictObject({ ...LIST_QUERY, ...FILTER });
const PORT_PARAMS = z.strictObject({ port: text(255).describe('UUID of the port, or (since 1.88) its name') });
const PORT_BODY = PORT_INPUT.extend({
  node_uuid: uuidField.optional(),
  node_ident: text(255).optional().describe('UUID or name of the node, in place of node_uuid, since 1.94'),
});

interface PortRoutes extends AnswerParts {
  nodes: Nodes;
  ports: Ports;
  portgroups: Portgroups;
}

/** Adds /v1/ports, and the ports of a node and of a portgroup. */
export function portRoutes(server: ApiServer, { nodes, ports, portgroups, ...parts }: PortRoutes): void {
  const find = async (ident: string, request: FastifyRequest, rule: Rule): Promise<PortRow> => {
    assertPortIdent(ident, request);
    return accessOf(request).part(nodes, { kind: 'Port', parts: ports, ident }, rule);
  };
  const reader = (where: FindOptionsWhere<PortRow>, request: FastifyRequest): PageReader<PortRow> => {
    const project = accessOf(request).listed('baremetal:port');
    return (page) => ports.list({ ...page, where, project });
  };
  resourceRoutes(server, parts, {
    resource: PORT,
    results: RESULTS,
    params: PORT_PARAMS,
    query: PORT_LIST,
    body: PORT_BODY,
    patchable: [...PORT_FIELDS, 'node_uuid'],
    creation: 'Create a port',
    sublists: [
      {
        parent: NODE,
        params: NODE_PARAMS,
        list: async (ident, request) =>
          reader({ node_uuid: (await accessOf(request).node(nodes, ident)).uuid }, request),
      },
      {
        parent: PORTGROUP,
        params: PORTGROUP_PARAMS,
        list: async (ident, request) =>
          reader({ portgroup_uuid: (await portgroupOf(ident, request, nodes, portgroups)).uuid }, request),
      },
    ],
    list: async (query, request) => reader(await conditionOf(query, request, nodes, portgroups), request),
    create: async ({ node_ident: ident, ...body }, request) => {
      assertLinkAcceptable(body.local_link_connection, request);
      return ports.create({ ...body, node_uuid: await nodeOf(nodes, ident, body.node_uuid, request) });
    },
    get: (ident, request) => find(ident, request, 'baremetal:port:get'),
    update: async (ident, { patch }, request) => {
      const { uuid } = await find(ident, request, 'baremetal:port:update');
      return ports.update(
        uuid,
        (document) => patched(document, patch),
        ({ local_link_connection: link }) => {
          assertLinkAcceptable(link, request);
        },
      );
    },
    remove: async (ident, request) => ports.remove((await find(ident, request, 'baremetal:port:delete')).uuid),
    visible: (port) => port,
  });
}

/**
 * Turns the query into a condition for the database.
 *
 * @throws ApiError 400, 403; InputRefused when the node or portgroup does not exist, or the caller may not see it
 */
async function conditionOf(
  { node, node_uuid, address, portgroup, description_contains: part, ...apart }: z.output<typeof PORT_LIST>,
  request: FastifyRequest,
  nodes: Nodes,
  portgroups: Portgroups,
): Promise<FindOptionsWhere<PortRow>> {
  const of = node ?? node_uuid;
  if (of !== undefined && portgroup !== undefined) {
    throw new ApiError(400, 'node and portgroup cannot be asked for together: give one of them.');
  }
  accessOf(request).listed('baremetal:port');
  return {
    ...(of === undefined ? {} : { node_uuid: (await accessOf(request).node(nodes, of)).uuid }),
    ...(portgroup === undefined
      ? {}
      : { portgroup_uuid: (await portgroupOf(portgroup, request, nodes, portgroups)).uuid }),
    ...(address === undefined ? {} : { address }),
    ...(part === undefined ? {} : { description: containing(part) }),
    ...(isMetByNone(apart, [of, portgroup, address]) ? { uuid: In([]) } : {}),
  };
}

/** @throws ApiError 400 when it is a name, and the version has no names of ports yet */
function assertPortIdent(ident: string, { minor }: FastifyRequest): void {
  if (minor >= SINCE.portName || uuidField.safeParse(ident).success) return;
  throw new ApiError(400, `Expected a UUID but received ${ident.slice(0, 80)}.`);
}

/**
 * UUID of the node in which a port is created.
 *
 * @throws ApiError 400, 403, 406; InputRefused when there is no such node
 */
async function nodeOf(
  nodes: Nodes,
  ident: string | undefined,
  nodeUuid: string | undefined,
  request: FastifyRequest,
): Promise<string> {
  if (ident !== undefined) assertAcceptable(request, 'the field node_ident', SINCE.portNodeIdent);
  if ((ident === undefined) === (nodeUuid === undefined)) {
    throw new ApiError(400, 'node_uuid: expected the UUID of the node, or node_ident with its UUID or name');
  }
  return nodeToCreateIn('baremetal:port:create', nodeUuid ?? ident ?? '', request, nodes);
}

function portgroupOf(
  ident: string,
  request: FastifyRequest,
  nodes: Nodes,
  portgroups: Portgroups,
): Promise<PortgroupRow> {
  const named = { kind: 'Portgroup', parts: portgroups, ident } as const;
  return accessOf(request).part(nodes, named, 'baremetal:portgroup:get');
}

/** @throws ApiError 406 when the version does not have a key of the link yet, or no longer has it */
function assertLinkAcceptable(link: object = {}, request: FastifyRequest): void {
  if ('network_type' in link) {
    assertAcceptable(request, 'local_link_connection/network_type', SINCE.localLinkNetworkType);
  }
  if ('vtep-logical-switch' in link) {
    assertAcceptable(request, 'local_link_connection/vtep-logical-switch', SINCE.ovnVtep, SINCE.withoutOvnVtep);
  }
}
