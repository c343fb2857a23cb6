import { InvalidParameterValue, IronicError, NetworkError } from '../../../contract/errors.js';
import { MANAGEMENT_NETWORK_TYPES, type NetworkType } from '../../../contract/methods.js';
import type { BindingFailure } from '../../../contract/types.js';
import { attachedVifs, tenantVif } from '../../../contract/vifs.js';
import { NeutronError } from '../../../neutron/errors.js';
import { DHCP_CLIENT_ID, type NeutronPort, type PortAttributes } from '../../../neutron/resources.js';
import { nicsOf, type PortLike, portLikesOf, unusable } from '../../ports/port-like.js';
import { recordedElsewhere, recordedOn, refuseBeside, withoutNetworkType } from '../../ports/recorded.js';
import type { ProviderContext, ProviderOutcome } from '../../provider.js';
import { refuseOtherThanLocalBoot } from '../binding/boot.js';
import {
  type Attempt,
  attempt,
  bindingOf,
  describe,
  hostOf,
  type NeutronOperation,
  type Remainder,
  standingToo,
} from '../binding/operation.js';
import {
  awaitBindings,
  failureOf,
  failuresOf,
  giveUp,
  operationError,
  transientError,
  warningsOf,
} from '../binding/outcome.js';
import { changed, isBound, updatePort, updatesTo } from '../binding/update.js';
import { hostsWithoutAgent, noAgent } from '../binding/wait.js';
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
  const vifs = await fetchVifs([...attachments(context.task), ...detached], operation);
  await refuseOtherThanLocalBoot(operation, vifs);
  const left = await unbindVifs(detached, vifs, operation);
  if (left.length > 0) throw operationError('a detached VIF cannot be unbound', left.map(failureOf));
  const outcome = await bindVifs(wanted, vifs, operation);
  return { ...outcome, warnings: [...(outcome.warnings ?? []), ...passed.map(({ warning }) => warning)] };
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

/**
 * Binds the VIFs of these port-like objects in parallel: all or none.
 *
 * @param vifs the VIFs as Neutron has them
 */
export async function bindVifs(
  wanted: readonly PortLike[],
  vifs: ReadonlyMap<string, NeutronPort>,
  operation: NeutronOperation,
): Promise<ProviderOutcome> {
  const attempts = await attemptVifs(wanted, vifs, operation);
  if (attempts.every((own) => own.error === null)) await awaitBindings(attempts, operation);
  operation.context.signal.throwIfAborted();
  return conclude(attempts, operation);
}

/** Binds each VIF, even if others fail. Does not wait for Neutron's mechanism drivers. */
export async function attemptVifs(
  wanted: readonly PortLike[],
  vifs: ReadonlyMap<string, NeutronPort>,
  operation: NeutronOperation,
): Promise<Attempt[]> {
  const absent = await hostsWithoutAgent(
    wanted.map((portLike) => portLike.smartNicHost),
    operation,
  );
  return Promise.all(wanted.map((portLike) => attempt(portLike, (own) => bindVif(own, vifs, absent, operation))));
}

async function bindVif(
  own: Attempt,
  vifs: ReadonlyMap<string, NeutronPort>,
  absent: ReadonlySet<string>,
  operation: NeutronOperation,
): Promise<NeutronPort> {
  const { portLike } = own;
  const { context } = operation;
  const reason = unusable(portLike, operation.wired);
  if (reason !== null) throw new NetworkError(reason);
  const { smartNicHost: host } = portLike;
  if (host !== null && absent.has(host)) throw new NetworkError(noAgent(host));
  const port = vifs.get(portLike.vif ?? '');
  if (port === undefined) throw new NetworkError(`VIF ${String(portLike.vif)} does not exist in Neutron`);
  own.port = port;
  const updates = updatesTo(port, attributesOf(portLike, operation), operation.wired);
  if (updates.length === 0) return port;
  own.touched = true;
  try {
    own.port = await updatePort(port, updates, portLike.profile, operation);
    context.log.info('VIF bound', { port: port.id, changes: changed(updates), anew: updates.length > 1 });
    return own.port;
  } catch (error) {
    if (!(error instanceof NeutronError && error.type === 'MacAddressInUse')) throw error;
    throw new NetworkError(await holderOf(portLike, port, operation), { cause: error });
  }
}

/**
 * The attributes of the binding. Everything else of the port is the tenant's. Under flat the profile is left out,
 * because it configures no switch.
 */
function attributesOf(portLike: PortLike, operation: NeutronOperation): PortAttributes {
  const { host, vnicType } = hostOf(portLike, operation);
  const { address, clientId, profile } = portLike;
  return {
    'binding:host_id': host,
    'binding:vnic_type': vnicType,
    ...(operation.wired ? { 'binding:profile': profile } : {}),
    ...(address === null ? {} : { mac_address: address }),
    ...(clientId === null ? {} : { extra_dhcp_opts: [{ opt_name: DHCP_CLIENT_ID, opt_value: clientId }] }),
  };
}

/** Tells which port has the MAC address that the VIF should get. */
export async function holderOf(
  portLike: Pick<PortLike, 'address'>,
  port: NeutronPort,
  { client, request }: NeutronOperation,
): Promise<string> {
  const filters = { network_id: port.network_id, mac_address: [portLike.address ?? ''] };
  const [holder] = await client.listPorts(filters, request);
  const who = holder === undefined ? 'another port' : describe(holder);
  return `VIF ${port.id} cannot have MAC address ${String(portLike.address)}: it is in use by ${who}`;
}

/** Decides the outcome from the attempts, and undoes them unless all succeeded. */
async function conclude(attempts: readonly Attempt[], operation: NeutronOperation): Promise<ProviderOutcome> {
  const transient = transientError(attempts);
  if (transient !== null) return giveUp(transient, () => rollBack(attempts, operation), operation);
  const bound = (own: Attempt) => (own.port === null ? [] : [bindingOf(own.portLike.ref, own.port)]);
  if (attempts.every((own) => own.error === null))
    return { bindings: attempts.flatMap(bound), failures: [], warnings: warningsOf(attempts, operation) };
  const asBefore = attempts.filter((own) => !own.touched && own.port !== null && isBound(own.port)).flatMap(bound);
  const left = await rollBack(attempts, standingToo('tenant', asBefore, operation));
  const failures = failuresOf(attempts, left);
  return {
    bindings: [...asBefore, ...left.map(({ binding }) => binding)],
    failures,
    error: operationError(`node ${operation.context.task.node.uuid} cannot be bound to its tenant networks`, failures),
  };
}

/** Unbinds what this operation bound. Fetches the ports again, because an unanswered request may have taken effect. */
async function rollBack(attempts: readonly Attempt[], operation: NeutronOperation): Promise<Remainder[]> {
  const touched = new Set(attempts.filter((own) => own.touched).map((own) => own.portLike.vif));
  const doomed = attachments(operation.context.task).filter(({ vif }) => touched.has(vif));
  return unbindVifs(doomed, await fetchVifs(doomed, operation), operation);
}
