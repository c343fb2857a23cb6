import type { FastifyRequest } from 'fastify';
import { type FindOptionsWhere, In } from 'typeorm';
import { z } from 'zod';

import { macAddress, text } from '../../inventory/fields.js';
import type { Nodes } from '../../inventory/nodes.js';
import { PORTGROUP_FIELDS, PORTGROUP_INPUT, type Portgroups } from '../../inventory/portgroups.js';
import type { PortgroupRow } from '../../state/index.js';
import { accessOf } from '../auth/guard.js';
import type { Rule } from '../auth/policy.js';
import { JSON_PATCH, patched, patchedFields } from '../http/json-patch.js';
import { ITEM_QUERY, LIST_QUERY, ListingPages, type ListQuery, parameter } from '../http/listing.js';
import { SINCE } from '../http/microversion.js';
import {
  assertFieldsAcceptable,
  column,
  json,
  type Links,
  type Resource,
  showItem,
  timeField,
} from '../http/resource.js';
import { ID, itemResult, listResult, NOTHING, SWITCH, TEXT } from '../http/results.js';
import type { ApiServer } from '../http/types.js';
import { isMetByNone, NODES_APART } from './node-filter.js';
import { nodeToCreateIn } from './node-rules.js';
import { NODE_PARAMS } from './nodes.js';

/** A portgroup, with the fields that it has in Ironic. */
export const PORTGROUP: Resource<PortgroupRow> = {
  title: 'Portgroup',
  about: 'A portgroup (LAG) of a node, as the last task of a conductor, or an operator since, described it',
  name: 'portgroups',
  fields: {
    uuid: column('uuid', ID, { about: 'Its UUID' }),
    created_at: timeField('created_at', 'When it was put on record'),
    updated_at: timeField('updated_at', 'When its record changed last'),
    name: column('name', TEXT, { about: 'Its name, by which it is found too' }),
    address: column('address', TEXT, { about: 'Its MAC address, in lower case' }),
    node_uuid: column('node_uuid', ID, { about: 'The node that it is in' }),
    extra: json('extra', { about: 'What operators keep on it; tasks speak of client-id alone' }),
    internal_info: json('internal_info', {
      about: 'What Ironic keeps on it, such as tenant_vif_port_id; operators do not change it',
    }),
    standalone_ports_supported: column('standalone_ports_supported', SWITCH, {
      about: 'Whether its ports may be used by themselves too',
    }),
    mode: column('mode', TEXT, { about: 'How its ports work together', since: SINCE.portgroupModeProperties }),
    properties: json('properties', {
      about: 'What its mode needs, such as miimon',
      since: SINCE.portgroupModeProperties,
    }),
    physical_network: column('physical_network', TEXT, {
      about: 'The physical network that it is on',
      since: SINCE.portgroupPhysicalNetwork,
    }),
    category: column('category', TEXT, { about: 'What it is for, in a word of yours', since: SINCE.portgroupCategory }),
    dynamic_portgroup: {
      ...column<PortgroupRow>('uuid', z.boolean(), {
        about: 'Whether Ironic made it by itself: false, nothing here does',
        since: SINCE.dynamicPortgroup,
      }),
      of: () => false,
    },
  },
  listed: ['uuid', 'address', 'name'],
  children: [{ name: 'ports', since: SINCE.portgroupSubcontrollers }],
};
const ITEM = itemResult(PORTGROUP);
const LIST = { 200: listResult(PORTGROUP, ITEM) };
const PATCHABLE = [...PORTGROUP_FIELDS, 'node_uuid'];

const PORTGROUP_LIST = z.strictObject({
  ...LIST_QUERY,
  node: parameter(text(255), 'UUID or name of the node'),
  address: parameter(macAddress, 'MAC address of the portgroup'),
  ...NODES_APART,
  shard: parameter(text(2048), 'None; no node is in a shard here', SINCE.portgroupShard),
});
const PORTGROUP_PARAMS = z.strictObject({ portgroup: text(255).describe('UUID or name of the portgroup') });

export interface PortgroupRoutes {
  nodes: Nodes;
  portgroups: Portgroups;
  links: Links;
  maxLimit: number;
}

/** Adds /v1/portgroups, and the portgroups of a node. */
export function portgroupRoutes(server: ApiServer, parts: PortgroupRoutes): void {
  listRoutes(server, parts);
  itemRoutes(server, parts);
}

function listRoutes(server: ApiServer, { nodes, portgroups, links, maxLimit }: PortgroupRoutes): void {
  const pages = new ListingPages(PORTGROUP, links, maxLimit);
  const list = (where: FindOptionsWhere<PortgroupRow>, query: ListQuery, request: FastifyRequest, whole = false) => {
    const access = accessOf(request);
    const project = access.listed('baremetal:portgroup');
    const named = { kind: 'Portgroup', parts: portgroups } as const;
    return pages.page(
      query,
      request,
      whole,
      (page) => portgroups.list({ ...page, where, project }),
      (marker) => access.part(nodes, { ...named, ident: marker }, 'baremetal:portgroup:get'),
    );
  };
  const filtered = async (query: z.output<typeof PORTGROUP_LIST>, request: FastifyRequest, whole: boolean) => {
    const { node, address, conductor_groups, shard } = query;
    const nothing = isMetByNone({ conductor_groups, shard }, [node, address]) ? { uuid: In([]) } : {};
    accessOf(request).listed('baremetal:portgroup');
    const of = node === undefined ? {} : { node_uuid: (await accessOf(request).node(nodes, node)).uuid };
    return list({ ...of, ...(address === undefined ? {} : { address }), ...nothing }, query, request, whole);
  };
  const config = { policy: 'baremetal:portgroup:list_all', since: SINCE.portgroups } as const;

  server.get(
    '/v1/portgroups',
    { schema: { summary: 'List portgroups', querystring: PORTGROUP_LIST, response: LIST }, config },
    (request) => filtered(request.query, request, false),
  );
  const detail = {
    summary: 'List portgroups with all their fields',
    querystring: PORTGROUP_LIST,
    response: LIST,
  };
  server.get('/v1/portgroups/detail', { schema: detail, config }, (request) => filtered(request.query, request, true));
  const ofNode = { params: NODE_PARAMS, querystring: z.strictObject(LIST_QUERY), response: LIST };
  server.get(
    '/v1/nodes/:node/portgroups',
    {
      schema: { summary: 'List the portgroups of a node', ...ofNode },
      config: { ...config, since: SINCE.portgroupSubcontrollers },
    },
    async (request) => {
      const { uuid: node_uuid } = await accessOf(request).node(nodes, request.params.node);
      return list({ node_uuid }, request.query, request);
    },
  );
}

/** @throws as Access.part does */
function findPortgroup(
  { nodes, portgroups }: PortgroupRoutes,
  request: FastifyRequest,
  ident: string,
  rule: Rule,
): Promise<PortgroupRow> {
  return accessOf(request).part(nodes, { kind: 'Portgroup', parts: portgroups, ident }, rule);
}

function itemRoutes(server: ApiServer, parts: PortgroupRoutes): void {
  const { portgroups, links } = parts;
  server.post(
    '/v1/portgroups',
    {
      schema: { summary: 'Create a portgroup', body: PORTGROUP_INPUT, response: { 201: ITEM } },
      config: { policy: 'baremetal:portgroup:create', since: SINCE.portgroups },
    },
    async (request, reply) => {
      assertFieldsAcceptable(PORTGROUP, request.given ?? [], request);
      await nodeToCreateIn('baremetal:portgroup:create', request.body.node_uuid, request, parts.nodes);
      const group = await portgroups.create(request.body);
      const location = `${links.base(request)}/v1/portgroups/${group.uuid}`;
      reply.code(201).header('Location', location);
      return reply.send(showItem(PORTGROUP, group, request, links));
    },
  );
  server.get(
    '/v1/portgroups/:portgroup',
    {
      schema: {
        summary: 'Show a portgroup',
        params: PORTGROUP_PARAMS,
        querystring: ITEM_QUERY,
        response: { 200: ITEM },
      },
      config: { policy: 'baremetal:portgroup:get', since: SINCE.portgroups },
    },
    async (request) => {
      const group = await findPortgroup(parts, request, request.params.portgroup, 'baremetal:portgroup:get');
      return showItem(PORTGROUP, group, request, links, request.query.fields);
    },
  );
  server.patch(
    '/v1/portgroups/:portgroup',
    {
      schema: { summary: 'Change a portgroup', params: PORTGROUP_PARAMS, body: JSON_PATCH, response: { 200: ITEM } },
      config: { policy: 'baremetal:portgroup:update', since: SINCE.portgroups },
    },
    async (request) => {
      assertFieldsAcceptable(PORTGROUP, [...patchedFields(request.body, PATCHABLE)], request);
      const edit = (document: object): object => patched(document, request.body);
      const { uuid } = await findPortgroup(parts, request, request.params.portgroup, 'baremetal:portgroup:update');
      return showItem(PORTGROUP, await portgroups.update(uuid, edit), request, links);
    },
  );
  server.delete(
    '/v1/portgroups/:portgroup',
    {
      schema: { summary: 'Delete a portgroup', params: PORTGROUP_PARAMS, response: NOTHING },
      config: { policy: 'baremetal:portgroup:delete', since: SINCE.portgroups },
    },
    async (request, reply) => {
      const { uuid } = await findPortgroup(parts, request, request.params.portgroup, 'baremetal:portgroup:delete');
      await portgroups.remove(uuid);
      return reply.code(204).send();
    },
  );
}
