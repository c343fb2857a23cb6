import { TransientError } from '../../contract/errors.js';
import type { JsonObject } from '../../contract/types.js';
import { NeutronError } from '../../neutron/errors.js';
import { type NeutronPort, type PortAttributes, VIF_TYPE_UNBOUND } from '../../neutron/resources.js';
import { changesTo, isBound, UNBOUND } from './changes.js';
import type { Operation } from './operation.js';

/**
 * The updates, one after the other, after which the port has these attributes and is bound; none: it is so already.
 *
 * A port is unbound first where Neutron would refuse the change, as it does with another MAC address of a bound port and
 * another vnic_type of a port on a host, or would do nothing, as when the port is stuck.
 *
 * @param active whether the port is to be ACTIVE; one that is not, and never would be by itself, is then bound anew
 */
export function updatesTo(port: NeutronPort, wanted: PortAttributes, active: boolean): PortAttributes[] {
  const changes = changesTo(port, wanted);
  const refused = changes !== null && isRefused(port, changes);
  const unbind = refused || (isBound(port) && active && isStuck(port, changes));
  if (!unbind) return changes === null ? [] : [changes];
  const left = changesTo({ ...port, ...UNBOUND, 'binding:vif_type': VIF_TYPE_UNBOUND }, wanted);
  return left === null ? [UNBOUND] : [UNBOUND, left];
}

/**
 * Whether Neutron refuses these changes while the port is on its host.
 *
 * Source: Neutron, plugins/ml2/plugin.py: PortBound for the MAC address; from Neutron 26 (2025.1) on, PortInUse for the
 * vnic_type, also where the binding failed.
 */
export function isRefused(port: NeutronPort, changes: PortAttributes): boolean {
  const vnicType = changes['binding:vnic_type'];
  const otherVnicType = vnicType !== undefined && vnicType !== port['binding:vnic_type'];
  const otherMac = changes.mac_address !== undefined && changes.mac_address !== port.mac_address.toLowerCase();
  return (otherMac && isBound(port)) || (otherVnicType && port['binding:vif_type'] !== VIF_TYPE_UNBOUND);
}

/**
 * Whether Neutron has the port bound, but is not going to make it ACTIVE: what it had begun was lost, with a process of
 * its own, say, and it does not try again by itself.
 *
 * @param changes what is to be changed of it: it may have Neutron bind it again
 */
function isStuck(port: NeutronPort, changes: PortAttributes | null): boolean {
  if (port.status === 'ACTIVE' || !port.admin_state_up) return false;
  return !Object.keys(changes ?? {}).some((name) => name.startsWith('binding:'));
}

/** Sends the updates, as one change to the switches that the profile names. Answers with the port as it then is. */
export function updatePort(
  port: NeutronPort,
  updates: readonly PortAttributes[],
  profile: JsonObject,
  operation: Operation,
): Promise<NeutronPort> {
  return operation.limits.run(profile, async () => {
    let now = port;
    for (const update of updates) now = await sendUpdate(port, update, operation);
    return now;
  });
}

/**
 * Sends an update of a port that was seen unbound, or was unbound, where that matters.
 *
 * @throws TransientError when it is bound all the same: a request without an answer came late. It has to be looked at anew.
 */
export async function sendUpdate(
  { id }: NeutronPort,
  update: PortAttributes,
  { client, request }: Operation,
): Promise<NeutronPort> {
  try {
    return await client.updatePort(id, update, request);
  } catch (error) {
    const bound = error instanceof NeutronError && (error.type === 'PortBound' || error.type === 'PortInUse');
    if (!bound) throw error;
    throw new TransientError(`Neutron port ${id} was bound while it was being changed`, { cause: error });
  }
}

/** What the updates change, for the log. */
export function changed(updates: readonly PortAttributes[]): string[] {
  return [...new Set(updates.flatMap((update) => Object.keys(update)))];
}
