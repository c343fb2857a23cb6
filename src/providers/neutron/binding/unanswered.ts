import type { NeutronPort, PortAttributes } from '../../../neutron/resources.js';
import { OpenStackError } from '../../../openstack/errors.js';
import type { NeutronOperation } from './operation.js';
import { updatesTo } from './update.js';

/** A wait for a port to be bound. */
export interface Waiting {
  /** Why Neutron's answer to the request that binds the port is missing; null if it is not. */
  unanswered: Error | null;
}

/** Whether Neutron did not answer in time. */
export function isTimeout(error: unknown): error is OpenStackError {
  return error instanceof OpenStackError && error.fault === 'timeout';
}

/**
 * The port that Neutron is binding, although it has not answered the request in time (`neutron.change_timeout`): if it
 * shows everything that was asked for, its mechanism driver is at work, and the wait for the binding goes on. A repeated
 * request, or the removal of the port, would disturb the driver, which then never ends if its switch is slow.
 *
 * That the port becomes ACTIVE means this binding: in the transaction that changes a binding, Neutron sets the status to
 * DOWN. If the port does not become ACTIVE, `unanswered` has the error.
 *
 * Source: Neutron, plugins/ml2/plugin.py, _process_port_binding.
 *
 * @param error what the request threw
 * @param wanted the attributes that the request should have given to the port
 * @param look lists the port
 * @throws the error, if it is no timeout, or if the port does not show what was asked for
 */
export async function portBeingBound(
  error: unknown,
  waiting: Waiting,
  wanted: PortAttributes,
  look: () => Promise<readonly NeutronPort[]>,
  { context, wired }: Pick<NeutronOperation, 'context' | 'wired'>,
): Promise<NeutronPort> {
  if (!isTimeout(error) || !wired) throw error;
  context.signal.throwIfAborted();
  let found: readonly NeutronPort[];
  try {
    found = await look();
  } catch {
    context.signal.throwIfAborted();
    throw error;
  }
  const [port] = found.filter((candidate) => updatesTo(candidate, wanted, false).length === 0);
  if (port === undefined) throw error;
  waiting.unanswered = error;
  context.log.warn('Neutron has not answered yet, but is binding the port; waiting for it', { port: port.id });
  return port;
}
