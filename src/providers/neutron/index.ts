import type { NetworkProvider, ProviderContext, ProviderOutcome } from '../provider.js';
import type { ProviderServices } from '../services.js';
import { addManagementNetwork } from './add-management.js';
import { Networks } from './networks.js';
import { asContractError, type Operation } from './operation.js';
import { removeManagementNetwork } from './remove-management.js';
import { configureTenantNetworks, unconfigureTenantNetworks } from './tenant.js';

/**
 * The neutron provider: attaches a node's NICs to networks by Neutron ports, which a mechanism driver turns into the
 * configuration of the switch ports that local_link_connection names.
 *
 * Source: the specification "Pluggable network providers": `neutron` maps to the Neutron provider.
 */
export default function createNeutronProvider(services: ProviderServices): NetworkProvider {
  const networks = new Networks(services.neutron, services.options);
  const method =
    (steps: (operation: Operation) => Promise<ProviderOutcome>) =>
    async (context: ProviderContext): Promise<ProviderOutcome> => {
      const request = { signal: context.signal, requestId: context.requestId };
      try {
        return await steps({
          context,
          client: services.neutron,
          request,
          networks,
          options: services.options.neutron,
        });
      } catch (error) {
        context.signal.throwIfAborted();
        throw asContractError(error);
      }
    };
  return {
    add_provisioning_network: method((operation) => addManagementNetwork('provisioning', operation)),
    remove_provisioning_network: method((operation) => removeManagementNetwork('provisioning', operation)),
    add_cleaning_network: method((operation) => addManagementNetwork('cleaning', operation)),
    remove_cleaning_network: method((operation) => removeManagementNetwork('cleaning', operation)),
    configure_tenant_networks: method(configureTenantNetworks),
    unconfigure_tenant_networks: method(unconfigureTenantNetworks),
  };
}
