import { NetworkError } from '../../../contract/errors.js';
import type { NetworkType } from '../../../contract/methods.js';
import type { PortBinding, RecordedBinding, Task } from '../../../contract/types.js';
import { attachedVifs } from '../../../contract/vifs.js';
import { DHCP_CLIENT_ID, type NeutronPort, type PortAttributes, VNIC_SMARTNIC } from '../../../neutron/resources.js';
import { OpenStackError } from '../../../openstack/errors.js';
import { clientId, type PortLikeRef, smartNicHost } from '../../ports/port-like.js';
import { recordedOn } from '../../ports/recorded.js';
import type { ProviderContext } from '../../provider.js';
import { remainders } from '../binding/delete.js';
import { bindingOf, type NeutronOperation, type Remainder } from '../binding/operation.js';
import { keepingPlugged } from '../binding/switch-ports.js';
import { isBound, optionsToChange, sendUpdate, UNBOUND, updatePort } from '../binding/update.js';
import { hostsWithoutAgent, noAgent } from '../binding/wait.js';

/** A VIF (Ironic's word for the tenant's Neutron port) and the port or portgroup to which it is or was attached. */
export interface Attachment {
  readonly vif: string;
  readonly ref: PortLikeRef;
  /** The MAC address that the VIF gets when it is bound, in lower case; null if it keeps its own. */
  readonly address: string | null;
  /** The DHCP client id that the VIF gets when it is bound; null if it keeps what its owner gave it. */
  readonly clientId: string | null;
  /** The host of the smart NIC to which it is or was bound; null if that is the node itself. */
  readonly smartNicHost: string | null;
}

/** The VIFs of the task, with the addresses that they get. */
export function attachments(task: Task): Attachment[] {
  return attachedVifs(task).map(({ id, ...ref }) => {
    const port = task.ports.find(({ uuid }) => uuid === ref.port_uuid);
    const carrier = port ?? task.portgroups.find(({ uuid }) => uuid === ref.portgroup_uuid);
    return {
      vif: id,
      ref,
      address: carrier?.address?.toLowerCase() ?? null,
      clientId: port === undefined ? null : clientId(port),
      smartNicHost: port === undefined ? null : smartNicHost(port),
    };
  });
}

/** VIFs on record as bound that are no longer in the task: they were detached meanwhile. */
export function detachedVifs(context: ProviderContext, type: NetworkType = 'tenant'): Attachment[] {
  const attached = new Set(attachedVifs(context.task).map(({ id }) => id));
  return recordedOn(type, context)
    .filter((binding) => !attached.has(binding.neutron_port_id))
    .map((binding) => recordedAttachment(binding, context.task));
}

/** The attachment of a recorded VIF. */
export function recordedAttachment(binding: RecordedBinding, task: Task): Attachment {
  const portgroup = task.portgroups.find(({ uuid }) => uuid === binding.portgroup_uuid);
  const port = task.ports.find(({ uuid }) => uuid === binding.port_uuid);
  return {
    vif: binding.neutron_port_id,
    ref: { port_uuid: binding.port_uuid, portgroup_uuid: binding.portgroup_uuid },
    address: (binding.port_uuid === null ? portgroup?.address : binding.mac_address)?.toLowerCase() ?? null,
    clientId: port === undefined ? null : clientId(port),
    smartNicHost: binding.vnic_type === VNIC_SMARTNIC ? binding.host_id : null,
  };
}

/** The VIFs as Neutron has them, by id. A VIF that Neutron does not have is not in the map. */
export async function fetchVifs(
  wanted: readonly Pick<Attachment, 'vif'>[],
  { client, request, switchDrivers }: NeutronOperation,
): Promise<Map<string, NeutronPort>> {
  const ids = [...new Set(wanted.map(({ vif }) => vif))];
  const ports = await client.listPorts({ id: ids }, request);
  switchDrivers.learn(ports);
  return new Map(ports.map((port) => [port.id, port]));
}

/**
 * Unbinds VIFs in parallel. It is no error if Neutron does not have a VIF. Ports that remain on the same switch ports
 * are bound again.
 *
 * @returns the VIFs that Neutron refuses to change, or whose smart NIC has no live agent to unplug them
 * @throws the first error that a retry may clear, after every VIF was tried
 */
export async function unbindVifs(
  doomed: readonly Attachment[],
  ports: ReadonlyMap<string, NeutronPort>,
  operation: NeutronOperation,
): Promise<Remainder[]> {
  const bound = doomed.flatMap((attachment) => {
    const port = ports.get(attachment.vif);
    return port === undefined ? [] : [{ port, attachment }];
  });
  const absent = await hostsWithoutAgent(
    bound.map(({ attachment, port }) => (port['binding:host_id'] === '' ? null : attachment.smartNicHost)),
    operation,
  );
  const bindings: PortBinding[] = bound.map(({ port, attachment }) => bindingOf(attachment.ref, port));
  const leaving = bound
    .filter(({ port, attachment }) => !isElsewhere(port, attachment.smartNicHost, operation))
    .map(({ port, attachment }) => bindingOf(attachment.ref, port));
  const results = await keepingPlugged(leaving, operation, () =>
    Promise.allSettled(bound.map(({ port, attachment }) => unbindPort(port, attachment, absent, operation))),
  );
  return remainders(bindings, results, operation);
}

/** What a port got from the NIC to which it is bound. */
interface Given {
  /** The MAC address that it got; null if it kept its own, or should keep the present one. */
  readonly address: string | null;
  /** The DHCP client id that it got. */
  readonly clientId: string | null;
  readonly smartNicHost: string | null;
}

/**
 * Takes a tenant's Neutron port off this node and leaves it as the tenant made it: without host and profile, without
 * the DHCP client id of a NIC, and with a MAC address of Neutron's own if it had a NIC's. Its vnic_type stays, as in
 * Ironic, because the former one is not on record. A port that is gone, or on another host, is left alone.
 *
 * This takes two requests, because Neutron refuses to change the MAC address of a bound port. A crash between them
 * leaves an unbound port with the NIC's address, so the address of an unbound port is checked too.
 *
 * @param given what the port got when it was bound, and the host of the smart NIC to which it may be bound
 * @param absent hosts of smart NICs without a live agent, where nothing would unplug the port
 * @throws NetworkError when the port is on one of these hosts
 */
async function unbindPort(
  port: NeutronPort,
  given: Given,
  absent: ReadonlySet<string>,
  operation: NeutronOperation,
): Promise<void> {
  const { context } = operation;
  const host = port['binding:host_id'];
  if (isElsewhere(port, given.smartNicHost, operation)) {
    context.log.warn('the VIF is bound to another host and was not changed', { port: port.id, host });
    return;
  }
  if (absent.has(host)) throw new NetworkError(noAgent(host));
  try {
    if (host !== '') {
      await updatePort(port, [UNBOUND], port['binding:profile'], operation);
      context.log.info('VIF unbound', { port: port.id });
    }
    const taken = ofNic(port, given, context);
    if (Object.keys(taken).length > 0) await sendUpdate(port, taken, operation);
  } catch (error) {
    if (!(error instanceof OpenStackError && error.status === 404)) throw error;
  }
}

/** The attributes that the port must give back to a NIC. The NIC may have another MAC address by now. */
function ofNic(port: NeutronPort, { address, clientId }: Given, { task, recorded }: ProviderContext): PortAttributes {
  const bound = recorded.filter((binding) => binding.neutron_port_id === port.id && binding.port_uuid !== null);
  const addresses = [
    ...[...task.ports, ...task.portgroups].map((part) => part.address?.toLowerCase()),
    ...bound.map((binding) => binding.mac_address.toLowerCase()),
  ];
  const hasNics = address !== null && [address, ...addresses].includes(port.mac_address.toLowerCase());
  const option = { opt_name: DHCP_CLIENT_ID, opt_value: clientId };
  const hasClientId = clientId !== null && optionsToChange(port.extra_dhcp_opts, [option]).length === 0;
  return {
    ...(hasNics ? { mac_address: null } : {}),
    ...(hasClientId ? { extra_dhcp_opts: [{ ...option, opt_value: null }] } : {}),
  };
}

/**
 * The host on which somebody else has the port bound; null if there is none. A port bound for the node's own instance
 * does not count, because the instance may have moved here. Nor does a port that only names another host, as an older
 * Nova sets it.
 */
export function hostOfOthers(
  port: NeutronPort,
  smartNicHost: string | null,
  operation: NeutronOperation,
): string | null {
  const { uuid, instance_uuid: instance } = operation.context.task.node;
  const own = port.device_id !== '' && [uuid, instance].includes(port.device_id);
  return isElsewhere(port, smartNicHost, operation) && isBound(port) && !own ? port['binding:host_id'] : null;
}

/** Whether the port is bound to a host that is neither the node nor its smart NIC. */
function isElsewhere(port: NeutronPort, smartNicHost: string | null, { context }: NeutronOperation): boolean {
  return !['', context.task.node.uuid, smartNicHost].includes(port['binding:host_id']);
}
