import { attachedVifs } from '../../contract/vifs.js';
import { notAttached } from '../carrier.js';
import type { ProviderOutcome } from '../provider.js';
import { recordedOn, withoutNetworkType } from '../recorded.js';
import type { Operation } from './operation.js';
import { failureOf, operationError } from './settle.js';
import { attachments, detachedVifs, fetchVifs, unbindVifs } from './vifs.js';

/**
 * Unbinds a VIF from the node, whatever state the node is in, gives it a MAC address of Neutron's own where it had the
 * NIC's, and forgets it. One that is gone from Neutron is fine, and so is one that only the record still has: the task
 * came from a conductor that forgot it first.
 *
 * @throws VifNotAttached when the node does not have the VIF
 * @throws NetworkError when Neutron refuses to unbind it; it then stays attached
 */
export async function detachVif(operation: Operation): Promise<Partial<ProviderOutcome>> {
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
