import { isIronicError, UnsupportedDriverExtension } from '../contract/errors.js';
import { onlyAsks } from '../contract/methods.js';
import type { Task } from '../contract/types.js';
import { componentLogger, type Logger } from '../log.js';
import type { ProviderContext, RecordedBinding, Righted } from '../providers/provider.js';
import { EpochLost, NodeChanged, type Known, type StoredNode } from '../state/index.js';
import type { AttemptSignal } from './attempt-signal.js';
import { Abandoned, untilDone, type AttemptOptions, type Steps, type Way } from './attempts.js';
import { recordedOf, type Chosen } from './choose.js';
import { argsOf, type Operation } from './decode.js';
import { readOutcome, readRighted } from './outcome.js';
import { failed, type Provided } from './provided.js';
import { refuseOthersVifs } from './vif-owners.js';

/**
 * Lets the node's provider do the operation, again and again while its faults are transient.
 *
 * @throws the reason of the delivery's or the tenure's signal when the operation is no longer ours, and what record.begin
 * throws
 */
export async function provide(
  operation: Operation,
  { node, earlier }: Known,
  chosen: Chosen,
  options: AttemptOptions,
  way: Way,
): Promise<Provided> {
  const { provider, task } = chosen;
  if (provider === null || task === null) return chosen;
  const { method } = operation;
  const work = provider[method]?.bind(provider);
  if (work === undefined) return { ...chosen, error: unsupported(method, chosen.networkProvider) };
  const changes = !onlyAsks(method, argsOf(operation)) && !provider.changesNothing?.includes(method);
  const noted = changes || way.note;
  const steps: Steps = { name: chosen.networkProvider, provider, noted, uncertain: changes && earlier !== null };
  try {
    const outcome = await untilDone(steps, options, way, async (signal) => {
      if (noted || method === 'vif_attach') await refuseOthersVifs(operation, task, way.record);
      return readOutcome(await work(contextOf(operation, task, node, signal, way.log)));
    });
    return { ...chosen, uncertain: changes && steps.uncertain, outcome, error: outcome.error ?? null };
  } catch (error) {
    if (isOver(error, way)) throw error;
    // Of a fault of the program it cannot be told what was changed before.
    const uncertain = changes && (steps.uncertain || !isIronicError(error));
    return { ...chosen, uncertain, ...failed(error, way.log) };
  }
}

/**
 * Has the provider look for what requests without an answer did to the node, and put it right against what the operation
 * leaves on record. Null: it could not be done now, and is to be done once more.
 *
 * @throws as provide
 */
export async function putRight(
  operation: Operation,
  { node }: Known,
  { provider, networkProvider: name }: Chosen,
  { task, standing }: { task: Task | null; standing: readonly RecordedBinding[] },
  options: AttemptOptions,
  way: Way,
): Promise<Righted | null> {
  if (provider?.putRight === undefined || task === null) return null;
  const work = provider.putRight.bind(provider);
  try {
    return await untilDone({ name, provider, noted: true, uncertain: true }, options, way, async (signal) =>
      readRighted(await work(contextOf(operation, task, node, signal, way.log), standing)),
    );
  } catch (error) {
    if (isOver(error, way)) throw error;
    way.log().warn('it could not be looked for what late requests did; it will be tried again', {
      error: error instanceof Error ? error.message : String(error),
    });
    return null;
  }
}

/** Whether the operation is not ours any more, or is to be begun anew. */
export function isOver(error: unknown, { delivery, tenure }: Pick<Way, 'delivery' | 'tenure'>): boolean {
  if (error instanceof Abandoned || error instanceof EpochLost || error instanceof NodeChanged) return true;
  return delivery.abandoned || tenure.over.aborted;
}

function unsupported(method: string, provider: string): UnsupportedDriverExtension {
  return new UnsupportedDriverExtension(`network provider ${provider} does not support ${method}`);
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
      return componentLogger(log(), 'providers');
    },
  };
}
