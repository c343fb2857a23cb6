import type { MethodName } from '../contract/methods.js';
import { METHODS } from '../contract/methods.js';
import type { NetworkProvider, ProviderContext, ProviderOutcome } from './provider.js';
import { withoutNetworkType } from './recorded.js';

/**
 * The no-op provider: the node stays where it is, on the flat network that it shares with everybody.
 *
 * What is on record therefore still stands: a node that was moved from another provider to this one keeps its bindings,
 * in Neutron and on record.
 *
 * Source: the specification "Pluggable network providers": `none` maps to the no-op provider.
 */
export default function createNoneProvider(): NetworkProvider {
  const leave =
    (method: MethodName) =>
    (context: ProviderContext): Promise<ProviderOutcome> => {
      const bindings = context.recorded.filter((binding) => binding.network_type === METHODS[method]);
      return Promise.resolve({ bindings: bindings.map(withoutNetworkType), failures: [] });
    };
  return {
    changesNothing: true,
    add_provisioning_network: leave('add_provisioning_network'),
    remove_provisioning_network: leave('remove_provisioning_network'),
    add_cleaning_network: leave('add_cleaning_network'),
    remove_cleaning_network: leave('remove_cleaning_network'),
    configure_tenant_networks: leave('configure_tenant_networks'),
    unconfigure_tenant_networks: leave('unconfigure_tenant_networks'),
  };
}
