import type { IronicError } from './errors.js';
import type { MethodName, NetworkType } from './methods.js';
import type { Answers, BindingFailure, OperationResult, PortBinding, Vif } from './types.js';

/** Method that a conductor host's results topic gets for every cast, and the version of the interface that has it. */
export const RESULT_METHOD = 'port_binding_result';
export const RESULT_VERSION = '1.0';

export interface ResultParts {
  operationId: string;
  nodeUuid: string;
  method: MethodName;
  networkProvider: string;
  networkType: NetworkType | null;
  bindings: PortBinding[];
  failures: BindingFailure[];
  warnings: BindingFailure[];
  answers: Answers;
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
    network_type: parts.networkType,
    status: error === null ? 'succeeded' : 'failed',
    bindings: parts.bindings,
    failures: parts.failures,
    warnings: parts.warnings,
    ...parts.answers,
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
    // Results that were stored by version 1.0 have no warnings.
    warnings: ((result as Partial<OperationResult>).warnings ?? []).map(withoutNullIds),
    ...(result.vifs === undefined ? {} : { vifs: result.vifs.map(withoutNullIds) }),
  };
}

function withoutNullIds(item: PortBinding | BindingFailure | Vif): object {
  const { port_uuid, portgroup_uuid, ...rest } = item;
  return {
    ...(port_uuid === null ? {} : { port_uuid }),
    ...(portgroup_uuid === null ? {} : { portgroup_uuid }),
    ...rest,
  };
}
