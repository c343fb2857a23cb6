import { errorText, toError } from '../../../async/error-text.js';
import { IronicError, NetworkError } from '../../../contract/errors.js';
import type { BindingFailure } from '../../../contract/types.js';
import type { PortLike } from '../../ports/port-like.js';
import { type Attempt, isTransient, type NeutronOperation, ownSwitch, type Remainder } from './operation.js';
import { sharedSwitchPorts } from './update.js';
import { verdict, waitForBindings } from './wait.js';

/** Waits for the ports of the attempts that have not failed, and stores the result in each attempt. */
export async function awaitBindings(attempts: readonly Attempt[], operation: NeutronOperation): Promise<void> {
  const { wired } = operation;
  const open = attempts.filter((own) => own.error === null && own.port !== null);
  const awaited = open.filter((own) => wired || mustBind(own.portLike, operation));
  // Under flat no switch is configured, so a port may never become ACTIVE: the state in Neutron's answer is final.
  for (const own of open.filter((other) => !awaited.includes(other))) {
    const state = own.port === null ? null : verdict(own.port);
    if (state?.done === true) own.warning = state.failure;
  }
  const ports = awaited.flatMap((own) => own.port ?? []);
  const made = new Set(awaited.flatMap((own) => (own.made ? (own.port?.id ?? []) : [])));
  try {
    for (const { port, failure, gone } of await waitForBindings(ports, operation, made)) {
      for (const own of awaited.filter((candidate) => candidate.port?.id === port.id)) {
        own.port = port;
        if (failure === null) continue;
        if (gone || mustBind(own.portLike, operation)) own.error = faultOf(failure, own);
        else own.warning = failure;
      }
    }
  } catch (error) {
    for (const own of awaited) own.error = toError(error);
  }
}

/** The fault of a port that was not bound. If Neutron never answered, nobody knows why, and a retry may help. */
function faultOf(failure: string, { port, unanswered }: Attempt): Error {
  const decided = port !== null && verdict(port).done;
  return unanswered === null || decided ? new NetworkError(failure) : unanswered;
}

/** Whether a port fails when Neutron cannot bind it. */
function mustBind(portLike: PortLike, { context, options, wired }: NeutronOperation): boolean {
  const byDefault = portLike.smartNicHost !== null || (wired && options.neutron.fail_on_port_binding_failure);
  return ownSwitch('fail_on_binding_failure', context) ?? byDefault;
}

/** The problems of ports that did not fail. */
export function warningsOf(attempts: readonly Attempt[], { wired }: Pick<NeutronOperation, 'wired'>): BindingFailure[] {
  const bound = attempts.filter(({ error }) => error === null);
  return [
    ...bound.flatMap(({ portLike, warning }) => (warning === null ? [] : [{ ...portLike.ref, reason: warning }])),
    ...(wired ? sharedSwitchPorts(bound.map(({ portLike }) => portLike)) : []),
  ];
}

/** The fault of an attempt that a retry may clear; null if there is none. With such a fault, nothing is decided yet. */
export function transientError(attempts: readonly Attempt[]): Error | null {
  return attempts.find((own) => isTransient(own.error))?.error ?? null;
}

/**
 * Undoes what can be undone, then throws the fault. If Neutron is away, perhaps nothing can be undone: the next attempt
 * then finds and adopts what was left behind.
 */
export async function giveUp(
  fault: Error,
  undo: () => Promise<unknown>,
  { context }: NeutronOperation,
): Promise<never> {
  try {
    await undo();
  } catch (error) {
    context.signal.throwIfAborted();
    context.log.warn('could not roll back a failed operation', { reason: errorText(error) });
  }
  throw fault;
}

/** The attempts that failed, and the ports that should be gone but still exist. */
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
    reason: `Neutron port ${binding.neutron_port_id} is still bound: ${reason}`,
  };
}

/**
 * The error of an operation that failed as a whole. A configuration error, which is the same for every port, is
 * returned as it is; otherwise the result is a NetworkError with all reasons.
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
