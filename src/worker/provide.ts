import { type MethodArguments, NO_ARGUMENTS } from '../contract/arguments.js';
import {
  InvalidParameterValue,
  IronicError,
  isIronicError,
  isTransientError,
  NetworkError,
  NodeNotFound,
  UnsupportedDriverExtension,
} from '../contract/errors.js';
import { onlyAsks } from '../contract/methods.js';
import type { Task } from '../contract/types.js';
import { withNotedVifs } from '../contract/vifs.js';
import type { Logger } from '../log.js';
import type { NetworkProvider, ProviderContext, ProviderOutcome, RecordedBinding } from '../providers/provider.js';
import type { Delivery } from '../rpc/index.js';
import type { Known, StoredNode } from '../state/index.js';
import { AttemptSignal } from './attempt-signal.js';
import type { Operation } from './decode.js';
import { assertOutcome } from './outcome.js';
import { persist } from './persist.js';
import type { Progress } from './progress.js';
import { LeaseLapsed, type Tenure } from './tenure.js';
import type { Turns } from './turns.js';

export interface RetryOptions {
  /** Most repeats after the first attempt. */
  maxAttempts: number;
  /** Milliseconds before the first repeat; doubles, with jitter. */
  initialDelay: number;
  /** Most milliseconds between two attempts. */
  maxDelay: number;
  /** Milliseconds after the first attempt at which no further one is begun. */
  deadline: number;
}

/** Where providers come from. */
export interface Providers {
  get(name: string): Promise<NetworkProvider>;
  /** Why providers in use can do nothing now, each reason once. */
  away(): string[];
}

export interface Provided {
  /** Name of the provider; empty when it could not be told. */
  networkProvider: string;
  /** The task that was worked on; null when there was none. */
  task: Task | null;
  /** What the provider says; without bindings, nothing was changed. */
  outcome: Partial<ProviderOutcome>;
  error: IronicError | null;
  /** Whether somebody should look at the message: retries ran out, or this program is at fault. */
  deadLetter: { reason: string; detail: string } | null;
  /** Whether requests are out whose answers nobody saw: they may still take effect. */
  uncertain: boolean;
  /** Whether the provider looked for what such requests of earlier operations did, and put it right. */
  lookedFor: boolean;
}

/** What is said of an operation that no provider was given. */
export const NOT_PROVIDED: Provided = {
  networkProvider: '',
  task: null,
  outcome: {},
  error: null,
  deadLetter: null,
  uncertain: false,
  lookedFor: false,
};

/** What goes with an operation on its way through its provider. */
export interface Way {
  delivery: Delivery;
  tenure: Tenure;
  log: () => Logger;
  record: Progress;
  /** Whether it is to be done while nothing else runs. */
  alone: boolean;
  /** Whether it is noted as begun even if it changes nothing outside. */
  note: boolean;
}

export interface ProvideOptions {
  providers: Providers;
  defaultNetworkProvider: string;
  retry: RetryOptions;
  /** Lets only so many operations be with their provider at once. */
  turns: Turns;
}

/**
 * Lets the node's provider do the operation, again and again while its faults are transient.
 *
 * @throws the reason of the delivery's or the tenure's signal when the operation is no longer ours, and what record.begin
 * throws
 */
export async function provide(
  operation: Operation,
  { node, earlier }: Known,
  options: ProvideOptions,
  way: Way,
): Promise<Provided> {
  const { tenure, log, record } = way;
  const { provider, ...chosen } = await choose(operation, node, options, log);
  const { task } = chosen;
  if (provider === null || task === null) return chosen;
  const { method } = operation;
  const work = provider[method]?.bind(provider);
  if (work === undefined) return { ...chosen, error: unsupported(method, chosen.networkProvider) };
  const changes = !onlyAsks(method, argsOf(operation)) && !provider.changesNothing?.includes(method);
  const provided = { ...chosen, uncertain: changes && earlier !== null };
  const attempt = () =>
    inTurn(options.turns, way, async (signal) => {
      // Now, and not before it was its turn: if the worker dies, only what it had begun is suspected.
      if (changes || way.note) await record.begin();
      return work(contextOf(operation, task, node, signal, log));
    });
  const onFault = (fault: Error): void => {
    provided.uncertain = changes;
    log().warn('transient fault, trying again', { error: fault.message });
    record.fault(fault.message);
  };
  for (;;) {
    const away = provider.dependency?.away ?? null;
    if (away !== null && changes) await record.waits(`held: ${away}`);
    await provider.dependency?.back(() => way.delivery.signal);
    await tenure.untilHolds();
    try {
      const outcome = await tryAgainAndAgain(attempt, provider, options.retry, way, onFault);
      assertOutcome(outcome);
      return { ...provided, outcome, error: outcome.error ?? null };
    } catch (error) {
      if (way.delivery.abandoned) throw way.delivery.signal.reason;
      const held = heldBy(error, provider);
      if (held === null) return { ...provided, ...failed(error, log) };
      provided.uncertain = changes;
      log().warn('held', { reason: held });
      record.fault(`held: ${held}`);
    }
  }
}

/** Does the work when it is its turn. Its signal is aborted when the operation, or the queue, is no longer ours. */
async function inTurn<T>(turns: Turns, way: Way, work: (signal: AttemptSignal) => Promise<T>): Promise<T> {
  const signal = new AttemptSignal(way.delivery, way.tenure);
  try {
    return await turns[way.alone ? 'alone' : 'run'](() => work(signal));
  } finally {
    signal.dispose();
  }
}

function tryAgainAndAgain(
  attempt: () => Promise<Partial<ProviderOutcome>>,
  provider: NetworkProvider,
  retry: RetryOptions,
  { delivery }: Way,
  onFault: (fault: Error) => void,
): Promise<Partial<ProviderOutcome>> {
  return persist(attempt, {
    ...retry,
    deadline: Date.now() + retry.deadline,
    isTransient: (fault) => isTransientError(fault) && !isAway(provider),
    signal: () => delivery.signal,
    onFault,
  });
}

/** What fails nobody: the operation is held while it lasts, and then begun anew. Null: it is another error. */
function heldBy(error: unknown, provider: NetworkProvider): string | null {
  if (error instanceof LeaseLapsed) return error.message;
  return isTransientError(error) ? (provider.dependency?.away ?? null) : null;
}

function isAway({ dependency }: NetworkProvider): boolean {
  return typeof dependency?.away === 'string';
}

function unsupported(method: string, provider: string): UnsupportedDriverExtension {
  return new UnsupportedDriverExtension(`network provider ${provider} does not support ${method}`);
}

/** Who is to do the operation, and on which task; no provider when that cannot be told, with the error that says why. */
async function choose(
  operation: Operation,
  stored: StoredNode | null,
  options: ProvideOptions,
  log: () => Logger,
): Promise<Provided & { provider: NetworkProvider | null }> {
  let networkProvider = '';
  try {
    const task = taskOf(operation, stored);
    networkProvider = selectProvider(task, stored, options.defaultNetworkProvider);
    return { ...NOT_PROVIDED, networkProvider, task, provider: await options.providers.get(networkProvider) };
  } catch (error) {
    return { ...NOT_PROVIDED, networkProvider, provider: null, ...failed(error, log) };
  }
}

function contextOf(
  operation: Operation,
  task: Task,
  stored: StoredNode | null,
  attempt: AttemptSignal,
  log: () => Logger,
): ProviderContext {
  return {
    task,
    args: argsOf(operation),
    recorded: recordedOf(stored),
    requestId: operation.request.context.request_id,
    // Made when asked for: provider none does not.
    get signal() {
      return attempt.signal;
    },
    get log() {
      return log();
    },
  };
}

function argsOf({ subject }: Operation): MethodArguments {
  return subject instanceof IronicError ? NO_ARGUMENTS : subject.args;
}

/** The bindings on record, as providers see them. */
export function recordedOf(stored: StoredNode | null): RecordedBinding[] {
  return (stored?.bindings ?? []).map((binding) => {
    const recorded: RecordedBinding & { network_provider?: string } = { ...binding };
    delete recorded.network_provider;
    return recorded;
  });
}

/** The task in the request, with what is on record where it does not say; or the stored task. */
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
  throw new NodeNotFound(`node ${subject.nodeUuid} is not known here: send a task with the node and its ports first`);
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

function failed(error: unknown, log: () => Logger): Pick<Provided, 'error' | 'deadLetter'> {
  if (isIronicError(error)) return { error, deadLetter: null };
  if (isTransientError(error)) {
    const detail = `gave up after repeated transient faults; the last one: ${error.message}`;
    return {
      error: new NetworkError(detail, { cause: error }),
      deadLetter: { reason: 'retries_exhausted', detail },
    };
  }
  // A fault of this program or of a plug-in. What it says may hold anything, so it goes to the log alone.
  log().error('unexpected error in a network provider', { error });
  const detail = 'internal error in the network provider; the worker log has the details under this operation id';
  return {
    error: new NetworkError(detail, { cause: error as Error }),
    deadLetter: { reason: 'internal_error', detail },
  };
}
