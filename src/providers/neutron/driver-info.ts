import { InvalidParameterValue } from '../../contract/errors.js';
import { shown } from '../../contract/plain.js';
import type { ProviderContext } from '../provider.js';

/** What a node's driver_info may say otherwise than the configuration. */
const SWITCHES = ['fail_on_binding_failure', 'one_port_per_portgroup'] as const;

/**
 * What the node's driver_info says; null: nothing.
 *
 * @throws InvalidParameterValue when it is neither true nor false
 */
export function ownSwitch(
  name: (typeof SWITCHES)[number],
  { task: { node } }: Pick<ProviderContext, 'task'>,
): boolean | null {
  const own = node.driver_info[name] ?? null;
  if (own === null || typeof own === 'boolean') return own;
  const text = typeof own === 'string' ? own.toLowerCase() : '';
  if (text === 'true' || text === 'false') return text === 'true';
  throw new InvalidParameterValue(`driver_info.${name} of node ${node.uuid} must be true or false, not ${shown(own)}`);
}

/** @throws InvalidParameterValue when one of them is neither true nor false */
export function checkOwnSwitches(context: ProviderContext): void {
  for (const name of SWITCHES) ownSwitch(name, context);
}
