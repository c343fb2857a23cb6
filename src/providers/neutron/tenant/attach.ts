import { isDeepStrictEqual } from 'node:util';

import { InvalidParameterValue, NetworkError, VifInvalidForAttach } from '../../../contract/errors.js';
import { MANAGEMENT_NETWORK_TYPES } from '../../../contract/methods.js';
import type { BindingFailure } from '../../../contract/types.js';
import { attachedVifs, withVifs } from '../../../contract/vifs.js';
import { NeutronError } from '../../../neutron/errors.js';
import { type NeutronPort, type PortAttributes, VNIC_BAREMETAL } from '../../../neutron/resources.js';
import { chooseCarrier, notAttached, refuseAttached, refuseOtherProject, wantedVif } from '../../ports/carrier.js';
import { type PortLike, unusable } from '../../ports/port-like.js';
import { recordedOn, refuseBeside, withoutNetworkType } from '../../ports/recorded.js';
import type { ProviderOutcome } from '../../provider.js';
import { refuseOtherThanLocalBoot } from '../binding/boot.js';
import { ACTIVE, describe, isOurs, type NeutronOperation } from '../binding/operation.js';
import { failureOf, operationError } from '../binding/outcome.js';
import { isBound, isRefused, UNBOUND, updatePort } from '../binding/update.js';
import { physicalNetworkOfAddress, physicalNetworksFor } from './physnets.js';
import { bindVifs, holderOf } from './tenant.js';
import { type Attachment, attachments, detachedVifs, fetchVifs, hostOfOthers, unbindVifs } from './vifs.js';

/**
 * Attaches a VIF to a free port or portgroup, whose MAC address it gets. On an active node it is bound at once; on any
 * other it is left unbound, for configure_tenant_networks.
 *
 * Nothing of the choice is on record before the end, so a repeat chooses anew: from the same task it chooses the same,
 * and finds in Neutron what it did before.
 *
 * @throws InvalidParameterValue when Neutron does not have the VIF, or has it for another project; VifInvalidForAttach
 *   when somebody else uses it; and what chooseCarrier and physicalNetworksFor throw
 */
export async function attachVif(operation: NeutronOperation): Promise<Partial<ProviderOutcome>> {
  const { context, client, request, wired } = operation;
  const { task } = context;
  const wanted = wantedVif(context);
  refuseAttached(task, wanted.id);
  const detached = detachedVifs(context).filter(({ vif }) => vif !== wanted.id);
  const found = await client.listPorts({ id: [wanted.id, ...detached.map(({ vif }) => vif)] }, request);
  const ports = new Map(found.map((port) => [port.id, port]));
  const port = ports.get(wanted.id);
  refuseOtherProject(port, wanted);
  if (port === undefined) {
    throw new InvalidParameterValue(`vif_info.id ${wanted.id} does not exist in Neutron: name one of its ports`);
  }
  const physnets = await physicalNetworksFor(port, operation);
  const chosen = chooseCarrier(task, wanted, physnets, (portLike) => unusable(portLike, wired));
  const carrier = { ...chosen, vif: wanted.id };
  refuseOfOthers(port, carrier, operation);
  const stale = detached.filter(({ ref }) => isDeepStrictEqual(ref, carrier.ref));
  await vacate(stale, ports, operation);

  const after = withVifs(task, [...attachedVifs(task), { id: wanted.id, ...carrier.ref }]);
  const attached = { ...operation, context: { ...context, task: after } };
  const gone = new Set([wanted.id, ...stale.map(({ vif }) => vif)]);
  const others = recordedOn('tenant', context).filter((binding) => !gone.has(binding.neutron_port_id));
  const { bindings, ...outcome } =
    task.node.provision_state === ACTIVE
      ? await bind(port, carrier, attached)
      : await leaveUnbound(port, carrier, operation);
  const further =
    awaitsAddress(port) && physnets.size > 1 && outcome.error === undefined
      ? await addressElsewhere(wanted.id, carrier, operation)
      : [];
  return {
    ...outcome,
    ...(further.length > 0 ? { warnings: [...(outcome.warnings ?? []), ...further] } : {}),
    bindings: [...others.map(withoutNetworkType), ...bindings],
    ...(outcome.error === undefined ? { vifs: attachedVifs(after) } : {}),
  };
}

/** Whether Neutron gives it addresses only when it is known on which host it is. */
function awaitsAddress(port: NeutronPort): boolean {
  return port.ip_allocation === 'deferred' && port.fixed_ips.length === 0;
}

/**
 * Neutron gives a VIF an address on a segment that its host is on, as the host's agent says, and knows of no NICs: on a node with
 * NICs on several physical networks, that may be another one than the NIC is on.
 */
async function addressElsewhere(
  vif: string,
  { ref, label, physnets: [own] }: PortLike,
  operation: NeutronOperation,
): Promise<BindingFailure[]> {
  const [port] = await operation.client.listPorts({ id: [vif] }, operation.request);
  const name = port === undefined ? null : await physicalNetworkOfAddress(port, operation);
  if (name === null || own === undefined || name === own) return [];
  const reason =
    `Neutron gave VIF ${vif} an address on physical network ${name}, and ${label} is on ${own}: detach it, and attach it ` +
    `to a port on ${name}, or one that has an address on ${own}`;
  return [{ ...ref, reason }];
}

/** @throws VifInvalidForAttach when somebody else uses the port */
function refuseOfOthers(port: NeutronPort, { smartNicHost }: PortLike, operation: NeutronOperation): void {
  const host = hostOfOthers(port, smartNicHost, operation);
  if (host === null) return;
  const what = `VIF ${port.id} cannot be attached to node ${operation.context.task.node.uuid}`;
  throw new VifInvalidForAttach(`${what}: ${describe(port)} is bound to host ${host}; detach it there first`);
}

/** One NIC, one VIF: one that the task does not have any more may still be bound to it in Neutron. */
async function vacate(
  stale: readonly Attachment[],
  ports: ReadonlyMap<string, NeutronPort>,
  operation: NeutronOperation,
): Promise<void> {
  const left = await unbindVifs(stale, ports, operation);
  if (left.length > 0) throw operationError('a detached VIF cannot be unbound', left.map(failureOf));
}

/** As configure_tenant_networks does; when it fails, the VIF is left unbound. */
async function bind(port: NeutronPort, carrier: PortLike, operation: NeutronOperation): Promise<ProviderOutcome> {
  const ports = new Map([[port.id, port]]);
  if (operation.wired) {
    refuseBeside(MANAGEMENT_NETWORK_TYPES, operation.context);
    await refuseOtherThanLocalBoot(operation, ports);
  }
  return bindVifs([carrier], ports, operation);
}

/** Has the VIF unbound, with the carrier's MAC address, unless a port made for a ramdisk has it on the same network now. */
async function leaveUnbound(
  port: NeutronPort,
  carrier: PortLike,
  operation: NeutronOperation,
): Promise<ProviderOutcome> {
  const { context } = operation;
  const leave = (address: string | null): Promise<NeutronPort> =>
    updatePort(port, updatesToLeaveUnbound(port, address, context.task.node.uuid), port['binding:profile'], operation);
  try {
    await leave(carrier.address);
  } catch (error) {
    if (!(error instanceof NeutronError && error.type === 'MacAddressInUse')) throw error;
    if (!(await isOnRamdisk(carrier, port, operation))) {
      throw new NetworkError(await holderOf(carrier, port, operation), { cause: error });
    }
    // The ramdisk runs on the VIF's own network: configure_tenant_networks gives it the address when that is over.
    await leave(null);
  }
  context.log.info('VIF attached', { port: port.id, to: carrier.label });
  return { bindings: [], failures: [] };
}

/** Whether a port that was made for the node has the carrier's MAC address on the VIF's network. */
async function isOnRamdisk({ address }: PortLike, port: NeutronPort, operation: NeutronOperation): Promise<boolean> {
  const { client, request } = operation;
  const found = await client.listPorts({ network_id: port.network_id, mac_address: [address ?? ''] }, request);
  return found.some((holder) => isOurs(holder, operation));
}

/**
 * What takes a VIF off whatever host somebody bound it to earlier, and gives it the MAC address: update after update
 * where Neutron would refuse both in one.
 *
 * Where Neutron gives addresses only on a host, the node is named as one, without a switch port. That a mechanism
 * driver may call bound, but it plugs nothing; a VIF that was treated so before keeps it.
 */
function updatesToLeaveUnbound(port: NeutronPort, address: string | null, node: string): PortAttributes[] {
  const onNode = { 'binding:host_id': node, 'binding:profile': {} };
  const unplugged = port['binding:host_id'] === node && isDeepStrictEqual(port['binding:profile'], {});
  const newMac = address !== null && address !== port.mac_address.toLowerCase();
  const further: PortAttributes = {
    ...(newMac ? { mac_address: address } : {}),
    ...(awaitsAddress(port) ? { ...onNode, 'binding:vnic_type': VNIC_BAREMETAL } : {}),
  };
  const refused = isRefused(port, further);
  const unbind = port['binding:host_id'] !== '' && (!unplugged || refused);
  const together = unbind && !refused && !isBound(port);
  const updates = together ? [{ ...UNBOUND, ...further }] : [unbind ? UNBOUND : {}, further];
  return updates.filter((update) => Object.keys(update).length > 0);
}

/**
 * Unbinds a VIF from the node, whatever state the node is in, gives it a MAC address of Neutron's own where it had the
 * NIC's, and forgets it. One that is gone from Neutron is fine, and so is one that only the record still has: the task
 * came from a conductor that forgot it first.
 *
 * @throws VifNotAttached when the node does not have the VIF
 * @throws NetworkError when Neutron refuses to unbind it; it then stays attached
 */
export async function detachVif(operation: NeutronOperation): Promise<Partial<ProviderOutcome>> {
  const { context } = operation;
  const { task, args } = context;
  const attached = [...attachments(task), ...detachedVifs(context)].filter(({ vif }) => vif === args.vif_id);
  if (attached.length === 0) throw notAttached(context);
  const left = await unbindVifs(attached, await fetchVifs(attached, operation), operation);
  if (left.length > 0) {
    throw operationError(
      `VIF ${String(args.vif_id)} cannot be detached from node ${task.node.uuid}`,
      left.map(failureOf),
    );
  }
  const others = recordedOn('tenant', context).filter((binding) => binding.neutron_port_id !== args.vif_id);
  return {
    bindings: others.map(withoutNetworkType),
    failures: [],
    vifs: attachedVifs(task).filter(({ id }) => id !== args.vif_id),
  };
}
