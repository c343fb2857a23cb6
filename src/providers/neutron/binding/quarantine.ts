import { isDeepStrictEqual } from 'node:util';

import { NetworkError } from '../../../contract/errors.js';
import type { PortBinding } from '../../../contract/types.js';
import { DEVICE_OWNER_BAREMETAL, type NeutronPort, VNIC_BAREMETAL } from '../../../neutron/resources.js';
import { describe, isOurs, type NeutronOperation } from './operation.js';
import { portBeingBound, type Waiting } from './unanswered.js';
import { noteUnproven } from './unproven.js';
import { cabling, isBound, switchPorts } from './update.js';
import { verdict, waitForBindings } from './wait.js';

/**
 * Deletes or unbinds ports after their switch ports have been put on the quarantine network, if the configuration names
 * one. Without it, the removal is noted as unproven where Neutron cannot tell.
 *
 * Neutron does not say whether a mechanism driver has unplugged a switch port: it only logs an error. But it says
 * whether a switch port was plugged in. So each switch port is plugged into the quarantine network first. Whatever
 * becomes of the change then, the switch port is no longer on its old network. A crash leaves a port on the quarantine
 * network, which the next attempt removes.
 *
 * Source: Neutron, plugins/ml2/plugin.py, delete_port and update_port: MechanismDriverError is logged.
 *
 * @param leaving the ports, except those whose switch ports other ports are bound to again after the change
 * @throws errors of the change, and errors of Neutron. If a switch port cannot be plugged in, the change is not made
 */
export async function throughQuarantine<T>(
  leaving: readonly PortBinding[],
  operation: NeutronOperation,
  change: () => Promise<T>,
): Promise<T> {
  const { wired, client, networks, request, context } = operation;
  const plugged = leaving.filter(
    ({ host_id: host, vnic_type: type, profile }) =>
      host !== '' && type === VNIC_BAREMETAL && switchPorts(profile).length > 0,
  );
  const network = wired && plugged.length > 0 ? await networks.quarantine(request) : null;
  if (network === null) {
    if (wired) await noteUnproven(plugged, operation);
    return change();
  }
  await removeEarlier(plugged, network.id, operation);
  // The record may be older than Neutron: the switch port of a binding that is gone may be somebody else's by now.
  const left = await client.listPorts({ id: plugged.map(({ neutron_port_id: id }) => id) }, request);
  const open = left.filter((port) => port.network_id !== network.id && isBound(port));
  // Several strays may be in one place, and the network takes a MAC address once.
  const places = open.filter((port, index) => open.findIndex((other) => isInPlaceOf(port, other)) === index);
  const plugs = await settle(places.map((port) => plug(port, network.id, operation)));
  await awaitPlugged(plugs, operation);
  const result = await change();
  context.signal.throwIfAborted();
  await remove(
    plugs.map(({ port }) => port),
    operation,
  );
  return result;
}

/**
 * Removes what an earlier attempt left on the quarantine network. That such a port is ACTIVE proves nothing: its switch
 * port may have been plugged in elsewhere since.
 *
 * @throws NetworkError when somebody else's port has one of the MAC addresses there
 */
async function removeEarlier(
  bindings: readonly PortBinding[],
  network_id: string,
  operation: NeutronOperation,
): Promise<void> {
  const { client, request } = operation;
  const macs = new Set(bindings.map(({ mac_address: mac }) => mac.toLowerCase()));
  const found = await client.listPorts({ network_id, mac_address: [...macs] }, request);
  const foreign = found.find((port) => !isOurs(port, operation));
  if (foreign !== undefined) {
    throw new NetworkError(
      `MAC address ${foreign.mac_address} is in use on the quarantine network by ${describe(foreign)}, which netprov did not create`,
    );
  }
  await remove(found, operation);
}

/** Whether both ports are of one NIC, and on the same switch port. */
function isInPlaceOf(one: NeutronPort, other: NeutronPort): boolean {
  const [mac, otherMac] = [one.mac_address.toLowerCase(), other.mac_address.toLowerCase()];
  return mac === otherMac && isDeepStrictEqual(cabling(one['binding:profile']), cabling(other['binding:profile']));
}

/** A port on the quarantine network, which is being bound. */
interface Plug extends Waiting {
  readonly port: NeutronPort;
}

/** Binds a new port on the quarantine network to the place of this port. */
async function plug(
  { id, mac_address, 'binding:host_id': host, 'binding:profile': profile }: NeutronPort,
  network_id: string,
  operation: NeutronOperation,
): Promise<Plug> {
  const { client, request, limits, context } = operation;
  const { node } = context.task;
  const attributes = {
    network_id,
    admin_state_up: true,
    mac_address,
    device_owner: DEVICE_OWNER_BAREMETAL,
    device_id: node.instance_uuid ?? node.uuid,
    'binding:host_id': host,
    'binding:vnic_type': VNIC_BAREMETAL,
    'binding:profile': profile,
    // Nobody asks for an address there.
    fixed_ips: [],
  };
  const waiting: Waiting = { unanswered: null };
  let port: NeutronPort;
  try {
    port = await limits.run(profile, () => client.createPort(attributes, request));
  } catch (error) {
    const look = () => client.listPorts({ network_id, mac_address: [mac_address] }, request);
    port = await portBeingBound(error, waiting, attributes, look, operation);
  }
  context.log.info('Neutron port created on the quarantine network', { port: port.id, for: id });
  return { ...waiting, port };
}

/**
 * @throws NetworkError when a switch port cannot be put on the quarantine network; the error of a request that Neutron has
 *   not answered, when nobody knows yet
 */
async function awaitPlugged(plugs: readonly Plug[], operation: NeutronOperation): Promise<void> {
  const ports = plugs.map(({ port }) => port);
  const made = new Set(ports.map(({ id }) => id));
  const failed = (await waitForBindings(ports, operation, made)).filter(({ failure }) => failure !== null);
  if (failed.length === 0) return;
  await remove(ports, operation);
  for (const { port: own, unanswered } of plugs) {
    const open = failed.some(({ port }) => port.id === own.id && !verdict(port).done);
    if (open && unanswered !== null) throw unanswered;
  }
  const what = `node ${operation.context.task.node.uuid} cannot be put on the quarantine network, and keeps its bindings`;
  throw new NetworkError(`${what}: ${failed.map(({ failure }) => failure).join('; ')}`);
}

async function remove(ports: readonly NeutronPort[], { client, request, limits }: NeutronOperation): Promise<void> {
  await settle(ports.map((port) => limits.run(port['binding:profile'], () => client.deletePort(port.id, request))));
}

/** @throws the first error, after all ended */
async function settle<T>(all: readonly Promise<T>[]): Promise<T[]> {
  const results = await Promise.allSettled(all);
  return results.map((result) => {
    if (result.status === 'rejected') throw result.reason;
    return result.value;
  });
}
