import type { NetworkProviderClient } from '../../client/network-provider-client.js';
import type { Nodes } from '../../inventory/nodes.js';
import { RemoteError } from '../../rpc/index.js';
import { accessOf } from '../auth/guard.js';
import { VALIDATION } from '../http/result-schemas.js';
import type { ApiServer } from '../http/types.js';
import { NODE_PARAMS } from './node-routes.js';
import { rpcTargetOf } from './vif-routes.js';

/** Ironic's interfaces of a node, except the network interface. */
const OTHERS = [
  ...['bios', 'boot', 'console', 'deploy', 'firmware', 'inspect', 'management', 'power', 'raid', 'rescue', 'storage'],
  'vendor',
];

/**
 * Errors of a worker that mean that the network provider cannot move the node. Any other error says nothing about the
 * node.
 */
const REASONS = ['InvalidParameterValue', 'MissingParameterValue', 'UnsupportedDriverExtension', 'NetworkError'];

/**
 * Adds /v1/nodes/{node}/validate. A worker validates the network; nothing is known here of the other interfaces.
 *
 * Source: Ironic, conductor/manager.py validate_driver_interfaces.
 */
export function validationRoute(
  server: ApiServer,
  { nodes, client }: { nodes: Nodes; client: Pick<NetworkProviderClient, 'call'> },
): void {
  const unknown = { result: null, reason: 'not supported: the network provider does not validate it; ask Ironic' };
  server.get(
    '/v1/nodes/:node/validate',
    {
      schema: {
        summary: 'Validate a node: a worker checks whether its network provider could move it',
        params: NODE_PARAMS,
        response: VALIDATION,
      },
      config: { policy: 'baremetal:node:get' },
    },
    async (request) => {
      const target = rpcTargetOf(
        await accessOf(request).node(nodes, request.params.node, 'baremetal:node:get'),
        request,
      );
      const network = await answerOf(client.call('validate', target));
      return { ...Object.fromEntries(OTHERS.map((name) => [name, unknown])), network };
    },
  );
}

async function answerOf(asked: Promise<unknown>): Promise<{ result: boolean; reason?: string }> {
  try {
    await asked;
    return { result: true };
  } catch (error) {
    if (error instanceof RemoteError && REASONS.includes(error.className)) {
      return { result: false, reason: error.message };
    }
    throw error;
  }
}
