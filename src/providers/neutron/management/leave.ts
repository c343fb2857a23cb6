import { IronicError } from '../../../contract/errors.js';
import type { NetworkType } from '../../../contract/methods.js';
import type { PortBinding, RecordedBinding } from '../../../contract/types.js';
import { recordedOn, withoutNetworkType } from '../../ports/recorded.js';
import type { ProviderContext, ProviderOutcome } from '../../provider.js';
import { deletePorts } from '../binding/delete.js';
import { asContractError, type NeutronOperation, withRecorded } from '../binding/operation.js';
import { failureOf, operationError } from '../binding/outcome.js';
import type { ManagementTarget } from './port.js';

type Add = (operation: NeutronOperation) => Promise<ProviderOutcome>;

/**
 * Takes the node off its other management networks before it is added to this one. Ironic removes a node from a network
 * before it adds the next one, so a binding on another one is left from an operation that was broken off: an inspection
 * that was aborted, or a conductor that died. Types that share the network share its ports, and keep them.
 *
 * @param add adds the network. It gets the operation with the record as it is by then
 */
export async function leavingOthers(
  { type, network }: Pick<ManagementTarget, 'type' | 'network'>,
  operation: NeutronOperation,
  add: Add,
): Promise<ProviderOutcome> {
  const { context, wired } = operation;
  // Under flat, the node is on its one network all the time.
  const others = wired ? onOtherNetworks(type, network.id, context) : [];
  if (others.length === 0) return add(operation);
  const types = [...new Set(others.map((binding) => binding.network_type))];
  context.log.warn('the node is still on another management network, and leaves it first', { types, for: type });
  const { left } = await deletePorts(eachPortOnce(others), operation);
  const stuck = new Set(left.map(({ binding }) => binding.neutron_port_id));
  const recorded = context.recorded.filter((one) => !others.includes(one) || stuck.has(one.neutron_port_id));
  const after = withRecorded(recorded, operation);
  if (left.length === 0) return withOthers(type, recorded, await kept(type, after, add));
  const failures = left.map(failureOf);
  const what = `node ${context.task.node.uuid} cannot leave the ${types.join(' and ')} network`;
  return withOthers(type, recorded, { ...asBefore(type, context), failures, error: operationError(what, failures) });
}

/** The recorded bindings of other management types, except those on the same network. */
function onOtherNetworks(type: NetworkType, network: string, { recorded }: ProviderContext): RecordedBinding[] {
  return recorded.filter((one) => ![type, 'tenant'].includes(one.network_type) && one.network_id !== network);
}

/** Two types may share a port. */
function eachPortOnce(bindings: readonly RecordedBinding[]): PortBinding[] {
  return [...new Map(bindings.map((binding) => [binding.neutron_port_id, withoutNetworkType(binding)])).values()];
}

/** An error becomes part of the outcome: thrown, it would say that the node is still on the networks that it has left. */
async function kept(type: NetworkType, operation: NeutronOperation, add: Add): Promise<ProviderOutcome> {
  try {
    return await add(operation);
  } catch (thrown) {
    const error = asContractError(thrown);
    if (!(error instanceof IronicError)) throw error;
    return { ...asBefore(type, operation.context), error };
  }
}

function asBefore(type: NetworkType, context: ProviderContext): ProviderOutcome {
  return { bindings: recordedOn(type, context).map(withoutNetworkType), failures: [] };
}

/** The outcome with the bindings of all types, for the record. */
function withOthers(
  network_type: NetworkType,
  recorded: readonly RecordedBinding[],
  outcome: ProviderOutcome,
): ProviderOutcome {
  const own = outcome.bindings.map((binding) => ({ ...binding, network_type }));
  return { ...outcome, standing: [...recorded.filter((one) => one.network_type !== network_type), ...own] };
}
