import { IronicError } from '../contract/errors.js';
import { answerOf, METHODS, type NetworkType, onlyAsks } from '../contract/methods.js';
import { operationResult } from '../contract/result.js';
import type { Answers, OperationResult, PortBinding, Task, Vif } from '../contract/types.js';
import { attachedVifs, withNotedVifs, withVifs } from '../contract/vifs.js';
import { maskText } from '../log/log.js';
import type { Operation } from '../messages/request.js';
import { withoutNetworkType } from '../providers/ports/recorded.js';
import { type OperationEnd, recordOf, type StoredNode } from '../state/index.js';
import { type ProviderResult, recordedOf } from './provider-choice.js';

/** What a commit records about an operation, without the fence of that commit. */
export type End = Pick<OperationEnd, 'start' | 'result' | 'before' | 'after' | 'bindings' | 'standing'>;

/** Makes the record and the answer of an operation. It leaves out what the provider said beyond the method's answer. */
export function endOf(operation: Operation, before: StoredNode | null, provided: ProviderResult): End {
  const { start, method } = operation;
  const { outcome, error } = provided;
  if (answerOf(method) === 'findings') return endOfReconcile(operation, before, provided);
  const type = METHODS[method].networkType;
  const bindings = type === null ? null : (outcome.bindings ?? null);
  const result = operationResult({
    operationId: start.id,
    nodeUuid: start.nodeUuid ?? '',
    method,
    networkProvider: provided.networkProvider,
    networkType: start.networkType,
    bindings: bindings ?? (error === null ? standing(type, before) : []),
    failures: outcome.failures ?? [],
    warnings: outcome.warnings ?? [],
    answers: answersOf(operation, provided),
    error,
  });
  const task = provided.task && taskAfter(operation, provided.task, provided);
  const after = task && recordOf(task, notedVifs(operation, before, task, error));
  const all = outcome.standing;
  return { start, result, before, after, ...(all === undefined ? { bindings } : { bindings: null, standing: all }) };
}

/**
 * Does the same for reconcile, which covers every network type that the node is on: it may restore bindings of several
 * types. The result has the bindings of all of them.
 */
function endOfReconcile(operation: Operation, before: StoredNode | null, provided: ProviderResult): End {
  const { method } = operation;
  const { outcome, error, networkProvider } = provided;
  const all = outcome.standing ?? null;
  const stand = all ?? recordedOf(before);
  const types = new Set(stand.map((binding) => binding.network_type));
  const [networkType = null] = types.size === 1 ? types : [];
  const start = { ...operation.start, networkType };
  const result = operationResult({
    operationId: start.id,
    nodeUuid: start.nodeUuid ?? '',
    method,
    networkProvider,
    networkType,
    bindings: error === null ? stand.map(withoutNetworkType) : [],
    failures: outcome.failures ?? [],
    warnings: outcome.warnings ?? [],
    answers: answersOf(operation, provided),
    error,
  });
  const after = provided.task && recordOf(provided.task, notedVifs(operation, before, provided.task, error));
  return { start, result, before, after, bindings: null, ...(all === null ? {} : { standing: all }) };
}

/** The recorded bindings of one network type. They are still valid when the provider did not say otherwise. */
function standing(type: NetworkType | null, before: StoredNode | null): PortBinding[] {
  return recordedOf(before)
    .filter((binding) => binding.network_type === type)
    .map(withoutNetworkType);
}

function answersOf({ method }: Operation, { outcome, error }: ProviderResult): Answers {
  const name = answerOf(method);
  return name === null || error !== null || outcome[name] === undefined ? {} : { [name]: outcome[name] };
}

/** The task after the operation: with the changed port or portgroup, and with the VIFs that are attached now. */
function taskAfter(operation: Operation, task: Task, provided: ProviderResult): Task {
  const { method, subject } = operation;
  if (provided.error !== null || subject instanceof IronicError || onlyAsks(method, subject.args)) return task;
  const { port_obj: port, portgroup_obj: portgroup } = subject.args;
  const { vifs } = answersOf(operation, provided);
  if (port === null && portgroup === null) return vifs === undefined ? task : withVifs(task, vifs);
  const changed: Task = {
    ...task,
    ports: task.ports.map((own) => (own.uuid === port?.uuid ? port : own)),
    portgroups: task.portgroups.map((own) => (own.uuid === portgroup?.uuid ? portgroup : own)),
  };
  return vifs === undefined ? withNotedVifs(changed, attachedVifs(task)) : withVifs(changed, vifs);
}

/**
 * The VIFs that vif_attach attached and that are still attached. They are kept beside the task because a later task may
 * not mention them: the conductor that casts vif_attach does not know the chosen port until it has the result.
 */
function notedVifs({ subject }: Operation, before: StoredNode | null, task: Task, error: IronicError | null): Vif[] {
  const noted = new Set((before?.vifs ?? []).map(({ id }) => id));
  if (error === null && !(subject instanceof IronicError) && subject.args.vif_info) noted.add(subject.args.vif_info.id);
  return noted.size === 0 ? [] : attachedVifs(task).filter(({ id }) => noted.has(id));
}

/** Longest reason of a failure, a warning or a finding, in characters. A node may have hundreds of them. */
const MAX_REASON = 1000;

/**
 * Masks secrets in the texts of the record and of the answer, and cuts long texts. A server may have echoed a secret,
 * or a plug-in may have put one into an error.
 */
export function withoutSecrets(end: End): End {
  const { error, failures, warnings, findings } = end.result;
  if (error === null && failures.length === 0 && warnings.length === 0 && findings === undefined) return end;
  const result: OperationResult = {
    ...end.result,
    error: error && { ...error, message: maskText(error.message) },
    failures: failures.map(masked),
    warnings: warnings.map(masked),
    ...(findings === undefined ? {} : { findings: findings.map(masked) }),
  };
  return { ...end, result };
}

function masked<T extends { reason: string }>(item: T): T {
  return { ...item, reason: maskText(item.reason, MAX_REASON) };
}
