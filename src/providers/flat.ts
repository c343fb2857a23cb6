import type { NetworkType } from '../contract/methods.js';
import type { NeutronOperation } from './neutron/binding/operation.js';
import { failureOf, operationError } from './neutron/binding/outcome.js';
import { addManagementNetwork } from './neutron/management/add.js';
import { removeManagementNetwork } from './neutron/management/remove.js';
import { commonMethods, methodsOf, sharedOf } from './neutron/methods.js';
import { bindVifs } from './neutron/tenant/bind.js';
import { portLikesWithVif, unbindAll } from './neutron/tenant/tenant.js';
import { attachments, detachedVifs, fetchVifs, unbindVifs } from './neutron/tenant/vifs.js';
import type { NetworkProvider, ProviderOutcome, ProviderServices } from './provider.js';

/**
 * The flat provider: the node stays on one flat network, and no switch is configured. Neutron only has to know the
 * node's ports, for DHCP. While the node is deployed, rescued, serviced or in use, these are the tenant's own ports;
 * for cleaning and inspection, ports are made.
 *
 * Source: Ironic, drivers/modules/network/flat.py.
 */
export function createFlatProvider(services: ProviderServices): NetworkProvider {
  const shared = sharedOf(services, { wired: false });
  const method = methodsOf(shared);
  const bind = (type: NetworkType) => method((operation) => bindFlat(type, operation));
  const unbind = (type: NetworkType) => method((operation) => unbindAll(type, operation));
  return {
    dependency: services.neutron.availability,
    ...commonMethods(shared, method),
    add_provisioning_network: bind('provisioning'),
    remove_provisioning_network: unbind('provisioning'),
    add_cleaning_network: method((operation) => addManagementNetwork('cleaning', operation)),
    remove_cleaning_network: method((operation) => removeManagementNetwork('cleaning', operation)),
    add_rescuing_network: bind('rescuing'),
    remove_rescuing_network: unbind('rescuing'),
    add_inspection_network: method((operation) => addManagementNetwork('inspection', operation)),
    remove_inspection_network: method((operation) => removeManagementNetwork('inspection', operation)),
    add_servicing_network: bind('servicing'),
    remove_servicing_network: unbind('servicing'),
    configure_tenant_networks: bind('tenant'),
    unconfigure_tenant_networks: unbind('tenant'),
  };
}

/**
 * Tells Neutron that the node's VIFs are on the node.
 *
 * @throws NetworkError when the node has no VIF: Neutron's DHCP would then answer none of its NICs.
 *   Source: Ironic, since version 33.0.
 */
async function bindFlat(type: NetworkType, operation: NeutronOperation): Promise<ProviderOutcome> {
  const { context } = operation;
  const wanted = portLikesWithVif(operation);
  const detached = detachedVifs(context, type);
  const vifs = await fetchVifs([...attachments(context.task), ...detached], operation);
  const left = await unbindVifs(detached, vifs, operation);
  if (left.length > 0) throw operationError('a detached VIF cannot be unbound', left.map(failureOf));
  return bindVifs(wanted, vifs, operation);
}
