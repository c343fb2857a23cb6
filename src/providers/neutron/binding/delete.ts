import type { PortBinding } from '../../../contract/types.js';
import { isTransient, type NeutronOperation, type Remainder } from './operation.js';
import { keepingPlugged } from './switch-ports.js';

/** The result of deleting ports. */
export interface Deleted {
  /** The ports that Neutron refuses to delete. */
  readonly left: Remainder[];
  /** False if Neutron no longer had one of the ports. */
  readonly allFound: boolean;
}

/**
 * Deletes Neutron ports in parallel; a port that is already gone is no error. Ports that remain on the same switch
 * ports are bound again.
 *
 * @throws the first error that a retry may clear, after every deletion was tried
 */
export async function deletePorts(bindings: readonly PortBinding[], operation: NeutronOperation): Promise<Deleted> {
  const { client, context, request, limits } = operation;
  const results = await keepingPlugged(bindings, operation, () =>
    Promise.allSettled(
      bindings.map(async (binding) => {
        const found = await limits.run(binding.profile, () => client.deletePort(binding.neutron_port_id, request));
        context.log.info('Neutron port deleted', { port: binding.neutron_port_id });
        return found;
      }),
    ),
  );
  const left = remainders(bindings, results, operation);
  return { left, allFound: !results.some((result) => result.status === 'fulfilled' && !result.value) };
}

/**
 * The failed changes among several that ran in parallel.
 *
 * @throws the first error that a retry may clear
 */
export function remainders(
  bindings: readonly PortBinding[],
  results: readonly PromiseSettledResult<unknown>[],
  { context }: NeutronOperation,
): Remainder[] {
  context.signal.throwIfAborted();
  const errors = results.map((result) => (result.status === 'rejected' ? (result.reason as Error) : null));
  const transient = errors.find(isTransient);
  if (transient) throw transient;
  return bindings.flatMap((binding, index) => {
    const error = errors[index];
    return error ? [{ binding, reason: error.message }] : [];
  });
}
