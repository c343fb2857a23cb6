import {
  FailedToUpdateDHCPOptOnPort,
  FailedToUpdateMacOnPort,
  type IronicError,
  NetworkError,
} from '../../../contract/errors.js';
import type { PortBinding } from '../../../contract/types.js';
import { type NeutronPort, type PortAttributes, VNIC_SMARTNIC } from '../../../neutron/resources.js';
import { OpenStackError } from '../../../openstack/errors.js';
import type { PortLike } from '../../ports/port-like.js';
import { recordedOn, withoutNetworkType } from '../../ports/recorded.js';
import type { ProviderOutcome } from '../../provider.js';
import { ACTIVE, attempt, bindingOf, hostOf, isTransient, type NeutronOperation } from '../binding/operation.js';
import { awaitBindings, giveUp, warningsOf } from '../binding/outcome.js';
import { changed, isBound, updatePort, updatesTo } from '../binding/update.js';
import { hostsWithoutAgent, noAgent } from '../binding/wait.js';
import { holderOf } from './bind.js';

/** A change of a VIF that follows a change of its port or portgroup. */
export interface VifChange {
  readonly vif: string;
  /** The port or portgroup as it will be. */
  readonly portLike: PortLike;
  /** mac_address, extra_dhcp_opts, or both. */
  readonly changes: PortAttributes;
  /** The present values of these attributes, as far as the task tells. */
  readonly undo: PortAttributes;
}

/** Where a VIF is bound. */
interface Place {
  readonly attributes: PortAttributes;
  /** Whether Neutron had bound the VIF there. */
  readonly bound: boolean;
}

/**
 * Changes a VIF. Neutron refuses to change the MAC address of a bound port, so a bound VIF is unbound first. The
 * request that changes the VIF also binds it again as it was. If that fails, the VIF is restored.
 *
 * A crash between the two requests leaves a VIF unbound although it is on record as bound, or its node is in use. The
 * next attempt binds it again.
 *
 * @returns the tenant bindings after the change; with an error if the VIF could not be restored
 * @throws FailedToUpdateMacOnPort or FailedToUpdateDHCPOptOnPort when Neutron refuses, and the VIF is as it was
 */
export async function changeVif(change: VifChange, operation: NeutronOperation): Promise<ProviderOutcome> {
  const { context, client, request } = operation;
  const [port] = await client.listPorts({ id: [change.vif] }, request);
  if (port === undefined) throw refused(change, 'it does not exist in Neutron: detach it first');
  const place = placeOf(port, change, operation);
  const own = await attempt(change.portLike, async (attempted) => {
    attempted.port = port;
    return bring(port, { ...change.changes, ...place?.attributes }, operation, place?.bound === true);
  });
  if (place?.bound === true) await awaitBindings([own], operation);
  context.signal.throwIfAborted();
  if (own.error !== null) return undo(own.error, change, port, place, operation);
  const bindings = standing(change, own.port, operation);
  return { bindings, failures: [], warnings: warningsOf([own], operation) };
}

/** Where the VIF is bound, or was bound before an attempt that crashed had unbound it; null if it is not bound. */
function placeOf(port: NeutronPort, { portLike }: VifChange, operation: NeutronOperation): Place | null {
  const { recorded, task } = operation.context;
  const { 'binding:host_id': host, 'binding:vnic_type': vnicType, 'binding:profile': profile } = port;
  if (host !== '') return { attributes: attributesOf(host, vnicType, profile), bound: isBound(port) };
  const known = recorded.find((binding) => binding.neutron_port_id === port.id);
  if (known !== undefined)
    return { attributes: attributesOf(known.host_id, known.vnic_type, known.profile), bound: true };
  // A node that was in use before it came to this worker has nothing on record, although its VIFs are bound.
  if (task.node.provision_state !== ACTIVE || recorded.length > 0) return null;
  const own = hostOf(portLike, operation);
  return { attributes: attributesOf(own.host, own.vnicType, operation.wired ? portLike.profile : {}), bound: true };
}

function attributesOf(host: string, vnicType: string, profile: NeutronPort['binding:profile']): PortAttributes {
  return { 'binding:host_id': host, 'binding:vnic_type': vnicType, 'binding:profile': profile };
}

/**
 * Gives the port these attributes, in one update, or in two if it must be unbound first.
 *
 * @param active whether the port should become ACTIVE
 */
async function bring(
  port: NeutronPort,
  wanted: PortAttributes,
  operation: NeutronOperation,
  active = false,
): Promise<NeutronPort> {
  const updates = updatesTo(port, wanted, active && operation.wired);
  if (updates.length === 0) return port;
  const anew = updates.length > 1;
  if (anew && port['binding:vnic_type'] === VNIC_SMARTNIC) {
    const [absent] = await hostsWithoutAgent([port['binding:host_id']], operation);
    if (absent !== undefined) throw new NetworkError(noAgent(absent));
  }
  try {
    operation.context.log.info('VIF changed', { port: port.id, changes: changed(updates), anew });
    return await updatePort(port, updates, port['binding:profile'], operation);
  } catch (error) {
    if (!(error instanceof OpenStackError && error.type === 'MacAddressInUse')) throw error;
    throw new NetworkError(await holderOf({ address: wanted.mac_address ?? null }, port, operation), { cause: error });
  }
}

/**
 * Restores the VIF after a fault, and throws the fault or returns an outcome with an error if the VIF could not be
 * restored. A fault that a retry may clear is thrown unchanged, because nothing is decided yet.
 */
async function undo(
  fault: Error,
  change: VifChange,
  port: NeutronPort,
  place: Place | null,
  operation: NeutronOperation,
): Promise<ProviderOutcome> {
  const putBack = async (): Promise<NeutronPort> => {
    const [now] = await operation.client.listPorts({ id: [port.id] }, operation.request);
    if (now === undefined) throw new NetworkError('it no longer exists');
    // If the VIF already has its new address, an earlier attempt changed it; the task tells its former values.
    const changed = port.mac_address.toLowerCase() === change.changes.mac_address;
    const before = changed ? change.undo : { ...change.undo, mac_address: port.mac_address };
    return bring(now, { ...before, ...place?.attributes }, operation);
  };
  if (isTransient(fault)) return giveUp(fault, putBack, operation);
  const back = await attempt(change.portLike, putBack);
  operation.context.signal.throwIfAborted();
  if (back.error !== null && isTransient(back.error)) throw back.error;
  const stands = back.port !== null && (place?.bound !== true || isBound(back.port));
  if (stands) throw refused(change, `${fault.message}; the VIF was put back as it was`);
  const reason = `${fault.message}; the VIF could not be put back as it was: ${back.error?.message ?? 'it is not bound'}`;
  const bindings = standing(change, null, operation);
  return { bindings, failures: [{ ...change.portLike.ref, reason }], error: refused(change, reason) };
}

/** The tenant bindings on record, with this VIF as it is now. `port` is null if the VIF is no longer bound. */
function standing(
  { vif, portLike }: VifChange,
  port: NeutronPort | null,
  { context }: NeutronOperation,
): PortBinding[] {
  return recordedOn('tenant', context).flatMap((binding) => {
    if (binding.neutron_port_id !== vif) return [withoutNetworkType(binding)];
    return port === null ? [] : [bindingOf(portLike.ref, port)];
  });
}

function refused({ vif, portLike, changes }: VifChange, reason: string): IronicError {
  const what = `VIF ${vif} of ${portLike.label}`;
  return changes.mac_address === undefined
    ? new FailedToUpdateDHCPOptOnPort(`the DHCP client id of ${what} cannot be changed: ${reason}`)
    : new FailedToUpdateMacOnPort(`the MAC address of ${what} cannot be changed to ${changes.mac_address}: ${reason}`);
}
