import type { DataSource } from 'typeorm';
import { z } from 'zod';

import { METHOD_NAMES, NETWORK_TYPES } from '../contract/methods.js';
import { resultToJson } from '../contract/result.js';
import { text } from '../inventory/fields.js';
import type { Nodes } from '../inventory/nodes.js';
import {
  listOperations,
  loadOperation,
  MarkerNotFound,
  OPERATION_STATUSES,
  whereabouts,
  type OperationFilter,
  type OperationSummary,
} from '../state/index.js';
import { ApiError } from './errors.js';
import { LIST_QUERY } from './listing.js';
import type { Links } from './links.js';
import { NODE_PARAMS } from './nodes.js';
import { LIST_RESULT } from './results.js';
import type { ApiServer } from './types.js';

const moment = z.iso
  .datetime({ offset: true, error: 'expected a time such as 2026-11-24T22:00:00Z' })
  .transform((value) => new Date(value));

const OPERATION_LIST = z.strictObject({
  limit: LIST_QUERY.limit,
  marker: text(64).optional().describe('Id of the last operation of the page before'),
  node: text(255).optional().describe('UUID or name of the node'),
  status: z.enum(OPERATION_STATUSES).optional(),
  method: z.enum(METHOD_NAMES).optional(),
  network_type: z.enum(NETWORK_TYPES).optional(),
  conductor: text(255).optional().describe('The conductor host that asked'),
  network_provider: text(255).optional(),
  request_id: text(255).optional(),
  since: moment.optional().describe('Began at this time or later'),
  until: moment.optional().describe('Began before this time'),
});
const OPERATION_PARAMS = z.strictObject({ operation: text(64).describe('The _unique_id of its message') });

export interface OperationRoutes {
  dataSource: DataSource;
  nodes: Nodes;
  links: Links;
  maxLimit: number;
}

/** /v1/operations and /v1/nodes/{node}/network: what was done, and where a node is. Ironic has nothing like them. */
export function operationRoutes(server: ApiServer, { dataSource, nodes, links, maxLimit }: OperationRoutes): void {
  server.get(
    '/v1/operations',
    {
      schema: { summary: 'List operations, the newest first', querystring: OPERATION_LIST, response: LIST_RESULT },
      config: { policy: 'netprov:operation:get' },
    },
    async (request) => {
      const { limit: wanted = maxLimit, marker = null, ...query } = request.query;
      const limit = Math.min(wanted, maxLimit);
      const filter = await filterOf(query, nodes);
      const found = await pageOf(dataSource, filter, marker, limit);
      const last = found.length === limit ? found.at(-1) : undefined;
      return {
        operations: found,
        ...(last === undefined ? {} : { next: links.next(request, limit, last.id) }),
      };
    },
  );
  server.get(
    '/v1/operations/:operation',
    {
      schema: { summary: 'Show an operation', params: OPERATION_PARAMS, response: OBJECT },
      config: { policy: 'netprov:operation:get' },
    },
    async (request) => {
      const { operation: id } = request.params;
      const found = await loadOperation(dataSource.manager, id);
      if (found === null) throw new ApiError(404, `Operation ${id} could not be found.`);
      return { ...found, result: found.result && resultToJson(found.result) };
    },
  );
  server.get(
    '/v1/nodes/:node/network',
    {
      schema: { summary: 'Show on which network a node is', params: NODE_PARAMS, response: OBJECT },
      config: { policy: 'netprov:network:get' },
    },
    async (request) => {
      const node = await nodes.get(request.params.node);
      const { network_type, since, operation_id, bindings } = await whereabouts(dataSource.manager, node.uuid);
      return {
        node_uuid: node.uuid,
        network_provider: node.network_provider,
        network_type,
        since,
        operation_id,
        bindings,
      };
    },
  );
}

const OBJECT = { 200: z.looseObject({}).describe('What is on record') };

async function filterOf(
  query: Omit<z.output<typeof OPERATION_LIST>, 'limit' | 'marker'>,
  nodes: Nodes,
): Promise<OperationFilter> {
  const { node, status, method, network_type, conductor, network_provider, request_id, since, until } = query;
  return {
    nodes: node === undefined ? undefined : [(await nodes.get(node)).uuid],
    status,
    method,
    networkType: network_type,
    host: conductor,
    provider: network_provider,
    requestId: request_id,
    since,
    until,
  };
}

/** @throws ApiError 404 when the marker is no operation on record */
async function pageOf(
  dataSource: DataSource,
  filter: OperationFilter,
  marker: string | null,
  limit: number,
): Promise<OperationSummary[]> {
  try {
    return await listOperations(dataSource.manager, filter, { marker, limit });
  } catch (error) {
    throw error instanceof MarkerNotFound ? new ApiError(404, error.message) : error;
  }
}
