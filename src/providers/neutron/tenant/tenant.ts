import { InvalidParameterValue, IronicError, NetworkError } from '../../../contract/errors.js';
import { MANAGEMENT_NETWORK_TYPES, type NetworkType } from '../../../contract/methods.js';
import type { BindingFailure } from '../../../contract/types.js';
import { attachedVifs, tenantVif } from '../../../contract/vifs.js';
import { nicsOf, type PortLike, portLikesOf } from '../../ports/port-like.js';
import { recordedElsewhere, recordedOn, refuseBeside, withoutNetworkType } from '../../ports/recorded.js';
import type { ProviderContext, ProviderOutcome } from '../../provider.js';
import { refuseOtherThanLocalBoot } from '../binding/boot.js';
import { ACTIVE, type NeutronOperation } from '../binding/operation.js';
import { failureOf, operationError } from '../binding/outcome.js';
import { bindVifs } from './bind.js';
import { type Attachment, attachments, detachedVifs, fetchVifs, recordedAttachment, unbindVifs } from './vifs.js';

/**
 * Binds the node's VIFs, which are Neutron ports that Nova or the user made for it. A VIF that is already bound with
 * the right data is left as it is. Either all are bound or none: if one fails, those that this operation bound are
 * unbound again. The VIF of a port in a portgroup is passed over, with a warning.
 */
export async function configureTenantNetworks(operation: NeutronOperation): Promise<ProviderOutcome> {
  const { context } = operation;
  refuseBeside(MANAGEMENT_NETWORK_TYPES, context);
  const wanted = portLikesWithVif(operation);
  const passed = passedOver(operation);
  const detached = [...detachedVifs(context), ...recordedVifs(passed, context)];
  const vifs = areUnbound(wanted, operation)
    ? null
    : await fetchVifs([...attachments(context.task), ...detached], operation);
  await refuseOtherThanLocalBoot(operation, vifs ?? undefined);
  const left = await unbindVifs(detached, vifs ?? new Map<string, never>(), operation);
  if (left.length > 0) throw operationError('a detached VIF cannot be unbound', left.map(failureOf));
  const outcome = await bindVifs(wanted, vifs, operation);
  return { ...outcome, warnings: [...(outcome.warnings ?? []), ...passed.map(({ warning }) => warning)] };
}

/**
 * Whether the record says that no VIF of the node is bound. They are then bound without a list before; where Neutron
 * refuses that, the VIF is looked at. A node that is in use may have been so before it came to us, with its VIFs bound.
 * DHCP options can only be changed by who knows those that the VIF has.
 */
function areUnbound(wanted: readonly PortLike[], { context }: NeutronOperation): boolean {
  const { fresh, recorded, task } = context;
  const plain = wanted.every(({ clientId }) => clientId === null);
  return fresh && recorded.length === 0 && task.node.provision_state !== ACTIVE && plain;
}

/** Unbinds the node's VIFs. Their owner deletes them. */
export function unconfigureTenantNetworks(operation: NeutronOperation): Promise<ProviderOutcome> {
  return unbindAll('tenant', operation);
}

/**
 * Unbinds the node's VIFs and binds them again, for example after the network behind them was rebuilt. Everything that
 * configure_tenant_networks would refuse is refused before anything is unbound.
 */
export async function reattachTenantNetworks(operation: NeutronOperation): Promise<ProviderOutcome> {
  const { context } = operation;
  const { task } = context;
  refuseBeside(MANAGEMENT_NETWORK_TYPES, context);
  portLikesWithVif(operation);
  // A VIF that is bound again at once can keep the NIC's MAC address and client id.
  const wanted = attachments(task).map((attachment) => ({ ...attachment, address: null, clientId: null }));
  const vifs = await fetchVifs(wanted, operation);
  await refuseOtherThanLocalBoot(operation, vifs);
  const left = await unbindVifs(wanted, vifs, operation);
  // Recorded VIFs that are no longer attached have not been touched so far.
  const detached = new Set(detachedVifs(context).map(({ vif }) => vif));
  const untouched = recordedOn('tenant', context).filter((binding) => detached.has(binding.neutron_port_id));
  const standing = [...untouched.map(withoutNetworkType), ...left.map(({ binding }) => binding)];
  if (left.length > 0) {
    const failures = left.map(failureOf);
    const error = operationError(`node ${task.node.uuid} cannot be unbound from its tenant networks`, failures);
    return { bindings: standing, failures, error };
  }
  try {
    return await configureTenantNetworks(operation);
  } catch (error) {
    if (!(error instanceof IronicError)) throw error;
    // Otherwise the record would say that the VIFs are still bound.
    return { bindings: standing, failures: [], error };
  }
}

/**
 * Unbinds the node's VIFs, except those that are on record under another network type: under flat, one port serves
 * several types, and is unbound with the last of them.
 */
export async function unbindAll(type: NetworkType, operation: NeutronOperation): Promise<ProviderOutcome> {
  const { context } = operation;
  const elsewhere = recordedElsewhere(type, context);
  const doomed = [...attachments(context.task), ...detachedVifs(context, type)].filter(
    ({ vif }) => !elsewhere.has(vif),
  );
  const left = await unbindVifs(doomed, await fetchVifs(doomed, operation), operation);
  const bindings = left.map(({ binding }) => binding);
  const failures = left.map(failureOf);
  if (left.length === 0) return { bindings, failures };
  const what = `node ${context.task.node.uuid} cannot be unbound from its tenant networks`;
  return { bindings, failures, error: operationError(what, failures) };
}

/**
 * The ports and portgroups that have a VIF to bind. A port in a portgroup is not among them, except under flat: there,
 * Neutron only learns the node's addresses, so the VIF of such a port is bound as well.
 *
 * Source: Ironic, drivers/modules/network/neutron.py, configure_tenant_networks, and flat.py, _bind_flat_ports.
 *
 * @throws InvalidParameterValue when one VIF is attached to several ports or portgroups
 * @throws NetworkError when there is no VIF to bind
 */
export function portLikesWithVif(operation: Pick<NeutronOperation, 'context' | 'wired'>): PortLike[] {
  const { task } = operation.context;
  const attached = attachedVifs(task);
  const twice = attached.find(({ id }, index) => attached.findIndex((other) => other.id === id) !== index);
  if (twice !== undefined) {
    throw new InvalidParameterValue(`VIF ${twice.id} is attached to several ports of node ${task.node.uuid}`);
  }
  const found = carriersOf(operation).filter((portLike) => portLike.vif !== null);
  if (found.length > 0) return found;
  const passed = passedOver(operation).map(({ warning }) => `; ${warning.reason}`);
  throw new NetworkError(
    `node ${task.node.uuid} has no VIF to bind: attach a Neutron port to one of its ports or portgroups${passed.join('')}`,
  );
}

/** The port-like objects that can carry a VIF. */
export function carriersOf({ context: { task }, wired }: Pick<NeutronOperation, 'context' | 'wired'>): PortLike[] {
  const members = nicsOf(task).filter((_, index) => task.ports[index]?.portgroup_uuid !== null);
  return [...portLikesOf(task), ...(wired ? [] : members)];
}

/** VIFs that are not bound because their port is in a portgroup, which is connected in its place. */
export function passedOver({
  context: { task },
  wired,
}: Pick<NeutronOperation, 'context' | 'wired'>): { vif: string; warning: BindingFailure }[] {
  return task.ports.flatMap((port) => {
    const vif = tenantVif(port);
    if (!wired || vif === null || port.portgroup_uuid === null) return [];
    const reason =
      `VIF ${vif} of port ${port.uuid} is ignored, because the port is a member of portgroup ${port.portgroup_uuid}: ` +
      'attach it to the portgroup';
    return [{ vif, warning: { port_uuid: port.uuid, portgroup_uuid: null, reason } }];
  });
}

/** Those of the VIFs that are on record as bound, for example from before the port joined its portgroup. */
function recordedVifs(vifs: readonly { vif: string }[], context: ProviderContext): Attachment[] {
  return recordedOn('tenant', context)
    .filter(({ neutron_port_id: id }) => vifs.some(({ vif }) => vif === id))
    .map((binding) => recordedAttachment(binding, context.task));
}
