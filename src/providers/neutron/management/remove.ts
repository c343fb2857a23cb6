import { IronicError } from '../../../contract/errors.js';
import type { ManagementNetworkType } from '../../../contract/methods.js';
import type { BindingFailure, PortBinding } from '../../../contract/types.js';
import { DEVICE_OWNER_BAREMETAL, type NeutronPort, type PortFilters } from '../../../neutron/resources.js';
import { refOf } from '../../ports/port-like.js';
import { recordedElsewhere, recordedOn, withoutNetworkType } from '../../ports/recorded.js';
import type { ProviderContext, ProviderOutcome } from '../../provider.js';
import { deletePorts } from '../binding/delete.js';
import { bindingOf, describe, isOurs, type NeutronOperation, tenantVifs } from '../binding/operation.js';
import { failureOf, operationError } from '../binding/outcome.js';

/**
 * Removes a management network from a node: deletes the recorded Neutron ports, and leftovers of ours that the network
 * still has for the node's NICs. A port that is not ours is never touched; but since it keeps a NIC on the network, the
 * operation fails with an error that names it.
 */
export async function removeManagementNetwork(
  type: ManagementNetworkType,
  operation: NeutronOperation,
): Promise<ProviderOutcome> {
  const { context } = operation;
  const { found, warnings } = await portsOfNode(type, operation);
  const doomed = new Map<string, PortBinding>();
  for (const port of found.filter((candidate) => isOurs(candidate, operation))) {
    doomed.set(port.id, bindingOf(refOf(port, context), port));
  }
  for (const binding of recordedOn(type, context)) doomed.set(binding.neutron_port_id, withoutNetworkType(binding));
  const elsewhere = recordedElsewhere(type, context);
  for (const id of elsewhere) doomed.delete(id);

  const left = await deletePorts([...doomed.values()], operation);
  const known = new Set([...tenantVifs(context.task), ...elsewhere]);
  const foreign = found.filter((port) => !isOurs(port, operation) && !known.has(port.id));
  const failures = [
    ...left.map(failureOf),
    ...foreign.map((port) => ({
      ...refOf(port, context),
      reason: `MAC address ${port.mac_address} is in use by ${describe(port)}, which netprov did not create and did not change`,
    })),
  ];
  const bindings = left.map(({ binding }) => binding);
  const outcome = { bindings, failures, ...(warnings.length > 0 ? { warnings } : {}) };
  if (failures.length === 0) return outcome;
  const what = `node ${context.task.node.uuid} cannot be removed completely from the ${type} network`;
  return { ...outcome, error: operationError(what, failures) };
}

/** The network's ports for the node's NICs, whoever owns them; a warning instead if the network cannot be found. */
async function portsOfNode(
  type: ManagementNetworkType,
  operation: NeutronOperation,
): Promise<{ found: NeutronPort[]; warnings: BindingFailure[] }> {
  const { context, client, request } = operation;
  const { node } = context.task;
  let network_id: string;
  try {
    network_id = (await operation.networks.find(type, context, request)).id;
  } catch (error) {
    // Recorded ports can be removed even if the network cannot be found.
    if (!(error instanceof IronicError) || recordedOn(type, context).length === 0) throw error;
    const reason = `only recorded ports were removed from the ${type} network, because other ports could not be listed: ${error.message}`;
    return { found: [], warnings: [{ port_uuid: null, portgroup_uuid: null, reason }] };
  }
  const macs = knownMacs(context);
  const device_id = [node.uuid, ...(node.instance_uuid === null ? [] : [node.instance_uuid])];
  const filters: PortFilters =
    macs.length > 0 ? { mac_address: macs } : { device_id, device_owner: DEVICE_OWNER_BAREMETAL };
  return { found: await client.listPorts({ network_id, ...filters }, request), warnings: [] };
}

/** MAC addresses of all NICs and portgroups: one that does not boot from the network now may have done so before. */
function knownMacs({ task }: ProviderContext): string[] {
  const addresses = [...task.ports, ...task.portgroups].map(({ address }) => address?.toLowerCase() ?? '');
  return [...new Set(addresses)].filter((address) => address !== '');
}
