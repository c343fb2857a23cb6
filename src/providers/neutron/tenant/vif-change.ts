import {
  FailedToUpdateDHCPOptOnPort,
  FailedToUpdateMacOnPort,
  type IronicError,
  NetworkError,
} from '../../../contract/errors.js';
import type { PortBinding } from '../../../contract/types.js';
import { NeutronError } from '../../../neutron/errors.js';
import { type NeutronPort, type PortAttributes, VNIC_SMARTNIC } from '../../../neutron/resources.js';
import type { PortLike } from '../../ports/port-like.js';
import { recordedOn, withoutNetworkType } from '../../ports/recorded.js';
import type { ProviderOutcome } from '../../provider.js';
import { ACTIVE, attempt, bindingOf, hostOf, isTransient, type NeutronOperation } from '../binding/operation.js';
import { awaitBindings, giveUp, warningsOf } from '../binding/outcome.js';
import { changed, isBound, updatePort, updatesTo } from '../binding/update.js';
import { hostsWithoutAgent, noAgent } from '../binding/wait.js';
import { holderOf } from './tenant.js';

/** What is to change on a VIF, because what carries it changes. */
export interface VifChange {
  readonly vif: string;
  /** What carries it, as it will be. */
  readonly portLike: PortLike;
  /** mac_address, extra_dhcp_opts, or both. */
  readonly changes: PortAttributes;
  /** What these are now, as far as the task says. */
  readonly undo: PortAttributes;
}

/** Where a VIF is bound. */
interface Place {
  readonly attributes: PortAttributes;
  /** Whether Neutron had it bound there. */
  readonly bound: boolean;
}

/**
 * Changes a VIF. Neutron refuses to change the MAC address of a bound port, so such a one is unbound first, and bound
 * again with what it had in the request that changes it. When that fails, it is put back as it was.
 *
 * A crash between the two requests leaves a VIF unbound that is on record as bound, or whose node is in use: it is then
 * bound again.
 *
 * @returns the tenant bindings that now stand; with an error, when it could not be put back
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

/** Where the VIF is bound, or was when it was unbound for this change by a try that a crash ended; null: nowhere. */
function placeOf(port: NeutronPort, { portLike }: VifChange, operation: NeutronOperation): Place | null {
  const { recorded, task } = operation.context;
  const { 'binding:host_id': host, 'binding:vnic_type': vnicType, 'binding:profile': profile } = port;
  if (host !== '') return { attributes: attributesOf(host, vnicType, profile), bound: isBound(port) };
  const known = recorded.find((binding) => binding.neutron_port_id === port.id);
  if (known !== undefined)
    return { attributes: attributesOf(known.host_id, known.vnic_type, known.profile), bound: true };
  // A node that was in use before it came to this worker has nothing on record, and its VIFs bound all the same.
  if (task.node.provision_state !== ACTIVE || recorded.length > 0) return null;
  const own = hostOf(portLike, operation);
  return { attributes: attributesOf(own.host, own.vnicType, operation.wired ? portLike.profile : {}), bound: true };
}

function attributesOf(host: string, vnicType: string, profile: NeutronPort['binding:profile']): PortAttributes {
  return { 'binding:host_id': host, 'binding:vnic_type': vnicType, 'binding:profile': profile };
}

/**
 * Gives the port these attributes, in one update, or in two where it must be unbound for it.
 *
 * @param active whether it is to become ACTIVE
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
    if (!(error instanceof NeutronError && error.type === 'MacAddressInUse')) throw error;
    throw new NetworkError(await holderOf({ address: wanted.mac_address ?? null }, port, operation), { cause: error });
  }
}

/** Puts the VIF back as it was, and says so. A fault that a retry may clear is thrown: then nothing is decided yet. */
async function undo(
  fault: Error,
  change: VifChange,
  port: NeutronPort,
  place: Place | null,
  operation: NeutronOperation,
): Promise<ProviderOutcome> {
  const putBack = async (): Promise<NeutronPort> => {
    const [now] = await operation.client.listPorts({ id: [port.id] }, operation.request);
    if (now === undefined) throw new NetworkError('it does not exist any more');
    // Found with its new address, the VIF was changed by an earlier try; what it had then, the task says.
    const changed = port.mac_address.toLowerCase() === change.changes.mac_address;
    const before = changed ? change.undo : { ...change.undo, mac_address: port.mac_address };
    return bring(now, { ...before, ...place?.attributes }, operation);
  };
  if (isTransient(fault)) return giveUp(fault, putBack, operation);
  const back = await attempt(change.portLike, putBack);
  operation.context.signal.throwIfAborted();
  if (back.error !== null && isTransient(back.error)) throw back.error;
  const stands = back.port !== null && (place?.bound !== true || isBound(back.port));
  if (stands) throw refused(change, `${fault.message}; it was put back as it was`);
  const reason = `${fault.message}; nor could it be put back as it was: ${back.error?.message ?? 'it is not bound'}`;
  const bindings = standing(change, null, operation);
  return { bindings, failures: [{ ...change.portLike.ref, reason }], error: refused(change, reason) };
}

/** The tenant bindings on record, with this VIF's as it is now; null: it is not bound any more. */
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
