import { isDeepStrictEqual } from 'node:util';

import { InvalidParameterValue, NetworkError, VifInvalidForAttach } from '../../../contract/errors.js';
import { MANAGEMENT_NETWORK_TYPES } from '../../../contract/methods.js';
import type { BindingFailure } from '../../../contract/types.js';
import { attachedVifs, withVifs } from '../../../contract/vifs.js';
import { type NeutronPort, type PortAttributes, VNIC_BAREMETAL } from '../../../neutron/resources.js';
import { OpenStackError } from '../../../openstack/errors.js';
import { chooseCarrier, notAttached, refuseAttached, refuseOtherProject, wantedVif } from '../../ports/carrier.js';
import { type PortLike, unusable } from '../../ports/port-like.js';
import { recordedOn, refuseBeside, withoutNetworkType } from '../../ports/recorded.js';
import type { ProviderOutcome } from '../../provider.js';
import { refuseOtherThanLocalBoot } from '../binding/boot.js';
import { ACTIVE, describe, isOurs, type NeutronOperation } from '../binding/operation.js';
import { failureOf, operationError } from '../binding/outcome.js';
import { isBound, isRefused, UNBOUND, updatePort } from '../binding/update.js';
import { bindVifs, holderOf } from './bind.js';
import { physicalNetworkOfAddress, physicalNetworksFor } from './physnets.js';
import { type Attachment, attachments, detachedVifs, fetchVifs, hostOfOthers, unbindVifs } from './vifs.js';

/**
 * Attaches a VIF to a free port or portgroup, and gives the VIF its MAC address. On an active node the VIF is bound at
 * once; on any other node it is left unbound until configure_tenant_networks.
 *
 * The choice is recorded only at the end, so a repeat chooses again. From the same task it makes the same choice, and
 * finds in Neutron what it did before.
 *
 * @throws InvalidParameterValue when Neutron does not have the VIF, or has it for another project; VifInvalidForAttach
 *   when somebody else uses it; and the errors of chooseCarrier and physicalNetworksFor
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

/** Whether Neutron gives the port addresses only when it knows the host, and has not given any yet. */
function awaitsAddress(port: NeutronPort): boolean {
  return port.ip_allocation === 'deferred' && port.fixed_ips.length === 0;
}

/**
 * Warns if Neutron gave the VIF an address on another physical network than that of its port. Neutron chooses a segment
 * that the host is on, as the host's agent reports, and knows nothing of NICs. On a node with NICs on several physical
 * networks, this may be the wrong segment.
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
    `Neutron gave VIF ${vif} an address on physical network ${name}, but ${label} is on ${own}: detach the VIF, and attach it ` +
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

/** Unbinds VIFs that the task no longer has but Neutron may still have bound to the NIC: a NIC has only one VIF. */
async function vacate(
  stale: readonly Attachment[],
  ports: ReadonlyMap<string, NeutronPort>,
  operation: NeutronOperation,
): Promise<void> {
  const left = await unbindVifs(stale, ports, operation);
  if (left.length > 0) throw operationError('a detached VIF cannot be unbound', left.map(failureOf));
}

/** Binds the VIF with the steps of configure_tenant_networks; if that fails, the VIF is left unbound. */
async function bind(port: NeutronPort, carrier: PortLike, operation: NeutronOperation): Promise<ProviderOutcome> {
  const ports = new Map([[port.id, port]]);
  if (operation.wired) {
    refuseBeside(MANAGEMENT_NETWORK_TYPES, operation.context);
    await refuseOtherThanLocalBoot(operation, ports);
  }
  return bindVifs([carrier], ports, operation);
}

/** Leaves the VIF unbound, with the carrier's MAC address unless the ramdisk's port has it on the same network now. */
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
    if (!(error instanceof OpenStackError && error.type === 'MacAddressInUse')) throw error;
    if (!(await isOnRamdisk(carrier, port, operation))) {
      throw new NetworkError(await holderOf(carrier, port, operation), { cause: error });
    }
    // The ramdisk runs on the VIF's own network; configure_tenant_networks gives the VIF the address later.
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
 * The updates that take a VIF off any host to which somebody bound it earlier, and give it the MAC address. There are
 * two updates if Neutron would refuse both changes in one.
 *
 * If Neutron gives the VIF addresses only on a host, the node becomes its host, without a switch port. A mechanism
 * driver may call that bound, but it plugs nothing in. A VIF that already has this host and no switch port keeps both.
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
 * Unbinds a VIF from the node, whatever state the node is in, and forgets it. If the VIF has the NIC's MAC address,
 * Neutron gives it another one. It is no error if Neutron does not have the VIF, or if only the record has it because
 * the conductor removed it from the task before the call.
 *
 * @throws VifNotAttached when the node does not have the VIF
 * @throws NetworkError when Neutron refuses to unbind the VIF, which then stays attached
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
