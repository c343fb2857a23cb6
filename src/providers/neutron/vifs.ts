import type { NetworkType } from '../../contract/methods.js';
import type { PortBinding, Task } from '../../contract/types.js';
import { attachedVifs } from '../../contract/vifs.js';
import { type NeutronPort, VNIC_SMARTNIC } from '../../neutron/resources.js';
import type { ProviderContext, RecordedBinding } from '../provider.js';
import { recordedOn } from '../recorded.js';
import { remainders } from './delete.js';
import { bindingOf, type Operation, type Remainder } from './operation.js';
import { clientId, type PortLikeRef, smartNicHost } from './port-like.js';
import { hostsWithoutAgent } from './smart-nic.js';
import { keepingPlugged } from './switch-ports.js';
import { isElsewhere, unbindPort } from './unbind.js';

/** A VIF, Ironic's word for the tenant's Neutron port, and what it is or was attached to. */
export interface Attachment {
  readonly vif: string;
  readonly ref: PortLikeRef;
  /** The MAC address that the VIF is given when it is bound, in lower case; null: it keeps its own. */
  readonly address: string | null;
  /** The DHCP client id that the VIF is given when it is bound; null: it has what its owner gave it. */
  readonly clientId: string | null;
  /** The host of the smart NIC that it is or was bound to; null: the node itself. */
  readonly smartNicHost: string | null;
}

/** The VIFs of the task, with the addresses that they are given. */
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

/** VIFs on record as bound that the task does not have any more: they were detached meanwhile. */
export function detachedVifs(context: ProviderContext, type: NetworkType = 'tenant'): Attachment[] {
  const attached = new Set(attachedVifs(context.task).map(({ id }) => id));
  return recordedOn(type, context)
    .filter((binding) => !attached.has(binding.neutron_port_id))
    .map((binding) => recordedAttachment(binding, context.task));
}

/** What a VIF on record was attached to. */
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

/** The VIFs as Neutron has them, by id. One that is missing there is missing here. */
export async function fetchVifs(
  wanted: readonly Attachment[],
  { client, request }: Operation,
): Promise<Map<string, NeutronPort>> {
  const ids = [...new Set(wanted.map(({ vif }) => vif))];
  const ports = await client.listPorts({ id: ids }, request);
  return new Map(ports.map((port) => [port.id, port]));
}

/**
 * Unbinds VIFs side by side. One that is missing in Neutron is fine. What is to stand on the same switch ports is bound
 * anew.
 *
 * @returns those that Neutron refuses to change, or whose smart NIC has nobody to unplug them
 * @throws the first error that a retry may clear, after every VIF was tried
 */
export async function unbindVifs(
  doomed: readonly Attachment[],
  ports: ReadonlyMap<string, NeutronPort>,
  operation: Operation,
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
