import type { NetworkProvider, ProviderServices } from '../provider.js';
import { addManagementNetwork } from './management/add.js';
import { removeManagementNetwork } from './management/remove.js';
import { commonMethods, methodsOf, sharedOf } from './methods.js';
import { configureTenantNetworks, reattachTenantNetworks, unconfigureTenantNetworks } from './tenant/tenant.js';

/**
 * The neutron provider: attaches a node's NICs to networks through Neutron ports. From these, a mechanism driver
 * configures the switch ports that local_link_connection names.
 *
 * Source: the specification "Pluggable network providers": `neutron` maps to the Neutron provider.
 */
export function createNeutronProvider(services: ProviderServices): NetworkProvider {
  const shared = sharedOf(services, { wired: true });
  const method = methodsOf(shared);
  return {
    dependency: services.neutron.availability,
    ...commonMethods(shared, method),
    add_provisioning_network: method((operation) => addManagementNetwork('provisioning', operation)),
    remove_provisioning_network: method((operation) => removeManagementNetwork('provisioning', operation)),
    add_cleaning_network: method((operation) => addManagementNetwork('cleaning', operation)),
    remove_cleaning_network: method((operation) => removeManagementNetwork('cleaning', operation)),
    add_rescuing_network: method((operation) => addManagementNetwork('rescuing', operation)),
    remove_rescuing_network: method((operation) => removeManagementNetwork('rescuing', operation)),
    add_inspection_network: method((operation) => addManagementNetwork('inspection', operation)),
    remove_inspection_network: method((operation) => removeManagementNetwork('inspection', operation)),
    add_servicing_network: method((operation) => addManagementNetwork('servicing', operation)),
    remove_servicing_network: method((operation) => removeManagementNetwork('servicing', operation)),
    configure_tenant_networks: method(configureTenantNetworks),
    unconfigure_tenant_networks: method(unconfigureTenantNetworks),
    reattach: method(reattachTenantNetworks),
  };
}
