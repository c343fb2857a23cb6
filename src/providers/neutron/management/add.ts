import { NetworkError } from '../../../contract/errors.js';
import type { ManagementNetworkType } from '../../../contract/methods.js';
import type { PortBinding } from '../../../contract/types.js';
import type { NeutronPort } from '../../../neutron/resources.js';
import { nicsOf, type PortLike, portLikesOf } from '../../ports/port-like.js';
import { recordedElsewhere, recordedOn, refuseBeside, withoutNetworkType } from '../../ports/recorded.js';
import type { ProviderContext, ProviderOutcome } from '../../provider.js';
import { bootsByPxe, refuseOtherThanLocalBoot } from '../binding/boot.js';
import { deletePorts } from '../binding/delete.js';
import {
  type Attempt,
  attempt,
  bindingOf,
  isOurs,
  type NeutronOperation,
  ownSwitch,
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
import { offFormerSwitchPorts } from '../binding/switch-ports.js';
import { sameMac } from '../binding/update.js';
import { hostsWithoutAgent } from '../binding/wait.js';
import { leavingOthers } from './leave.js';
import { ensurePort, type ManagementTarget, portsWithMacs, securityGroupsFor } from './port.js';

/**
 * Adds a management network to a node: makes one Neutron port, bound to the node, for each NIC that boots from the
 * network, or for all NICs. Ports that already exist, from an earlier attempt or an unanswered request, are adopted:
 * they are listed first, unless the record says that there are none. A node that is still on another management network
 * leaves it first.
 *
 * If only some ports can be bound, they stay, and the result names the others. If none can, all new ports are removed.
 */
export async function addManagementNetwork(
  type: ManagementNetworkType,
  operation: NeutronOperation,
): Promise<ProviderOutcome> {
  const { context } = operation;
  refuseBeside(['tenant'], context);
  const wanted = wantedPortLikes(operation);
  const target = await managementTargetOf(type, wanted, operation);
  if (type === 'provisioning') await refuseOtherThanLocalBoot(operation);
  return leavingOthers(target, operation, (own) => bindAll(wanted, target, own));
}

async function bindAll(
  wanted: readonly PortLike[],
  target: ManagementTarget,
  operation: NeutronOperation,
): Promise<ProviderOutcome> {
  const existing = isVacant(target, operation) ? [] : await existingPorts(wanted, target, operation);
  const attempts = await attemptPorts(wanted, existing, target, operation);
  await awaitBindings(attempts, operation);
  operation.context.signal.throwIfAborted();
  return conclude(attempts, target, operation);
}

/**
 * The port-like objects that get a Neutron port on a management network: each NIC by itself, or, if the option
 * one_port_per_portgroup is set, the portgroups in place of their members.
 *
 * @throws NetworkError when there are none
 */
export function wantedPortLikes({ context, options }: NeutronOperation): PortLike[] {
  const { node } = context.task;
  const all = options.neutron.add_all_ports || !bootsByPxe(node);
  const grouped = ownSwitch('one_port_per_portgroup', context) ?? options.neutron.one_port_per_portgroup;
  const wanted = (grouped ? portLikesOf : nicsOf)(context.task).filter(
    ({ managementMac, boots }) => managementMac !== null && (boots || all),
  );
  if (wanted.length > 0) return wanted;
  const what = all ? 'no port' : 'no port with pxe_enabled true, from which it could boot the ramdisk';
  throw new NetworkError(`node ${node.uuid} has ${what}`);
}

/** Makes or adopts one Neutron port for each port-like object, in parallel. */
export async function attemptPorts(
  wanted: readonly PortLike[],
  existing: readonly NeutronPort[],
  target: ManagementTarget,
  operation: NeutronOperation,
): Promise<Attempt[]> {
  const ownerOf = (port: NeutronPort): PortLike | undefined =>
    isOurs(port, operation)
      ? wanted.find(({ managementMac }) => managementMac === port.mac_address.toLowerCase())
      : undefined;
  const ports = await offFormerSwitchPorts(existing, ownerOf, operation);
  return Promise.all(
    wanted.map((portLike) =>
      attempt(portLike, (own) => {
        const twin = sameMac(portLike, wanted);
        if (twin !== null) throw new NetworkError(twin);
        return ensurePort(own, ports, target, operation);
      }),
    ),
  );
}

export async function managementTargetOf(
  type: ManagementNetworkType,
  wanted: readonly PortLike[],
  operation: NeutronOperation,
): Promise<ManagementTarget> {
  return {
    type,
    network: await operation.networks.find(type, operation.context, operation.request),
    securityGroups: await securityGroupsFor(type, operation),
    hostsWithoutAgent: await hostsWithoutAgent(
      wanted.map((portLike) => portLike.smartNicHost),
      operation,
    ),
  };
}

/**
 * Whether the record says that the network has no port for the node. Ports are then created without a list before. If
 * there is one all the same, Neutron refuses to create another with its MAC address, and it is looked at then.
 */
function isVacant({ type, network }: ManagementTarget, { context }: NeutronOperation): boolean {
  const { fresh, recorded } = context;
  return fresh && recorded.every((binding) => binding.network_type !== type && binding.network_id !== network.id);
}

/** The network's ports with the MAC addresses of the wanted ones, after the removal of outdated ones. */
async function existingPorts(
  wanted: readonly PortLike[],
  target: ManagementTarget,
  operation: NeutronOperation,
): Promise<NeutronPort[]> {
  const found = await portsWithMacs(wanted, target.network.id, operation);
  return removeOutdated(found, wanted, target, operation);
}

/**
 * Removes recorded ports of this network type that are no longer wanted. Such a port is on another network, or belongs
 * to a NIC that no longer exists, or to a portgroup whose NICs now get ports of their own, or to a NIC whose portgroup
 * now gets the port. Returns the found ports that remain.
 */
async function removeOutdated(
  found: readonly NeutronPort[],
  wanted: readonly PortLike[],
  { type }: ManagementTarget,
  operation: NeutronOperation,
): Promise<NeutronPort[]> {
  const existing = new Set(found.map(({ id }) => id));
  const elsewhere = recordedElsewhere(type, operation.context);
  const outdated = recordedOn(type, operation.context).filter((binding) => {
    const { neutron_port_id: id, mac_address: mac, portgroup_uuid: group } = binding;
    if (elsewhere.has(id)) return false;
    const owner = wanted.find(({ managementMac }) => managementMac === mac.toLowerCase());
    const otherwise = owner !== undefined && (owner.ref.portgroup_uuid === null) !== (group === null);
    return !existing.has(id) || otherwise;
  });
  const { left } = await deletePorts(outdated.map(withoutNetworkType), operation);
  if (left.length > 0) throw operationError(`could not remove an earlier ${type} binding`, left.map(failureOf));
  const removed = new Set(outdated.map((binding) => binding.neutron_port_id));
  return found.filter(({ id }) => !removed.has(id));
}

/** Decides the outcome from the attempts, and undoes the failed ones. */
async function conclude(
  attempts: readonly Attempt[],
  target: ManagementTarget,
  operation: NeutronOperation,
): Promise<ProviderOutcome> {
  const transient = transientError(attempts);
  if (transient !== null) return giveUp(transient, () => rollBack(attempts, target, operation), operation);
  const failed = attempts.filter((own) => own.error !== null);
  const bound = attempts.filter((own) => own.error === null).flatMap(bindingsOf);
  const left = await rollBack(failed, target, standingToo(target.type, bound, operation));
  const failures = failuresOf(attempts, left);
  const standing = attempts.filter((own) => own.error === null || isRecorded(own.port, operation.context));
  const bindings = [...standing.flatMap(bindingsOf), ...left.map(({ binding }) => binding)];
  const warnings = warningsOf(attempts, operation);
  if (failed.length < attempts.length) return { bindings, failures, warnings };
  const { node } = operation.context.task;
  const what = `node ${node.uuid} cannot be bound to the ${target.type} network ${target.network.id}`;
  return { bindings, failures, error: operationError(what, failures, attempts) };
}

function bindingsOf({ port, portLike }: Attempt): PortBinding[] {
  return port === null ? [] : [bindingOf(portLike.ref, port)];
}

/**
 * Removes the ports that this operation made. An unanswered create may have taken effect, so the network is listed
 * again for every attempt that sent a request. A recorded port existed before, and stays.
 */
async function rollBack(
  attempts: readonly Attempt[],
  target: ManagementTarget,
  operation: NeutronOperation,
): Promise<Remainder[]> {
  const touched = attempts.filter((own) => own.touched);
  const found = await portsWithMacs(
    touched.map((own) => own.portLike),
    target.network.id,
    operation,
  );
  const made = found.filter((port) => isOurs(port, operation) && !isRecorded(port, operation.context));
  const bindings = made.map((port) => {
    const owner = touched.find((own) => own.portLike.managementMac === port.mac_address.toLowerCase());
    return bindingOf(owner?.portLike.ref ?? { port_uuid: null, portgroup_uuid: null }, port);
  });
  return (await deletePorts(bindings, operation)).left;
}

/** Whether the port is on record under any network type: two types may use the same network. */
function isRecorded(port: NeutronPort | null, { recorded }: ProviderContext): boolean {
  return recorded.some((binding) => binding.neutron_port_id === port?.id);
}
