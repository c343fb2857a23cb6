import { type MethodArguments, readArguments } from '../contract/arguments.js';
import { IronicError } from '../contract/errors.js';
import { isMethodName, type MethodName } from '../contract/methods.js';
import { readSubject } from '../contract/task.js';
import { maskText } from '../log/log.js';
import type { Letter } from '../messages/dead-letter-details.js';
import type { Description } from '../messages/request.js';
import type { RpcRequest } from '../rpc/index.js';
import { keptPart, recordOf } from '../state/task-record.js';

/** A letter with its request, for programs. */
export function letterToJson(letter: Letter, { request, problem }: Description): object {
  return { ...letter, problem, request: request && shownRequest(request) };
}

/**
 * A request without possible secrets: of its context only the ids, of its arguments only what the database would store.
 */
export function shownRequest({ method, version, namespace, args, context, msgId, replyQ }: RpcRequest): object {
  return {
    kind: msgId === null ? 'cast' : 'call',
    method: maskText(method),
    version,
    namespace: namespace && maskText(namespace),
    ...context,
    reply_q: replyQ,
    args: isMethodName(method) ? shownArguments(method, args) : { names: Object.keys(args) },
  };
}

function shownArguments(method: MethodName, args: Record<string, unknown>): object {
  try {
    const subject = readSubject(args);
    const moved = subject.kind === 'task' ? { task: recordOf(subject.task).task } : { node_id: subject.nodeUuid };
    return { ...moved, ...shownFurther(readArguments(method, args)) };
  } catch (error) {
    // The message quotes the wrong value, which may contain a secret.
    const problem = error instanceof IronicError ? maskText(error.message) : 'args cannot be parsed';
    return { names: Object.keys(args), problem };
  }
}

function shownFurther(args: MethodArguments): object {
  const { port_obj: port, portgroup_obj: portgroup } = args;
  const shown = { ...args, port_obj: port && keptPart(port), portgroup_obj: portgroup && keptPart(portgroup) };
  return Object.fromEntries(Object.entries(shown).filter(([, value]) => value !== null));
}
