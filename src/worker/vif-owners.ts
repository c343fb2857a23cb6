import { type IronicError, NetworkError, VifInvalidForAttach } from '../contract/errors.js';
import type { Task } from '../contract/types.js';
import { attachedVifs } from '../contract/vifs.js';
import { argsOf, type Operation } from '../messages/request.js';
import type { VifHolder } from '../state/index.js';
import type { OperationRecord } from './operation-record.js';

/**
 * Refuses to attach or bind a VIF that another node has: the other node would lose its network. A VIF is claimed before
 * it is attached, so that only one of two nodes gets it if both ask at once.
 *
 * @throws VifInvalidForAttach (vif_attach) or NetworkError (other methods), which name the other node; as untilStored
 */
export async function refuseOthersVifs(operation: Operation, task: Task, record: OperationRecord): Promise<void> {
  const { uuid } = task.node;
  const refuse = (holder: VifHolder | null, Class: new (message: string) => IronicError): void => {
    if (holder !== null) throw new Class(explained(holder, uuid));
  };
  const { method } = operation;
  const wanted = argsOf(operation).vif_info?.id;
  if (method === 'vif_attach' && wanted !== undefined) refuse(await record.claimVif(wanted), VifInvalidForAttach);
  if (method !== 'configure_tenant_networks' && method !== 'reattach') return;
  const vifs = attachedVifs(task).map(({ id }) => id);
  refuse(await record.vifBoundElsewhere(vifs), NetworkError);
}

function explained({ vif, node, attaching }: VifHolder, wanting: string): string {
  const what = `VIF ${vif} cannot be attached to node ${wanting}`;
  return attaching
    ? `${what}: it is being attached to node ${node}`
    : `${what}: it is on record for node ${node}; detach it there first (vif_detach), or delete that node's record if the node no longer exists`;
}
