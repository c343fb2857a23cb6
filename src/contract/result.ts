import type { IronicError } from './errors.js';
import { METHODS, type MethodName } from './methods.js';
import type { BindingFailure, OperationResult, PortBinding } from './types.js';

/** Version of the interface that workers offer, and of the port_binding_result that they cast. */
export const RPC_API_VERSION = '1.0';

/** Method that a conductor host's results topic gets for every cast. */
export const RESULT_METHOD = 'port_binding_result';

export interface ResultParts {
  operationId: string;
  nodeUuid: string;
  method: MethodName;
  networkProvider: string;
  bindings: PortBinding[];
  failures: BindingFailure[];
  error: IronicError | null;
}

/** Puts together what an operation answers with. */
export function operationResult(parts: ResultParts): OperationResult {
  const { error } = parts;
  return {
    operation_id: parts.operationId,
    node_uuid: parts.nodeUuid,
    method: parts.method,
    network_provider: parts.networkProvider,
    network_type: METHODS[parts.method],
    status: error === null ? 'succeeded' : 'failed',
    bindings: parts.bindings,
    failures: parts.failures,
    error: error === null ? null : { class: error.name, module: error.module, message: error.message },
  };
}

/**
 * A result as JSON carries it: a binding or failure names its port or its portgroup, never both, so the one that is
 * null is left out.
 */
export function resultToJson(result: OperationResult): object {
  return {
    ...result,
    bindings: result.bindings.map(withoutNullIds),
    failures: result.failures.map(withoutNullIds),
  };
}

function withoutNullIds(item: PortBinding | BindingFailure): object {
  const { port_uuid, portgroup_uuid, ...rest } = item;
  return {
    ...(port_uuid === null ? {} : { port_uuid }),
    ...(portgroup_uuid === null ? {} : { portgroup_uuid }),
    ...rest,
  };
}
