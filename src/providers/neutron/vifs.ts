import type { PortBinding, Task } from '../../contract/types.js';
import { attachedVifs } from '../../contract/vifs.js';
import type { NeutronPort } from '../../neutron/resources.js';
import type { ProviderContext, RecordedBinding } from '../provider.js';
import { recordedOn } from '../recorded.js';
import { type Remainder, remainders } from './delete.js';
import { bindingOf, type Operation } from './operation.js';
import type { PortLikeRef } from './port-like.js';
import { unbindPort } from './unbind.js';

/** A VIF, Ironic's word for the tenant's Neutron port, and what it is or was attached to. */
export interface Attachment {
  readonly vif: string;
  readonly ref: PortLikeRef;
  /** The MAC address that the VIF is given when it is bound, in lower case; null: it keeps its own. */
  readonly address: string | null;
}

/** The VIFs of the task, with the addresses that they are given. */
export function attachments(task: Task): Attachment[] {
  const addresses = new Map([...task.ports, ...task.portgroups].map(({ uuid, address }) => [uuid, address]));
  return attachedVifs(task).map(({ id, ...ref }) => ({
    vif: id,
    ref,
    address: addresses.get(ref.port_uuid ?? ref.portgroup_uuid ?? '')?.toLowerCase() ?? null,
  }));
}

/** VIFs on record as bound that the task does not have any more: they were detached meanwhile. */
export function detachedVifs(context: ProviderContext): Attachment[] {
  const attached = new Set(attachedVifs(context.task).map(({ id }) => id));
  return recordedOn('tenant', context)
    .filter((binding) => !attached.has(binding.neutron_port_id))
    .map((binding) => ({
      vif: binding.neutron_port_id,
      ref: { port_uuid: binding.port_uuid, portgroup_uuid: binding.portgroup_uuid },
      address: addressGiven(binding, context.task),
    }));
}

function addressGiven(binding: RecordedBinding, task: Task): string | null {
  const portgroup = task.portgroups.find(({ uuid }) => uuid === binding.portgroup_uuid);
  if (binding.port_uuid === null) return portgroup?.address?.toLowerCase() ?? null;
  return binding.mac_address.toLowerCase();
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
 * Unbinds VIFs side by side. One that is missing in Neutron is fine.
 *
 * @returns those that Neutron refuses to change
 * @throws the first error that a retry may clear, after every VIF was tried
 */
export async function unbindVifs(
  doomed: readonly Attachment[],
  ports: ReadonlyMap<string, NeutronPort>,
  operation: Operation,
): Promise<Remainder[]> {
  const bound = doomed.flatMap(({ vif, ref, address }) => {
    const port = ports.get(vif);
    return port === undefined ? [] : [{ port, ref, address }];
  });
  const results = await Promise.allSettled(bound.map(({ port, address }) => unbindPort(port, address, operation)));
  const bindings: PortBinding[] = bound.map(({ port, ref }) => bindingOf(ref, port));
  return remainders(bindings, results, operation);
}
