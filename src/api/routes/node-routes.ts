import type { FastifyRequest } from 'fastify';
import { z } from 'zod';

import { interfaceNamed } from '../../contract/network-interface.js';
import { notFound } from '../../inventory/errors.js';
import { networkProvider, read, text, uuidField } from '../../inventory/input-fields.js';
import { NODE_FIELDS, NODE_INPUT, type NodeDocument, type Nodes } from '../../inventory/nodes.js';
import type { NodeRow } from '../../state/index.js';
import { accessOf } from '../auth/guard.js';
import { ApiError } from '../http/errors.js';
import { type JsonPatch, patched } from '../http/json-patch.js';
import { SINCE } from '../http/microversion.js';
import { column, json, type Resource, timeField } from '../http/resource.js';
import { ID, resultsOf, TEXT } from '../http/result-schemas.js';
import type { ApiServer } from '../http/types.js';
import { NODE_LIST, readNodeFilter } from './node-filter.js';
import { assertOwnerMayChange, ownedBy, rulesOf } from './node-rules.js';
import { type AnswerParts, resourceRoutes } from './resource-routes.js';

/** A node, with the fields that it has in Ironic, and network_provider beside network_interface. */
export const NODE: Resource<NodeRow> = {
  title: 'Node',
  about: 'A node, from the last task of a conductor and later changes of operators',
  name: 'nodes',
  since: 1,
  fields: {
    uuid: column('uuid', ID, { about: 'UUID of the node' }),
    created_at: timeField('created_at', 'Time at which the record was created'),
    updated_at: timeField('updated_at', 'Time of the last change of the record'),
    driver: column('driver', TEXT, { about: "Ironic's driver; tasks do not set it" }),
    driver_info: json('driver_info', {
      about: "The part of Ironic's driver_info about networks",
    }),
    properties: json('properties', { about: "Operators' own data; tasks do not set it" }),
    extra: json('extra', { about: "Operators' own data; tasks do not set it" }),
    instance_uuid: column('instance_uuid', ID.nullable(), { about: "UUID of the node's instance" }),
    instance_info: json('instance_info', { about: "The part of Ironic's instance_info about booting" }),
    provision_state: column('provision_state', TEXT, {
      about: 'Its provision state in Ironic, from the last task that had it',
    }),
    name: column('name', TEXT, { about: 'Name of the node; it can replace the UUID in URLs', since: SINCE.nodeNames }),
    network_provider: column('network_provider', TEXT, {
      about: 'Its network provider: none, flat, neutron, or a plug-in; null: the default of the workers',
      since: SINCE.networkInterface,
    }),
    network_interface: {
      ...column<NodeRow>('network_provider', TEXT, {
        about: "The same as network_provider, with Ironic's names: noop is none",
        since: SINCE.networkInterface,
      }),
      of: ({ network_provider: provider }) => provider && interfaceNamed(provider),
    },
    resource_class: column('resource_class', TEXT, {
      about: 'Its resource class, for schedulers; tasks do not set it',
      since: SINCE.resourceClass,
    }),
    boot_interface: column('boot_interface', TEXT, {
      about: "Ironic's boot interface",
      since: SINCE.dynamicInterfaces,
    }),
    conductor: column('conductor_host', TEXT, {
      about: 'The conductor host of its last operation; null: no operation yet, or one for any host',
      since: SINCE.conductor,
    }),
    owner: column('owner', TEXT, {
      about: "Keystone's id of the project that owns the node; tasks do not set it",
      since: SINCE.owner,
    }),
    description: column('description', TEXT, { about: 'A description by operators', since: SINCE.description }),
    lessee: column('lessee', TEXT, {
      about: "Keystone's id of the project that leases the node; tasks do not set it",
      since: SINCE.lessee,
    }),
    network_data: json('network_data', {
      about: 'The network data of its ramdisk; without it, netprov makes them from the ports',
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
const RESULTS = resultsOf(NODE);

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

/** Adds /v1/nodes. */
export function nodeRoutes(server: ApiServer, { nodes, ...parts }: AnswerParts & { nodes: Nodes }): void {
  resourceRoutes(server, parts, {
    resource: NODE,
    results: RESULTS,
    params: NODE_PARAMS,
    query: NODE_LIST,
    body: NODE_BODY,
    patchable: [...NODE_FIELDS, ALIAS],
    creation: 'Enroll a node',
    sublists: [],
    list: (query, request) => {
      const project = accessOf(request).listed('baremetal:node', query.project);
      const filter = readNodeFilter(query);
      // Owner and lessee decide what the caller may see of a node.
      return (page) => nodes.list(filter, { ...page, columns: [...page.columns, 'owner', 'lessee'], project });
    },
    create: async (body, request) => {
      const document = withoutAlias(body, request.given ?? []);
      return nodes.create(ownedBy(accessOf(request).ownerOfCreated(), document));
    },
    get: (ident, request) => accessOf(request).node(nodes, ident, 'baremetal:node:get'),
    update: async (ident, { patch, fields }, request) => {
      const access = accessOf(request);
      const node = await access.node(nodes, ident, ...rulesOf(patch));
      assertOwnerMayChange(access, node, patch);
      return nodes.update(node.uuid, (document) => editNode(document, patch, fields));
    },
    remove: async (ident, request) => {
      const access = accessOf(request);
      const node = await access.node(nodes, ident);
      access.assertDeletion(node);
      await nodes.remove(node.uuid);
    },
    visible: (node, request) => accessOf(request).shown(node),
  });
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
