import type { FastifyRequest } from 'fastify';
import type { DataSource } from 'typeorm';
import { z } from 'zod';

import { METHOD_NAMES, NETWORK_TYPES } from '../../contract/methods.js';
import { resultToJson } from '../../contract/result.js';
import { networkProvider, text } from '../../inventory/input-fields.js';
import type { Nodes } from '../../inventory/nodes.js';
import {
  listOperations,
  loadOperation,
  MarkerNotFound,
  OPERATION_STATUSES,
  type OperationDetail,
  type OperationFilter,
  type OperationSummary,
  whereabouts,
} from '../../state/index.js';
import { accessOf } from '../auth/guard.js';
import { ApiError } from '../http/errors.js';
import { LIST_QUERY, parameter } from '../http/listing.js';
import type { Links } from '../http/resource.js';
import { NETWORK, OPERATION, OPERATION_LIST } from '../http/result-schemas.js';
import type { ApiServer } from '../http/types.js';
import { NODE_PARAMS } from './node-routes.js';

const moment = z.iso
  .datetime({ offset: true, error: 'expected a time such as 2026-11-24T22:00:00Z' })
  .transform((value) => new Date(value))
  .refine((value) => value.getUTCFullYear() >= 1970 && value.getUTCFullYear() <= 9999, {
    error: 'expected a time in the years 1970 to 9999',
  });

const OPERATION_QUERY = z.strictObject({
  limit: LIST_QUERY.limit,
  marker: parameter(text(64), 'Id of the last operation of the previous page'),
  node: parameter(text(255), 'UUID or name of the node'),
  status: parameter(z.enum(OPERATION_STATUSES), 'Status of the operations'),
  method: parameter(z.enum(METHOD_NAMES), 'Method of the operations'),
  network_type: parameter(z.enum(NETWORK_TYPES), 'Network type of the operations'),
  conductor: parameter(text(255), 'Conductor host that sent the request'),
  network_provider: parameter(networkProvider, 'Network provider of the operations'),
  request_id: parameter(text(255), "The caller's request id"),
  since: parameter(moment, 'Operations that began at this time or later'),
  until: parameter(moment, 'Operations that began before this time'),
});
const OPERATION_PARAMS = z.strictObject({ operation: text(64).describe('The _unique_id of its message') });

export interface OperationRoutes {
  dataSource: DataSource;
  nodes: Nodes;
  links: Links;
  maxLimit: number;
}

/**
 * Adds /v1/operations and /v1/nodes/{node}/network: what was done, and which network a node is on. Ironic has neither.
 */
export function operationRoutes(server: ApiServer, { dataSource, nodes, links, maxLimit }: OperationRoutes): void {
  server.get(
    '/v1/operations',
    {
      schema: { summary: 'List operations, newest first', querystring: OPERATION_QUERY, response: OPERATION_LIST },
      config: { policy: 'netprov:operation:list_all' },
    },
    async (request) => {
      const owner = accessOf(request).listed('netprov:operation');
      const { limit: wanted = maxLimit, marker = null, ...query } = request.query;
      const limit = Math.min(wanted, maxLimit);
      const filter = { ...(await filterOf(query, request, nodes)), owner };
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
      schema: { summary: 'Show an operation', params: OPERATION_PARAMS, response: OPERATION },
      config: { policy: 'netprov:operation:get' },
    },
    async (request) => {
      const { operation: id } = request.params;
      const found = await seen(await loadOperation(dataSource.manager, id), request, nodes);
      return { ...found, result: found.result && resultToJson(found.result) };
    },
  );
  server.get(
    '/v1/nodes/:node/network',
    {
      schema: { summary: 'Show the current network of a node', params: NODE_PARAMS, response: NETWORK },
      config: { policy: 'netprov:network:get' },
    },
    async (request) => {
      const node = await accessOf(request).node(nodes, request.params.node, 'netprov:network:get');
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

/**
 * Returns the operation if the caller may see it: the caller must be allowed to see its node, or all operations if the
 * node is not on record.
 *
 * @throws ApiError 403; 404 when there is no such operation, or the caller may not see its node
 */
async function seen(
  found: OperationDetail | null,
  request: FastifyRequest<{ Params: { operation: string } }>,
  nodes: Nodes,
): Promise<OperationDetail> {
  const access = accessOf(request);
  const node = found?.node_uuid == null ? null : await nodes.find(found.node_uuid);
  const visible = access.may('netprov:operation:list_all') || (node !== null && access.may('baremetal:node:get', node));
  if (found === null || !visible) {
    throw new ApiError(404, `Operation ${request.params.operation} could not be found.`);
  }
  access.assert('netprov:operation:get', node);
  return found;
}

async function filterOf(
  query: Omit<z.output<typeof OPERATION_QUERY>, 'limit' | 'marker'>,
  request: FastifyRequest,
  nodes: Nodes,
): Promise<OperationFilter> {
  const { node, status, method, network_type, conductor, network_provider, request_id, since, until } = query;
  return {
    nodes: node === undefined ? undefined : [(await accessOf(request).node(nodes, node)).uuid],
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

/** @throws ApiError 404 when there is no operation with the id of the marker */
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
