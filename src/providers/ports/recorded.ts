import { NetworkError } from '../../contract/errors.js';
import type { NetworkType } from '../../contract/methods.js';
import type { PortBinding, RecordedBinding } from '../../contract/types.js';
import type { ProviderContext } from '../provider.js';

/** The binding without its network type, as an outcome contains it. */
export function withoutNetworkType(recorded: RecordedBinding): PortBinding {
  const binding: PortBinding & { network_type?: NetworkType } = { ...recorded };
  delete binding.network_type;
  return binding;
}

export function recordedOn(type: NetworkType, context: ProviderContext): RecordedBinding[] {
  return context.recorded.filter((binding) => binding.network_type === type);
}

/**
 * Neutron ports that are on record under other network types. Two types may use the same network and share a port; the
 * port is removed with the last of them.
 */
export function recordedElsewhere(type: NetworkType, context: ProviderContext): Set<string> {
  const others = context.recorded.filter((binding) => binding.network_type !== type);
  return new Set(others.map((binding) => binding.neutron_port_id));
}

/**
 * Refuses an operation while the node has bindings of the given types, which must not exist beside the new ones: a node
 * is never on a management network and on a tenant network at the same time.
 *
 * @throws NetworkError that names these bindings
 */
export function refuseBeside(types: readonly NetworkType[], context: ProviderContext): void {
  const inTheWay = context.recorded.filter((binding) => types.includes(binding.network_type));
  if (inTheWay.length === 0) return;
  const ports = inTheWay
    .map((binding) => `Neutron port ${binding.neutron_port_id} (${binding.network_type})`)
    .join(', ');
  const remedy = types.includes('tenant')
    ? 'unconfigure its tenant networks first'
    : `remove its ${[...new Set(inTheWay.map((binding) => binding.network_type))].join(' and ')} network first`;
  throw new NetworkError(`node ${context.task.node.uuid} is still bound to ${ports}: ${remedy}`);
}
