import { randomUUID } from 'node:crypto';

import { METHODS, type MethodName } from '../../src/contract/methods.js';
import { operationResult } from '../../src/contract/result.js';
import type { PortBinding, Task } from '../../src/contract/types.js';
import {
  recordOf,
  type Fence,
  type OperationBegin,
  type OperationEnd,
  type OperationStart,
  type State,
  type StoredNode,
} from '../../src/state/index.js';

/** A cast that has come. */
export function start(method: MethodName, nodeUuid: string): OperationStart {
  return {
    id: randomUUID().replaceAll('-', ''),
    kind: 'cast',
    method,
    networkType: METHODS[method].networkType,
    nodeUuid,
    conductorHost: 'conductor-1',
    requestId: 'req-1',
    contentType: null,
    startedAt: new Date(),
    needsTask: true,
  };
}

/** A binding that stands. */
export function binding(portUuid: string, fields: Partial<PortBinding> = {}): PortBinding {
  return {
    port_uuid: portUuid,
    portgroup_uuid: null,
    neutron_port_id: randomUUID(),
    network_id: randomUUID(),
    host_id: 'host',
    vnic_type: 'baremetal',
    vif_type: 'other',
    status: 'ACTIVE',
    mac_address: '52:54:00:00:00:01',
    fixed_ips: [{ subnet_id: randomUUID(), ip_address: '192.0.2.5' }],
    profile: { local_link_information: [{ switch_id: 'a', port_id: 'b' }] },
    ...fields,
  };
}

/** A begin of its own of an operation. */
export function beginOf(operation: OperationStart, fence: Fence, fields: Partial<OperationBegin> = {}): OperationBegin {
  const id = randomUUID().slice(0, 8);
  return { id, start: operation, fence, before: null, alone: false, waits: false, ...fields };
}

/** How an operation ended well. @param task the one to put on record */
export function endOf(
  operation: OperationStart,
  fence: Fence,
  before: StoredNode | null,
  task: Task | null,
  bindings: PortBinding[] | null,
): OperationEnd {
  const result = operationResult({
    operationId: operation.id,
    nodeUuid: operation.nodeUuid ?? '',
    method: operation.method,
    networkProvider: 'neutron',
    networkType: operation.networkType,
    bindings: bindings ?? [],
    failures: [],
    warnings: [],
    answers: {},
    error: null,
  });
  const after = task && recordOf(task);
  const { id } = operation;
  const known = { before, after, bindings, late: 0, settled: false, letter: null };
  return { id, start: operation, fence, result, ...known };
}

/** Begins and ends one operation on the task; answers with what was on record before. */
export async function performed(
  state: State,
  fence: Fence,
  method: MethodName,
  task: Task,
  bindings: PortBinding[] | null,
): Promise<StoredNode | null> {
  const operation = start(method, task.node.uuid);
  const { node } = await state.lookUp(operation);
  await state.begin(beginOf(operation, fence, { before: node }));
  await state.end(endOf(operation, fence, node, task, bindings));
  return node;
}
