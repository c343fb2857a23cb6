import type { FastifyRequest } from 'fastify';
import { z } from 'zod';

import type { NetworkProviderClient } from '../client.js';
import { uuid } from '../inventory/fields.js';
import type { Nodes } from '../inventory/nodes.js';
import type { NodeRow } from '../state/index.js';
import { ApiError } from './errors.js';
import { assertAcceptable, SINCE } from './microversion.js';
import { NODE_PARAMS } from './nodes.js';
import { NOTHING, VIFS } from './results.js';
import type { ApiServer } from './types.js';

const VIF = z.strictObject({
  id: uuid.describe('UUID of the Neutron port'),
  port_uuid: uuid.optional().describe('The port to attach it to; without one the best free one'),
  portgroup_uuid: uuid.optional().describe('The portgroup to attach it to'),
});
const VIF_PARAMS = NODE_PARAMS.extend({ vif: uuid.describe('UUID of the Neutron port') });

export interface VifRoutes {
  nodes: Nodes;
  client: Pick<NetworkProviderClient, 'call'>;
}

/** /v1/nodes/{node}/vifs: what is attached is asked of the worker that serves the node's conductor host. */
export function vifRoutes(server: ApiServer, { nodes, client }: VifRoutes): void {
  server.get(
    '/v1/nodes/:node/vifs',
    {
      schema: { summary: 'List the VIFs of a node', params: NODE_PARAMS, response: VIFS },
      config: { policy: 'baremetal:node:vif:list', since: SINCE.vifs },
    },
    async (request) => {
      const { vifs = [] } = await client.call('vif_list', targetOf(await nodes.get(request.params.node), request));
      return { vifs: vifs.map(({ id }) => ({ id })) };
    },
  );
  server.post(
    '/v1/nodes/:node/vifs',
    {
      schema: { summary: 'Attach a VIF to a node', params: NODE_PARAMS, body: VIF, response: NOTHING },
      config: { policy: 'baremetal:node:vif:attach', since: SINCE.vifs },
    },
    async (request, reply) => {
      const { body } = request;
      if (body.port_uuid !== undefined && body.portgroup_uuid !== undefined) {
        throw new ApiError(400, 'Cannot specify both port_uuid and portgroup_uuid');
      }
      for (const name of ['port_uuid', 'portgroup_uuid'] as const) {
        if (body[name] !== undefined) assertAcceptable(request, name, SINCE.vifAttachPort);
      }
      const target = targetOf(await nodes.get(request.params.node), request);
      await client.call('vif_attach', {
        ...target,
        args: {
          vif_info: { id: body.id, port_uuid: body.port_uuid ?? null, portgroup_uuid: body.portgroup_uuid ?? null },
        },
      });
      return reply.code(204).send();
    },
  );
  server.delete(
    '/v1/nodes/:node/vifs/:vif',
    {
      schema: { summary: 'Detach a VIF from a node', params: VIF_PARAMS, response: NOTHING },
      config: { policy: 'baremetal:node:vif:detach', since: SINCE.vifs },
    },
    async (request, reply) => {
      const target = targetOf(await nodes.get(request.params.node), request);
      await client.call('vif_detach', { ...target, args: { vif_id: request.params.vif } });
      return reply.code(204).send();
    },
  );
}

/** A node that no conductor host has yet is any worker's. */
function targetOf(
  node: NodeRow,
  request: FastifyRequest,
): { nodeId: string; host?: string; context: { request_id: string } } {
  const host = node.conductor_host === null ? {} : { host: node.conductor_host };
  return { nodeId: node.uuid, ...host, context: { request_id: request.id } };
}
