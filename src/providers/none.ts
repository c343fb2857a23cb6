import { BASE_METHOD_NAMES, type BaseMethodName, METHOD_NAMES, type MethodName, METHODS } from '../contract/methods.js';
import { attachedVifs, withVifs } from '../contract/vifs.js';
import { asContractError, type NeutronOperation, requestOf } from './neutron/binding/operation.js';
import { updateDhcpOptions } from './neutron/dhcp-options.js';
import { getNodeNetworkData } from './neutron/network-data.js';
import { chooseCarrier, notAttached, refuseOtherProject, wantedVif } from './ports/carrier.js';
import { getCurrentVif, listVifs } from './ports/current.js';
import { withoutNetworkType } from './ports/recorded.js';
import type { NetworkProvider, ProviderContext, ProviderOutcome, ProviderServices } from './provider.js';

type Method<Outcome = Partial<ProviderOutcome>> = (context: ProviderContext) => Promise<Outcome>;
type Asked = Pick<NeutronOperation, 'context' | 'client' | 'request'>;

/**
 * The no-op provider: the node stays where it is, on the flat network that all nodes share. It never binds, unbinds or
 * moves a Neutron port, whichever provider bound it before; it only records VIFs. It uses Neutron for three things: the
 * DHCP options of those ports, the network data of a node that has VIFs, and the check of a VIF's project.
 *
 * Recorded bindings therefore stay: a node that changes from another provider to this one keeps its bindings in Neutron
 * and on record.
 *
 * Source: the specification "Pluggable network providers": `none` maps to the no-op provider, and the ports of a node
 * that uses it are treated as they are today, putting DHCP configs on those ports.
 */
export function createNoneProvider({ neutron }: Pick<ProviderServices, 'neutron'>): NetworkProvider {
  const method =
    (steps: (operation: Asked) => Promise<Partial<ProviderOutcome>>): Method =>
    async (context) => {
      try {
        return await steps({ context, client: neutron, request: requestOf(context) });
      } catch (error) {
        context.signal.throwIfAborted();
        throw asContractError(error);
      }
    };
  return {
    // vif_attach is recorded while it runs, so that no other node can get the VIF at the same time.
    changesNothing: METHOD_NAMES.filter((name) => name !== 'update_dhcp_options' && name !== 'vif_attach'),
    ...(Object.fromEntries(BASE_METHOD_NAMES.map((name) => [name, leave(name)])) as Record<
      BaseMethodName,
      Method<ProviderOutcome>
    >),
    add_rescuing_network: leave('add_rescuing_network'),
    remove_rescuing_network: leave('remove_rescuing_network'),
    add_inspection_network: leave('add_inspection_network'),
    remove_inspection_network: leave('remove_inspection_network'),
    add_servicing_network: leave('add_servicing_network'),
    remove_servicing_network: leave('remove_servicing_network'),
    port_changed: leave('port_changed'),
    portgroup_changed: leave('portgroup_changed'),
    vif_attach: method(noteVif),
    vif_detach: method(forgetVif),
    vif_list: method(listVifs),
    get_current_vif: method(getCurrentVif),
    reconcile: () => Promise.resolve({ findings: [] }),
    validate: () => Promise.resolve({}),
    need_power_on: () => Promise.resolve({ need_power_on: false }),
    get_node_network_data: method(getNodeNetworkData),
    update_dhcp_options: method(updateDhcpOptions),
  };
}

function leave(method: MethodName): Method<ProviderOutcome> {
  return ({ recorded }) => {
    const bindings = recorded.filter((binding) => binding.network_type === METHODS[method].networkType);
    return Promise.resolve({ bindings: bindings.map(withoutNetworkType), failures: [] });
  };
}

/**
 * Chooses any port or portgroup that has no VIF; a switch connection is not required. Asks Neutron about the VIF only
 * if the VIF must belong to a given project.
 */
async function noteVif({ context, client, request }: Asked): Promise<Partial<ProviderOutcome>> {
  const { task } = context;
  const wanted = wantedVif(context);
  const { ref } = chooseCarrier(task, wanted, new Set(), () => null);
  if (wanted.project_id !== null) {
    const [port] = await client.listPorts({ id: [wanted.id] }, request);
    refuseOtherProject(port, wanted);
  }
  return { vifs: attachedVifs(withVifs(task, [...attachedVifs(task), { id: wanted.id, ...ref }])) };
}

function forgetVif({ context }: Asked): Promise<Partial<ProviderOutcome>> {
  const attached = attachedVifs(context.task);
  const vifs = attached.filter(({ id }) => id !== context.args.vif_id);
  if (vifs.length === attached.length) throw notAttached(context);
  return Promise.resolve({ vifs });
}
