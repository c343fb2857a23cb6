import { type IronicError, MissingParameterValue } from './errors.js';
import { uuid } from './identifiers.js';
import { answerOf, isMethodName, type MethodName, type NetworkType } from './methods.js';
import type { Answers, BindingFailure, Finding, OperationResult, PortBinding, Vif } from './types.js';

/** The method with which we cast the result of every cast to the conductor host's results topic, and its version. */
export const RESULT_METHOD = 'port_binding_result';
export const RESULT_VERSION = '1.0';

/**
 * The method that only asks for the result of an earlier request of a node. Since version 1.2. A conductor asks when it
 * has waited for the result of a cast in vain: the message may be lost with the conductor's queue.
 */
export const RESULT_QUESTION = 'operation_result';

/** Which result is asked for: that of the request with this id, about this node. */
export interface WhichRequest {
  nodeUuid: string;
  requestId: string;
}

/** Reads the arguments of operation_result. @throws MissingParameterValue, InvalidParameterValue */
export function readResultQuestion(args: Readonly<Record<string, unknown>>): WhichRequest {
  const { node_id: nodeId, request_id: requestId } = args;
  if (typeof requestId !== 'string' || requestId === '') {
    throw new MissingParameterValue('request_id is missing: it must be the request_id of the context of a request');
  }
  return { nodeUuid: uuid(nodeId, 'node_id'), requestId };
}

/**
 * The kinds of warnings that a program may want to tell apart, and what they mean. Any other warning has no kind, or one
 * of a plug-in.
 */
export const WARNING_KINDS = {
  removal_unproven:
    'A Neutron port was deleted or unbound, and Neutron cannot tell whether its mechanism driver has unplugged the ' +
    'switch port. If not, the NIC stays on its old network until its switch port is plugged in elsewhere. Set ' +
    'quarantine_network to have removals proven.',
} as const;
export type WarningKind = keyof typeof WARNING_KINDS;

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

/** Makes the result of an operation. */
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
 * A result as encoded in JSON. Each item names either its port or its portgroup, never both, so this leaves out the id
 * that is null.
 */
export function resultToJson(result: OperationResult): object {
  return {
    ...result,
    bindings: result.bindings.map(withoutNullIds),
    failures: result.failures.map(withoutNullIds),
    // Results that version 1.0 stored have no warnings.
    warnings: ((result as Partial<OperationResult>).warnings ?? []).map(withoutNullIds),
    ...(result.vifs === undefined ? {} : { vifs: result.vifs.map(withoutNullIds) }),
    ...(result.findings === undefined ? {} : { findings: result.findings.map(withoutNullIds) }),
  };
}

function withoutNullIds(item: PortBinding | BindingFailure | Vif | Finding): object {
  const { port_uuid, portgroup_uuid, ...rest } = item;
  return {
    ...(port_uuid === null ? {} : { port_uuid }),
    ...(portgroup_uuid === null ? {} : { portgroup_uuid }),
    ...rest,
  };
}

/**
 * Reads a result from either encoding. Fields that the encoding left out become null, and of the additional fields it
 * keeps only the method's own. Both are necessary because protobuf cannot distinguish an empty list from a missing one,
 * or null from a missing field.
 *
 * @throws Error when the value is no result
 */
export function readResult(value: unknown): OperationResult {
  const result = value as Partial<OperationResult> | null | undefined;
  if (typeof result?.operation_id !== 'string' || !Array.isArray(result.bindings) || !Array.isArray(result.failures)) {
    throw new Error('the message is not an operation result');
  }
  const { vifs, current_vif, need_power_on, network_data, findings, ...others } = result as OperationResult;
  return {
    ...others,
    network_type: result.network_type ?? null,
    bindings: result.bindings.map(withNullIds<PortBinding>),
    failures: result.failures.map(withNullIds<BindingFailure>),
    warnings: (result.warnings ?? []).map(withNullIds<BindingFailure>),
    ...answerIn(others, {
      vifs: (vifs ?? []).map(withNullIds<Vif>),
      current_vif: current_vif ?? null,
      need_power_on: need_power_on ?? false,
      network_data: network_data ?? {},
      findings: (findings ?? []).map(readFinding),
    }),
    error: result.error ?? null,
  };
}

function answerIn({ method, status }: Pick<OperationResult, 'method' | 'status'>, found: Required<Answers>): Answers {
  const name = isMethodName(method) ? answerOf(method) : null;
  return name === null || status !== 'succeeded' ? {} : { [name]: found[name] };
}

function readFinding(finding: Finding): Finding {
  const { network_type, repaired } = finding as Partial<Finding>;
  return { ...withNullIds(finding), network_type: network_type ?? null, repaired: repaired ?? false };
}

function withNullIds<T extends PortBinding | BindingFailure | Vif | Finding>(item: T): T {
  const { port_uuid, portgroup_uuid } = item as Partial<T>;
  return { ...item, port_uuid: port_uuid ?? null, portgroup_uuid: portgroup_uuid ?? null };
}

/** The statuses of an operation in the database. */
export const OPERATION_STATUSES = ['running', 'succeeded', 'failed'] as const;
export type OperationStatus = (typeof OPERATION_STATUSES)[number];
