import { getCurrentVif, listVifs } from '../current.js';
import type { NetworkProvider } from '../provider.js';
import type { ProviderServices } from '../services.js';
import { addManagementNetwork } from './add-management.js';
import { attachVif } from './attach.js';
import { portChanged, portgroupChanged } from './changed.js';
import { detachVif } from './detach.js';
import { updateDhcpOptions } from './dhcp-options.js';
import { methodsOf } from './methods.js';
import { getNodeNetworkData } from './network-data.js';
import { removeManagementNetwork } from './remove-management.js';
import { configureTenantNetworks, reattachTenantNetworks, unconfigureTenantNetworks } from './tenant.js';
import { needPowerOn, validate } from './validate.js';

/**
 * The neutron provider: attaches a node's NICs to networks by Neutron ports, which a mechanism driver turns into the
 * configuration of the switch ports that local_link_connection names.
 *
 * Source: the specification "Pluggable network providers": `neutron` maps to the Neutron provider.
 */
export default function createNeutronProvider(services: ProviderServices): NetworkProvider {
  const method = methodsOf(services, { wired: true });
  return {
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
    validate: method(validate),
    need_power_on: method(needPowerOn),
    vif_attach: method(attachVif),
    vif_detach: method(detachVif),
    vif_list: method(listVifs),
    get_current_vif: method(getCurrentVif),
    port_changed: method(portChanged),
    portgroup_changed: method(portgroupChanged),
    get_node_network_data: method(getNodeNetworkData),
    update_dhcp_options: method(updateDhcpOptions),
  };
}
