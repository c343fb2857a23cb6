import { IronicError, NetworkError } from '../../contract/errors.js';
import type { BindingFailure } from '../../contract/types.js';
import type { Remainder } from './delete.js';
import { type Attempt, isTransient, type Operation } from './operation.js';
import { waitForBindings } from './wait.js';

/** Waits for the ports of the attempts that went well so far, and notes on each what became of it. */
export async function awaitBindings(attempts: readonly Attempt[], operation: Operation): Promise<void> {
  const open = attempts.filter((own) => own.error === null);
  const ports = open.map((own) => own.port).filter((port) => port !== null);
  try {
    const waited = await waitForBindings(ports, operation.client, operation.options, operation.request);
    for (const { port, failure } of waited) {
      for (const own of open.filter((candidate) => candidate.port?.id === port.id)) {
        own.port = port;
        if (failure !== null) own.error = new NetworkError(failure);
      }
    }
  } catch (error) {
    for (const own of open) own.error = error instanceof Error ? error : new Error(String(error));
  }
}

/** The fault of an attempt that a retry may clear: then nothing is decided yet. */
export function transientError(attempts: readonly Attempt[]): Error | null {
  return attempts.find((own) => isTransient(own.error))?.error ?? null;
}

/**
 * Throws the fault, after undoing what can be undone. When Neutron is away that may be nothing: what stays behind is
 * found and adopted by the next try.
 */
export async function giveUp(fault: Error, undo: () => Promise<unknown>, { context }: Operation): Promise<never> {
  try {
    await undo();
  } catch (error) {
    context.signal.throwIfAborted();
    context.log.warn('roll-back not finished', { reason: error instanceof Error ? error.message : String(error) });
  }
  throw fault;
}

/** Which attempts failed, and which ports stand that should not. */
export function failuresOf(attempts: readonly Attempt[], left: readonly Remainder[]): BindingFailure[] {
  const failed = attempts.flatMap(({ portLike, error }) =>
    error === null ? [] : [{ ...portLike.ref, reason: error.message }],
  );
  return [...failed, ...left.map(failureOf)];
}

export function failureOf({ binding, reason }: Remainder): BindingFailure {
  return {
    port_uuid: binding.port_uuid,
    portgroup_uuid: binding.portgroup_uuid,
    reason: `Neutron port ${binding.neutron_port_id} stands: ${reason}`,
  };
}

/**
 * The error of an operation that failed as a whole. What is the configuration's fault, the same for every port, is the
 * error itself; else it is a NetworkError with every reason.
 */
export function operationError(
  what: string,
  failures: readonly BindingFailure[],
  attempts: readonly Attempt[] = [],
): IronicError {
  const ofConfiguration = attempts.find(
    ({ error }) => error instanceof IronicError && !(error instanceof NetworkError),
  )?.error;
  if (ofConfiguration instanceof IronicError) return ofConfiguration;
  const reasons = failures.map(({ port_uuid, portgroup_uuid, reason }) => {
    const uuid = port_uuid ?? portgroup_uuid;
    if (uuid === null || reason.includes(uuid)) return reason;
    return `${port_uuid === null ? 'portgroup' : 'port'} ${uuid}: ${reason}`;
  });
  return new NetworkError(`${what}: ${reasons.join('; ')}`);
}
