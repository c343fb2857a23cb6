import type { FastifyRequest } from 'fastify';
import { z } from 'zod';

import { interfaceNamed } from '../../contract/network-interface.js';
import { notFound } from '../../inventory/errors.js';
import { networkProvider, read, text, uuidField } from '../../inventory/fields.js';
import { NODE_FIELDS, NODE_INPUT, type NodeDocument, type Nodes } from '../../inventory/nodes.js';
import type { NodeRow } from '../../state/index.js';
import { accessOf } from '../auth/guard.js';
import { ApiError } from '../http/errors.js';
import { JSON_PATCH, type JsonPatch, patched, patchedFields } from '../http/json-patch.js';
import { ITEM_QUERY, ListingPages } from '../http/listing.js';
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
import { ID, itemResult, listResult, NOTHING, TEXT } from '../http/results.js';
import type { ApiServer } from '../http/types.js';
import { NODE_LIST, readNodeFilter } from './node-filter.js';
import { assertOwnerMayChange, ownedBy, rulesOf } from './node-rules.js';

/** A node, with the fields that it has in Ironic, and network_provider beside network_interface. */
export const NODE: Resource<NodeRow> = {
  title: 'Node',
  about: 'A node, as the last task of a conductor, or an operator since, described it',
  name: 'nodes',
  fields: {
    uuid: column('uuid', ID, { about: 'Its UUID' }),
    created_at: timeField('created_at', 'When it was put on record'),
    updated_at: timeField('updated_at', 'When its record changed last'),
    driver: column('driver', TEXT, { about: "Ironic's driver; no task speaks of it" }),
    driver_info: json('driver_info', {
      about: 'Of what was said of the driver, the networks that the node shall be on',
    }),
    properties: json('properties', { about: 'What operators keep on it; no task speaks of it' }),
    extra: json('extra', { about: 'What operators keep on it; no task speaks of it' }),
    instance_uuid: column('instance_uuid', ID.nullable(), { about: 'The instance that it has' }),
    instance_info: json('instance_info', { about: 'Of what was said of the instance, how it boots' }),
    provision_state: column('provision_state', TEXT, { about: 'Its state in Ironic, of the last task that told it' }),
    name: column('name', TEXT, { about: 'Its name, by which it is found too', since: SINCE.nodeNames }),
    network_provider: column('network_provider', TEXT, {
      about: 'What moves it between networks: none, flat, neutron, or a plug-in; null: the default of the workers',
      since: SINCE.networkInterface,
    }),
    network_interface: {
      ...column<NodeRow>('network_provider', TEXT, {
        about: 'The same as network_provider, by the name that Ironic has for it: noop is none',
        since: SINCE.networkInterface,
      }),
      of: ({ network_provider: provider }) => provider && interfaceNamed(provider),
    },
    resource_class: column('resource_class', TEXT, {
      about: 'Its class, for whoever schedules; no task speaks of it',
      since: SINCE.resourceClass,
    }),
    boot_interface: column('boot_interface', TEXT, {
      about: 'How it boots, in Ironic',
      since: SINCE.dynamicInterfaces,
    }),
    conductor: column('conductor_host', TEXT, {
      about: 'The conductor host that its last operation came from; null: none has come, or that of any host',
      since: SINCE.conductor,
    }),
    owner: column('owner', TEXT, {
      about: "Keystone's id of the project that owns it; no task speaks of it",
      since: SINCE.owner,
    }),
    description: column('description', TEXT, { about: 'What operators say of it', since: SINCE.description }),
    lessee: column('lessee', TEXT, {
      about: "Keystone's id of the project that has it on lease; no task speaks of it",
      since: SINCE.lessee,
    }),
    network_data: json('network_data', {
      about: 'The network data of its ramdisk, where it is said and not made from its ports',
      since: SINCE.networkData,
    }),
  },
  listed: ['uuid', 'name', 'instance_uuid', 'provision_state'],
  children: [
    { name: 'ports', since: 1 },
    { name: 'portgroups', since: SINCE.portgroupSubcontrollers },
  ],
};

/** Ironic's name for the field network_provider. */
const ALIAS = 'network_interface';
const ITEM = itemResult(NODE);
const LIST = { 200: listResult(NODE, ITEM) };
const PATCHABLE = [...NODE_FIELDS, ALIAS];

export const NODE_PARAMS = z.strictObject({ node: text(255).describe('UUID or name of the node') });
const NODE_BODY = z.strictObject({ ...NODE_INPUT.shape, network_interface: networkProvider.nullable().default(null) });

/**
 * Refuses a node's name in versions without node names, where only UUIDs identify nodes. Routes that Ironic does not
 * have accept names in every version; their rules begin with `netprov:`.
 *
 * @throws InputRefused as for a node that does not exist
 */
export function assertNodeIdent(request: FastifyRequest): void {
  const { node } = request.params as { node?: string };
  if (request.routeOptions.config.policy?.startsWith('netprov:')) return;
  if (node === undefined || request.minor >= SINCE.nodeNames || uuidField.safeParse(node).success) return;
  throw notFound('Node', node);
}

export interface NodeRoutes {
  nodes: Nodes;
  links: Links;
  maxLimit: number;
}

/** Adds /v1/nodes: list, detail, create, show, change, delete. */
export function nodeRoutes(server: ApiServer, parts: NodeRoutes): void {
  listRoutes(server, parts);
  itemRoutes(server, parts);
}

function listRoutes(server: ApiServer, { nodes, links, maxLimit }: NodeRoutes): void {
  const pages = new ListingPages(NODE, links, maxLimit);
  const list = (query: z.output<typeof NODE_LIST>, request: FastifyRequest, whole: boolean) => {
    const access = accessOf(request);
    const project = access.listed('baremetal:node', query.project);
    const filter = readNodeFilter(query);
    const fetch = async (page: Parameters<typeof nodes.list>[1]): Promise<NodeRow[]> => {
      const columns = [...page.columns, 'owner', 'lessee'] as const;
      const found = await nodes.list(filter, { ...page, columns, project });
      return found.map((node) => access.shown(node));
    };
    return pages.page(query, request, whole, fetch, (marker) => access.node(nodes, marker));
  };
  const config = { policy: 'baremetal:node:list_all' } as const;
  server.get(
    '/v1/nodes',
    { schema: { summary: 'List nodes', querystring: NODE_LIST, response: LIST }, config },
    (request) => list(request.query, request, false),
  );
  server.get(
    '/v1/nodes/detail',
    { schema: { summary: 'List nodes with all their fields', querystring: NODE_LIST, response: LIST }, config },
    (request) => list(request.query, request, true),
  );
}

function itemRoutes(server: ApiServer, { nodes, links }: NodeRoutes): void {
  server.post(
    '/v1/nodes',
    {
      schema: { summary: 'Enroll a node', body: NODE_BODY, response: { 201: ITEM } },
      config: { policy: 'baremetal:node:create' },
    },
    async (request, reply) => {
      assertFieldsAcceptable(NODE, request.given ?? [], request);
      const document = withoutAlias(request.body, request.given ?? []);
      const node = await nodes.create(ownedBy(accessOf(request).ownerOfCreated(), document));
      const location = `${links.base(request)}/v1/nodes/${node.uuid}`;
      reply.code(201).header('Location', location);
      return reply.send(showItem(NODE, accessOf(request).shown(node), request, links));
    },
  );
  server.get(
    '/v1/nodes/:node',
    {
      schema: { summary: 'Show a node', params: NODE_PARAMS, querystring: ITEM_QUERY, response: { 200: ITEM } },
      config: { policy: 'baremetal:node:get' },
    },
    async (request) => {
      const access = accessOf(request);
      const node = await access.node(nodes, request.params.node, 'baremetal:node:get');
      return showItem(NODE, access.shown(node), request, links, request.query.fields);
    },
  );
  server.patch(
    '/v1/nodes/:node',
    {
      schema: { summary: 'Change a node', params: NODE_PARAMS, body: JSON_PATCH, response: { 200: ITEM } },
      config: { policy: 'baremetal:node:update' },
    },
    async (request) => {
      const touched = [...patchedFields(request.body, PATCHABLE)];
      assertFieldsAcceptable(NODE, touched, request);
      const access = accessOf(request);
      const node = await access.node(nodes, request.params.node, ...rulesOf(request.body));
      assertOwnerMayChange(access, node, request.body);
      const edit = (document: NodeDocument): object => editNode(document, request.body, touched);
      return showItem(NODE, access.shown(await nodes.update(node.uuid, edit)), request, links);
    },
  );
  server.delete(
    '/v1/nodes/:node',
    {
      schema: { summary: 'Delete a node', params: NODE_PARAMS, response: NOTHING },
      config: { policy: 'baremetal:node:delete' },
    },
    async (request, reply) => {
      const access = accessOf(request);
      const node = await access.node(nodes, request.params.node);
      access.assertDeletion(node);
      await nodes.remove(node.uuid);
      return reply.code(204).send();
    },
  );
}

const PROVIDER_NAMES = z.looseObject({
  network_provider: networkProvider.nullable().default(null),
  network_interface: networkProvider.nullable().default(null),
});

/** The node with the patch applied. Both names of the provider mean the same field. */
function editNode(document: NodeDocument, patch: JsonPatch, touched: readonly string[]): object {
  const after = patched({ ...document, [ALIAS]: document.network_provider }, patch);
  return withoutAlias(read(PROVIDER_NAMES, after), touched);
}

/**
 * Replaces network_interface by network_provider.
 *
 * @param said names of the fields that the client gave
 * @throws ApiError 400 when it gave both names with different values
 */
function withoutAlias(fields: Readonly<Record<string, unknown>>, said: readonly string[]): object {
  const { network_interface: alias, ...rest } = fields;
  if (!said.includes(ALIAS)) return rest;
  if (said.includes('network_provider') && rest['network_provider'] !== alias) {
    throw new ApiError(400, 'network_interface and network_provider are one field, and differ: give one of them.');
  }
  return { ...rest, network_provider: alias };
}
