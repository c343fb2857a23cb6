import type { ProviderContext } from '../provider.js';
import type { ProviderServices } from '../services.js';
import { SwitchLimits } from './limits.js';
import { Networks } from './networks.js';
import { asContractError, type Operation, type Shared } from './operation.js';
import { Remembered } from './remembered.js';
import { failOnBinding } from './settle.js';

type Method<Outcome> = (context: ProviderContext) => Promise<Outcome>;

/**
 * What makes the methods of a provider from their steps: each call is one operation, what it needs of Neutron is shared,
 * and every error is one of the contract.
 */
export function methodsOf(
  { neutron, options }: ProviderServices,
  { wired }: Pick<Shared, 'wired'>,
): <Outcome>(steps: (operation: Operation) => Promise<Outcome>) => Method<Outcome> {
  const shared: Shared = {
    client: neutron,
    options,
    networks: new Networks(neutron, options),
    limits: new SwitchLimits(options.neutron.max_changes_per_switch),
    securityGroups: new Remembered(),
    addressModes: new Remembered(),
    wired,
  };
  return (steps) => async (context) => {
    // Looked at before anything is changed: a node that says it wrongly is refused, not half moved.
    failOnBinding(context);
    const request = { signal: context.signal, requestId: context.requestId };
    try {
      return await steps({ ...shared, context, request });
    } catch (error) {
      context.signal.throwIfAborted();
      throw asContractError(error);
    }
  };
}
