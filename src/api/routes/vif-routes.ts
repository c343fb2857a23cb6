import type { FastifyRequest } from 'fastify';
import type { DataSource } from 'typeorm';
import { z } from 'zod';

import type { NetworkProviderClient } from '../../client/network-provider-client.js';
import { attachedVifs, withNotedVifs } from '../../contract/vifs.js';
import { text, uuidField } from '../../inventory/input-fields.js';
import type { Nodes } from '../../inventory/nodes.js';
import { OpenStackError } from '../../openstack/errors.js';
import { loadRecords, type NodeRow } from '../../state/index.js';
import { accessOf } from '../auth/guard.js';
import type { Rule } from '../auth/policy.js';
import { ApiError } from '../http/errors.js';
import { SINCE } from '../http/microversion.js';
import { NOTHING, VIFS } from '../http/result-schemas.js';
import type { ApiServer } from '../http/types.js';
import { NODE_PARAMS } from './node-routes.js';

/** A VIF to attach. Other keys are accepted and ignored: they are for other network interfaces than ours. */
const VIF = z.looseObject({
  id: z.string().describe('UUID of the Neutron port; a plug-in may accept other names'),
  port_uuid: uuidField.nullish().describe('The port to attach it to; default: the best free port or portgroup'),
  portgroup_uuid: uuidField.nullish().describe('The portgroup to attach it to'),
});
const VIF_PARAMS = NODE_PARAMS.extend({ vif: text(255).describe('Id of the VIF, as it was attached') });

/** Asks Neutron whether a caller can see a port with their own token. */
export type SeesPort = (id: string, token: string) => Promise<boolean>;

export interface VifRoutes {
  dataSource: DataSource;
  nodes: Nodes;
  client: Pick<NetworkProviderClient, 'call'>;
  /** null: Neutron does not tell projects apart. */
  seesPort: SeesPort | null;
}

/**
 * Adds /v1/nodes/{node}/vifs. Listing reads the database. Attaching and detaching is a call to the worker that serves
 * the node's conductor host, or to another worker if none serves it.
 */
export function vifRoutes(server: ApiServer, { dataSource, nodes, client, seesPort }: VifRoutes): void {
  const find = (request: FastifyRequest, rule: Rule): Promise<NodeRow> =>
    accessOf(request).node(nodes, (request.params as { node: string }).node, rule);
  server.get(
    '/v1/nodes/:node/vifs',
    {
      schema: { summary: 'List the VIFs of a node', params: NODE_PARAMS, response: VIFS },
      config: { policy: 'baremetal:node:vif:list', since: SINCE.vifs },
    },
    async (request) => {
      const node = await find(request, 'baremetal:node:vif:list');
      const record = (await loadRecords(dataSource.manager, [node.uuid])).get(node.uuid);
      const vifs = record === undefined ? [] : attachedVifs(withNotedVifs(record.task, record.vifs));
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
      // As in Ironic, null counts as given. Older versions accept both fields without this check.
      if (request.minor >= SINCE.vifAttachPort && 'port_uuid' in body && 'portgroup_uuid' in body) {
        throw new ApiError(400, 'Cannot specify both port_uuid and portgroup_uuid');
      }
      const target = rpcTargetOf(await find(request, 'baremetal:node:vif:attach'), request);
      await assertVisible(body.id, request, seesPort);
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
      const target = rpcTargetOf(await find(request, 'baremetal:node:vif:detach'), request);
      await client.call('vif_detach', { ...target, args: { vif_id: request.params.vif } });
      return reply.code(204).send();
    },
  );
}

/**
 * Checks that a caller who acts for a project can see the port in Neutron: the worker attaches it later with its own
 * rights. The token goes to Neutron only. There is no check without Keystone or for the system scope, where there is no
 * project.
 *
 * Source: Ironic, common/neutron.py get_client and _get_port_by_uuid.
 *
 * @throws ApiError 400 as for a VIF that does not exist, when the caller cannot see it; 500 and 503 when Neutron does
 *   not answer the question
 */
async function assertVisible(vif: string, request: FastifyRequest, seesPort: SeesPort | null): Promise<void> {
  const token = request.session ?? request.headers['x-auth-token'];
  if (seesPort === null || accessOf(request).project === null || typeof token !== 'string') return;
  const visible = await seesPort(vif, token.trim()).catch((error: unknown) => {
    if (!(error instanceof OpenStackError)) throw error;
    throw new ApiError(error.transient ? 503 : 500, `Could not retrieve neutron port: ${error.message}`);
  });
  if (!visible) throw new ApiError(400, `Neutron port ${vif.slice(0, 80)} was not found`);
}

/** Target of a call to the node's worker. If the node has no conductor host yet, any worker may take the call. */
export function rpcTargetOf(
  node: NodeRow,
  request: FastifyRequest,
): { nodeId: string; host?: string; served: true; context: { request_id: string } } {
  const host = node.conductor_host === null ? {} : { host: node.conductor_host };
  return { nodeId: node.uuid, ...host, served: true, context: { request_id: request.id } };
}
