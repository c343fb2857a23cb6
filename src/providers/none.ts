import { BASE_METHOD_NAMES, METHOD_NAMES, METHODS, type MethodName } from '../contract/methods.js';
import type { NetworkProvider, ProviderContext, ProviderOutcome } from './provider.js';
import { withoutNetworkType } from './recorded.js';

type Method = (context: ProviderContext) => Promise<ProviderOutcome>;

/**
 * The no-op provider: the node stays where it is, on the flat network that it shares with everybody.
 *
 * What is on record therefore still stands: a node that was moved from another provider to this one keeps its bindings,
 * in Neutron and on record.
 *
 * Source: the specification "Pluggable network providers": `none` maps to the no-op provider.
 */
export default function createNoneProvider(): NetworkProvider {
  return {
    changesNothing: METHOD_NAMES,
    ...(Object.fromEntries(BASE_METHOD_NAMES.map((name) => [name, leave(name)])) as Record<
      (typeof BASE_METHOD_NAMES)[number],
      Method
    >),
  };
}

function leave(method: MethodName): Method {
  return (context) => {
    const bindings = context.recorded.filter((binding) => binding.network_type === METHODS[method].networkType);
    return Promise.resolve({ bindings: bindings.map(withoutNetworkType), failures: [] });
  };
}
