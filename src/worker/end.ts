import { IronicError } from '../contract/errors.js';
import { onlyAsks } from '../contract/methods.js';
import { operationResult } from '../contract/result.js';
import type { Task, Vif } from '../contract/types.js';
import { attachedVifs, withNotedVifs, withVifs } from '../contract/vifs.js';
import { recordOf, type OperationEnd, type StoredNode } from '../state/index.js';
import type { Operation } from './decode.js';
import type { Provided } from './provide.js';

/** What is put on record of an operation, and answered. */
export function endOf(operation: Operation, before: StoredNode | null, provided: Provided): OperationEnd {
  const { start, method } = operation;
  const { bindings, failures, warnings, error, ...answers } = provided.outcome;
  const result = operationResult({
    operationId: start.id,
    nodeUuid: start.nodeUuid ?? '',
    method,
    networkProvider: provided.networkProvider,
    networkType: start.networkType,
    bindings: bindings ?? [],
    failures: failures ?? [],
    warnings: warnings ?? [],
    answers,
    error: provided.error ?? error ?? null,
  });
  const task = provided.task && taskAfter(operation, provided.task, provided);
  return {
    start,
    result,
    before,
    after: task && recordOf(task, notedVifs(operation, before, task)),
    bindings: bindings ?? null,
  };
}

/** The task as it is after the operation: with the changed port or portgroup, and the VIFs that are attached now. */
function taskAfter({ method, subject }: Operation, task: Task, { outcome, error }: Provided): Task {
  if (error !== null || subject instanceof IronicError || onlyAsks(method)) return task;
  const { port_obj: port, portgroup_obj: portgroup } = subject.args;
  const changed: Task = {
    ...task,
    ports: task.ports.map((own) => (own.uuid === port?.uuid ? port : own)),
    portgroups: task.portgroups.map((own) => (own.uuid === portgroup?.uuid ? portgroup : own)),
  };
  return outcome.vifs === undefined ? withNotedVifs(changed, attachedVifs(task)) : withVifs(changed, outcome.vifs);
}

/**
 * The VIFs that vif_attach attached and that still are. Kept beside the task, since a later task need not speak of
 * them: whoever casts vif_attach does not know the port that was chosen before the result is there.
 */
function notedVifs({ subject }: Operation, before: StoredNode | null, task: Task): Vif[] {
  const noted = new Set((before?.vifs ?? []).map(({ id }) => id));
  if (!(subject instanceof IronicError) && subject.args.vif_info !== null) noted.add(subject.args.vif_info.id);
  return attachedVifs(task).filter(({ id }) => noted.has(id));
}
