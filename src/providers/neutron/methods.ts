import { getCurrentVif, listVifs } from '../ports/current.js';
import type { NetworkProvider, ProviderContext, ProviderServices } from '../provider.js';
import { answerCache, SwitchLimits } from './binding/limits.js';
import { Networks } from './binding/networks.js';
import {
  asContractError,
  checkOwnSwitches,
  type NeutronOperation,
  requestOf,
  type Shared,
} from './binding/operation.js';
import { SwitchDrivers } from './binding/switch-drivers.js';
import { withCutOff } from './binding/switch-ports.js';
import { withUnproven } from './binding/unproven.js';
import { updateDhcpOptions } from './dhcp-options.js';
import { getNodeNetworkData } from './network-data.js';
import { compareNodes } from './reconcile/compare-nodes.js';
import { reconcile, repairNode } from './reconcile/repair.js';
import { attachVif, detachVif } from './tenant/attach.js';
import { portChanged, portgroupChanged } from './tenant/changed.js';
import { needPowerOn, validate } from './validate.js';

type Method<Outcome> = (context: ProviderContext) => Promise<Outcome>;

/** Makes a provider method from its steps. */
export type MakeMethod = <Outcome extends object>(
  steps: (operation: NeutronOperation) => Promise<Outcome>,
) => Method<Outcome>;

/**
 * Returns the function that makes provider methods from their steps. Each call of a method is one operation, and its
 * errors are translated into those of the contract.
 */
export function methodsOf(shared: Shared): MakeMethod {
  return (steps) => async (context) => {
    // Checked before any change: a node with a wrong value is refused, not moved halfway.
    checkOwnSwitches(context);
    try {
      const begun = performance.now();
      const request = requestOf(context);
      const operation: NeutronOperation = { ...shared, context, request, begun, cutOff: [], unproven: [] };
      return withUnproven(withCutOff(await steps(operation), operation), operation);
    } catch (error) {
      context.signal.throwIfAborted();
      throw asContractError(error);
    }
  };
}

/** What all operations of one provider share. */
export function sharedOf({ neutron, options, portEvents }: ProviderServices, { wired }: Pick<Shared, 'wired'>): Shared {
  return {
    client: neutron,
    options,
    portEvents: portEvents ?? null,
    networks: new Networks(neutron, options),
    limits: new SwitchLimits(options.neutron.max_changes_per_switch),
    switchDrivers: new SwitchDrivers(),
    securityGroups: answerCache(),
    addressModes: answerCache(),
    wired,
  };
}

/** Methods that neutron and flat have in common: those about VIFs, those that change nothing, and reconcile. */
export function commonMethods(shared: Shared, method: MakeMethod): Partial<NetworkProvider> {
  return {
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
    ...reconciliation(shared, method),
  };
}

/** The methods that compare nodes with Neutron and repair them. */
function reconciliation(shared: Shared, method: MakeMethod): Partial<NetworkProvider> {
  return {
    compare: async (nodes, request) => {
      try {
        return await compareNodes(nodes, shared, request);
      } catch (error) {
        request.signal.throwIfAborted();
        throw asContractError(error);
      }
    },
    repair: (context, standing) => method((operation) => repairNode(standing, operation))(context),
    reconcile: method(reconcile),
  };
}
