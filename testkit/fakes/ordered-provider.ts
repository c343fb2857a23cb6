import { appendFileSync } from 'node:fs';

import type { NetworkProvider, ProviderContext, ProviderOutcome } from '../../src/providers/provider.js';

/**
 * A plug-in for workers that run as processes of their own. Each time it runs for a node, it appends the node and the
 * `sequence` of its driver_info to the file that ORDER_FILE names.
 */
export default function createOrderedProvider(): NetworkProvider {
  const file = process.env['ORDER_FILE'];
  if (file === undefined) throw new Error('ORDER_FILE is not set');
  const method = ({ task: { node } }: ProviderContext): Promise<ProviderOutcome> => {
    appendFileSync(file, `${node.uuid} ${JSON.stringify(node.driver_info['sequence'])}\n`);
    return Promise.resolve({ bindings: [], failures: [] });
  };
  return {
    add_provisioning_network: method,
    remove_provisioning_network: method,
    add_cleaning_network: method,
    remove_cleaning_network: method,
    configure_tenant_networks: method,
    unconfigure_tenant_networks: method,
  };
}
