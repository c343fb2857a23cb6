import type { PortBinding } from '../../../contract/types.js';
import { isTransient, type NeutronOperation, type Remainder } from './operation.js';
import { keepingPlugged } from './switch-ports.js';

/**
 * Deletes Neutron ports in parallel; a port that is already gone is no error. Ports that remain on the same switch
 * ports are bound again.
 *
 * @returns the ports that Neutron refuses to delete
 * @throws the first error that a retry may clear, after every deletion was tried
 */
export async function deletePorts(bindings: readonly PortBinding[], operation: NeutronOperation): Promise<Remainder[]> {
  const { client, context, request, limits } = operation;
  const results = await keepingPlugged(bindings, operation, () =>
    Promise.allSettled(
      bindings.map(async (binding) => {
        await limits.run(binding.profile, () => client.deletePort(binding.neutron_port_id, request));
        context.log.info('Neutron port deleted', { port: binding.neutron_port_id });
      }),
    ),
  );
  return remainders(bindings, results, operation);
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
