import { IronicError } from '../../../contract/errors.js';
import type { ManagementNetworkType } from '../../../contract/methods.js';
import type { BindingFailure, RecordedBinding } from '../../../contract/types.js';
import { DEVICE_OWNER_BAREMETAL, type NeutronPort, type PortFilters } from '../../../neutron/resources.js';
import { OpenStackError } from '../../../openstack/errors.js';
import { refOf } from '../../ports/port-like.js';
import { recordedElsewhere, recordedOn, withoutNetworkType } from '../../ports/recorded.js';
import type { ProviderContext, ProviderOutcome } from '../../provider.js';
import { deletePorts } from '../binding/delete.js';
import {
  bindingOf,
  describe,
  isOurs,
  isTransient,
  type NeutronOperation,
  type Remainder,
  tenantVifs,
  withRecorded,
} from '../binding/operation.js';
import { failureOf, operationError } from '../binding/outcome.js';

/**
 * Removes a management network from a node: deletes the recorded Neutron ports, and leftovers of ours that the network
 * still has for the node's NICs. A port that is not ours is never touched; but since it keeps a NIC on the network, the
 * operation fails with an error that names it.
 *
 * Leftovers are looked for while the recorded ports are deleted, unless the deletions prove that there are none.
 */
export async function removeManagementNetwork(
  type: ManagementNetworkType,
  operation: NeutronOperation,
): Promise<ProviderOutcome> {
  const { context } = operation;
  const { network, warnings } = await networkToSearch(type, operation);
  const list = (): Promise<NeutronPort[]> => (network === null ? Promise.resolve([]) : portsOfNode(network, operation));
  const elsewhere = recordedElsewhere(type, context);
  const recorded = recordedOn(type, context).filter(({ neutron_port_id: id }) => !elsewhere.has(id));
  const complete = hasAllAddresses(recorded, network, context);
  const [deletion, listing] = await Promise.allSettled([
    deletePorts(recorded.map(withoutNetworkType), operation),
    complete ? [] : list(),
  ]);
  const { left, allFound } = valueOf(deletion);
  const removed = new Set(recorded.map((binding) => binding.neutron_port_id));
  const others = await removeOthers(
    async () => {
      const found = complete && !allFound ? await list() : valueOf(listing);
      return found.filter(({ id }) => !removed.has(id) && !elsewhere.has(id));
    },
    withRecorded(
      context.recorded.filter((binding) => !recorded.includes(binding)),
      operation,
    ),
  );
  const standing = [...left, ...others.left];
  const failures = [...standing.map(failureOf), ...others.failures];
  const bindings = standing.map(({ binding }) => binding);
  const outcome = { bindings, failures, ...(warnings.length > 0 ? { warnings } : {}) };
  if (failures.length === 0) return outcome;
  const what = `node ${context.task.node.uuid} cannot be removed completely from the ${type} network`;
  return { ...outcome, error: operationError(what, failures) };
}

/** The network on which to look for ports of the node; null, and a warning, if it cannot be found. */
async function networkToSearch(
  type: ManagementNetworkType,
  { context, networks, request }: NeutronOperation,
): Promise<{ network: string | null; warnings: BindingFailure[] }> {
  try {
    return { network: (await networks.find(type, context, request)).id, warnings: [] };
  } catch (error) {
    // Recorded ports can be removed even if the network cannot be found.
    if (!(error instanceof IronicError) || recordedOn(type, context).length === 0) throw error;
    const reason = `only recorded ports were removed from the ${type} network, because other ports could not be listed: ${error.message}`;
    return { network: null, warnings: [{ ...NOBODY, reason }] };
  }
}

/**
 * Whether these ports have all MAC addresses of the node's NICs on the network. A network has each address only once, so
 * if they are all found and deleted, no other port of the node was there.
 */
function hasAllAddresses(
  recorded: readonly RecordedBinding[],
  network: string | null,
  context: ProviderContext,
): boolean {
  const there = recorded.filter((binding) => binding.network_id === network);
  const held = new Set(there.map((binding) => binding.mac_address.toLowerCase()));
  const addresses = knownMacs(context);
  return context.fresh && addresses.length > 0 && addresses.every((mac) => held.has(mac));
}

/** The network's ports for the node's NICs, whoever owns them. */
function portsOfNode(network_id: string, { context, client, request }: NeutronOperation): Promise<NeutronPort[]> {
  const { node } = context.task;
  const macs = knownMacs(context);
  const device_id = [node.uuid, ...(node.instance_uuid === null ? [] : [node.instance_uuid])];
  const filters: PortFilters =
    macs.length > 0 ? { mac_address: macs } : { device_id, device_owner: DEVICE_OWNER_BAREMETAL };
  return client.listPorts({ network_id, ...filters }, request);
}

/**
 * Deletes those of the ports that are ours. Recorded ports may be gone by now, so a fault that a retry cannot clear is a
 * failure in the result.
 *
 * @param list lists the ports
 */
async function removeOthers(
  list: () => Promise<NeutronPort[]>,
  operation: NeutronOperation,
): Promise<{ left: Remainder[]; failures: BindingFailure[] }> {
  const { context } = operation;
  const known = tenantVifs(context.task);
  try {
    const found = await list();
    const ours = found.filter((port) => isOurs(port, operation));
    const { left } = await deletePorts(
      ours.map((port) => bindingOf(refOf(port, context), port)),
      operation,
    );
    const foreign = found.filter((port) => !ours.includes(port) && !known.has(port.id));
    return { left, failures: foreign.map((port) => ({ ...refOf(port, context), reason: notOurs(port) })) };
  } catch (error) {
    context.signal.throwIfAborted();
    if (isTransient(error) || !(error instanceof OpenStackError)) throw error;
    return { left: [], failures: [{ ...NOBODY, reason: `other ports could not be removed: ${error.message}` }] };
  }
}

/** The reference of a failure that belongs to no port or portgroup. */
const NOBODY = { port_uuid: null, portgroup_uuid: null } as const;

function notOurs(port: NeutronPort): string {
  return `MAC address ${port.mac_address} is in use by ${describe(port)}, which netprov did not create and did not change`;
}

/** @throws the reason of a rejected promise */
function valueOf<T>(result: PromiseSettledResult<T>): T {
  if (result.status === 'rejected') throw result.reason;
  return result.value;
}

/** MAC addresses of all NICs and portgroups: one that does not boot from the network now may have done so before. */
function knownMacs({ task }: ProviderContext): string[] {
  const addresses = [...task.ports, ...task.portgroups].map(({ address }) => address?.toLowerCase() ?? '');
  return [...new Set(addresses)].filter((address) => address !== '');
}
