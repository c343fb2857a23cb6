import {
  InvalidParameterValue,
  IronicError,
  isIronicError,
  isTransientError,
  NetworkError,
  NodeNotFound,
} from '../contract/errors.js';
import type { RecordedBinding, Task } from '../contract/types.js';
import { withNotedVifs } from '../contract/vifs.js';
import type { Logger } from '../log/log.js';
import type { DeadLetterReason } from '../messages/dead-letter-reasons.js';
import type { Operation } from '../messages/request.js';
import type { NetworkProvider, ProviderOutcome } from '../providers/provider.js';
import type { StoredNode } from '../state/index.js';
import type { OperationContext } from './operation-context.js';

/** Gives access to the network providers. */
export interface Providers {
  get(name: string): Promise<NetworkProvider>;
  /** The reasons why providers in use can do nothing now, each reason once. */
  away(): string[];
}

export interface ProviderChoiceOptions {
  providers: Providers;
  /** Provider of nodes for which neither the task nor the record names one. */
  defaultNetworkProvider: string;
}

/** The provider that is to do an operation. */
export interface ProviderChoice extends ProviderResult {
  /** Null when it could not be chosen; the error says why. */
  provider: NetworkProvider | null;
}

/** Chooses the provider and the task of an operation. If that fails, there is no provider, and the error says why. */
export async function chooseProvider(
  { operation, known, log }: Pick<OperationContext, 'operation' | 'known' | 'log'>,
  options: ProviderChoiceOptions,
): Promise<ProviderChoice> {
  const stored = known.node;
  let networkProvider = '';
  try {
    const task = taskOf(operation, stored);
    networkProvider = selectProvider(task, stored, options.defaultNetworkProvider);
    return { ...NO_PROVIDER_RESULT, networkProvider, task, provider: await options.providers.get(networkProvider) };
  } catch (error) {
    return { ...NO_PROVIDER_RESULT, networkProvider, provider: null, ...failureResult(error, log) };
  }
}

/** The recorded bindings in the form that providers get. */
export function recordedOf(stored: StoredNode | null): RecordedBinding[] {
  return (stored?.bindings ?? []).map((binding) => {
    const recorded: RecordedBinding & { network_provider?: string } = { ...binding };
    delete recorded.network_provider;
    return recorded;
  });
}

/** The task of the request, completed from the record, or else the stored task. @throws NodeNotFound, or the subject */
function taskOf(operation: Operation, stored: StoredNode | null): Task {
  const { subject } = operation;
  if (subject instanceof IronicError) throw subject;
  if (subject.kind === 'task') {
    const { task } = subject;
    const networkProvider = task.node.network_provider ?? stored?.networkProvider ?? null;
    const node = { ...task.node, network_provider: networkProvider };
    return withNotedVifs({ ...task, node }, stored?.vifs ?? []);
  }
  if (stored?.task) return stored.task;
  throw new NodeNotFound(`node ${subject.nodeUuid} is unknown: send a task with the node and its ports first`);
}

function selectProvider(task: Task, stored: StoredNode | null, fallback: string): string {
  const name = task.node.network_provider ?? fallback;
  const other = stored?.bindings.find((binding) => binding.network_provider !== name);
  if (other) {
    throw new InvalidParameterValue(
      `node ${task.node.uuid} has Neutron port ${other.neutron_port_id} on its ${other.network_type} network, made by ` +
        `network provider ${other.network_provider}; remove it with that provider before changing to ${name}`,
    );
  }
  return name;
}

/** The result of giving an operation to its provider. */
export interface ProviderResult {
  /** Name of the provider; empty when it could not be chosen. */
  networkProvider: string;
  /** The task that the provider got; null when there was none. */
  task: Task | null;
  /** The provider's answer. Without bindings: the provider changed none. */
  outcome: Partial<ProviderOutcome>;
  error: IronicError | null;
  /** Set when somebody should look at the message: retries ran out, this program is at fault, or it crashes workers. */
  deadLetter: { reason: DeadLetterReason; detail: string } | null;
  /** Whether there may be unanswered requests, which may still take effect. */
  uncertain: boolean;
}

/** The result of an operation that was given to no provider. */
export const NO_PROVIDER_RESULT: ProviderResult = {
  networkProvider: '',
  task: null,
  outcome: {},
  error: null,
  deadLetter: null,
  uncertain: false,
};

/** The result of an operation whose provider, or the choice of it, threw an error. */
export function failureResult(error: unknown, log: () => Logger): Pick<ProviderResult, 'error' | 'deadLetter'> {
  if (isIronicError(error)) return { error, deadLetter: null };
  if (isTransientError(error)) {
    const detail = `gave up after repeated transient faults; the last one: ${error.message}`;
    return {
      error: new NetworkError(detail, { cause: error }),
      deadLetter: { reason: 'retries_exhausted', detail },
    };
  }
  // A fault of this program or of a plug-in. Its message may contain anything, so it goes only to the log.
  log().error('unexpected error in a network provider', { error });
  const detail = 'internal error in the network provider; the worker log has the details under this operation id';
  return {
    error: new NetworkError(detail, { cause: error as Error }),
    deadLetter: { reason: 'internal_error', detail },
  };
}
