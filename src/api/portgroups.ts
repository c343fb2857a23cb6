import type { FastifyRequest } from 'fastify';
import type { FindOptionsWhere } from 'typeorm';
import { z } from 'zod';

import { macAddress, text } from '../inventory/fields.js';
import type { Nodes } from '../inventory/nodes.js';
import { PORTGROUP_FIELDS, PORTGROUP_INPUT, type Portgroups } from '../inventory/portgroups.js';
import type { PortgroupRow } from '../state/index.js';
import { assertFieldsAcceptable, showItem } from './items.js';
import { JSON_PATCH, patched, patchedFields } from './json-patch.js';
import { ITEM_QUERY, LIST_QUERY, ListingPages, type ListQuery } from './listing.js';
import type { Links } from './links.js';
import { assertServed, SINCE } from './microversion.js';
import { NODE_PARAMS } from './nodes.js';
import { column, json, time, type Resource } from './resource.js';
import { LIST_RESULT, ITEM_RESULT, NOTHING } from './results.js';
import type { ApiServer } from './types.js';

/** A portgroup, by the fields that it has in Ironic. */
export const PORTGROUP: Resource<PortgroupRow> = {
  name: 'portgroups',
  fields: {
    uuid: column('uuid'),
    created_at: time('created_at'),
    updated_at: time('updated_at'),
    name: column('name'),
    address: column('address'),
    node_uuid: column('node_uuid'),
    extra: json('extra'),
    internal_info: json('internal_info'),
    standalone_ports_supported: column('standalone_ports_supported'),
    mode: column('mode', SINCE.portgroupModeProperties),
    properties: json('properties', SINCE.portgroupModeProperties),
  },
  listed: ['uuid', 'address', 'name'],
  children: [{ name: 'ports', since: SINCE.portgroupSubcontrollers }],
};
const PATCHABLE = [...PORTGROUP_FIELDS, 'node_uuid'];

const PORTGROUP_LIST = z.strictObject({
  ...LIST_QUERY,
  node: text(255).optional().describe('UUID or name of the node'),
  address: macAddress.optional(),
});
const PORTGROUP_PARAMS = z.strictObject({ portgroup: text(255).describe('UUID or name of the portgroup') });

export interface PortgroupRoutes {
  nodes: Nodes;
  portgroups: Portgroups;
  links: Links;
  maxLimit: number;
}

/** /v1/portgroups, and the portgroups of a node. */
export function portgroupRoutes(server: ApiServer, parts: PortgroupRoutes): void {
  listRoutes(server, parts);
  itemRoutes(server, parts);
}

function listRoutes(server: ApiServer, { nodes, portgroups, links, maxLimit }: PortgroupRoutes): void {
  const pages = new ListingPages(PORTGROUP, links, maxLimit);
  const list = (where: FindOptionsWhere<PortgroupRow>, query: ListQuery, request: FastifyRequest, whole = false) =>
    pages.page(
      query,
      request,
      whole,
      (page) => portgroups.list({ ...page, where }),
      (marker) => portgroups.get(marker),
    );
  const filtered = async (query: z.output<typeof PORTGROUP_LIST>, request: FastifyRequest, whole: boolean) => {
    assertServed(request, SINCE.portgroups);
    const { node, address } = query;
    const of = node === undefined ? {} : { node_uuid: (await nodes.get(node)).uuid };
    return list({ ...of, ...(address === undefined ? {} : { address }) }, query, request, whole);
  };
  const config = { policy: 'baremetal:portgroup:list_all' } as const;

  server.get(
    '/v1/portgroups',
    { schema: { summary: 'List portgroups', querystring: PORTGROUP_LIST, response: LIST_RESULT }, config },
    (request) => filtered(request.query, request, false),
  );
  const detail = {
    summary: 'List portgroups with all their fields',
    querystring: PORTGROUP_LIST,
    response: LIST_RESULT,
  };
  server.get('/v1/portgroups/detail', { schema: detail, config }, (request) => filtered(request.query, request, true));
  const ofNode = { params: NODE_PARAMS, querystring: z.strictObject(LIST_QUERY), response: LIST_RESULT };
  server.get(
    '/v1/nodes/:node/portgroups',
    { schema: { summary: 'List the portgroups of a node', ...ofNode }, config },
    async (request) => {
      assertServed(request, SINCE.portgroupSubcontrollers);
      const { uuid: node_uuid } = await nodes.get(request.params.node);
      return list({ node_uuid }, request.query, request);
    },
  );
}

function itemRoutes(server: ApiServer, { portgroups, links }: PortgroupRoutes): void {
  server.post(
    '/v1/portgroups',
    {
      schema: { summary: 'Create a portgroup', body: PORTGROUP_INPUT, response: { 201: ITEM_RESULT[200] } },
      config: { policy: 'baremetal:portgroup:create' },
    },
    async (request, reply) => {
      assertServed(request, SINCE.portgroups);
      assertFieldsAcceptable(PORTGROUP, request.given ?? [], request);
      const group = await portgroups.create(request.body);
      const location = `${links.base(request)}/v1/portgroups/${group.uuid}`;
      return reply
        .code(201)
        .header('Location', location)
        .send(showItem(PORTGROUP, group, request, links));
    },
  );
  server.get(
    '/v1/portgroups/:portgroup',
    {
      schema: { summary: 'Show a portgroup', params: PORTGROUP_PARAMS, querystring: ITEM_QUERY, response: ITEM_RESULT },
      config: { policy: 'baremetal:portgroup:get' },
    },
    async (request) => {
      assertServed(request, SINCE.portgroups);
      const group = await portgroups.get(request.params.portgroup);
      return showItem(PORTGROUP, group, request, links, request.query.fields);
    },
  );
  server.patch(
    '/v1/portgroups/:portgroup',
    {
      schema: { summary: 'Change a portgroup', params: PORTGROUP_PARAMS, body: JSON_PATCH, response: ITEM_RESULT },
      config: { policy: 'baremetal:portgroup:update' },
    },
    async (request) => {
      assertServed(request, SINCE.portgroups);
      assertFieldsAcceptable(PORTGROUP, [...patchedFields(request.body, PATCHABLE)], request);
      const edit = (document: object): object => patched(document, request.body);
      return showItem(PORTGROUP, await portgroups.update(request.params.portgroup, edit), request, links);
    },
  );
  server.delete(
    '/v1/portgroups/:portgroup',
    {
      schema: { summary: 'Delete a portgroup', params: PORTGROUP_PARAMS, response: NOTHING },
      config: { policy: 'baremetal:portgroup:delete' },
    },
    async (request, reply) => {
      assertServed(request, SINCE.portgroups);
      await portgroups.remove(request.params.portgroup);
      return reply.code(204).send();
    },
  );
}
