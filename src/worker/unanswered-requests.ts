import { onlyAsks } from '../contract/methods.js';
import { argsOf } from '../messages/request.js';
import { withoutNetworkType } from '../providers/ports/recorded.js';
import type { NetworkProvider, RecordedBinding, RepairedNode } from '../providers/provider.js';
import type { StoredNode } from '../state/index.js';
import type { End } from './end.js';
import type { OperationContext } from './operation-context.js';
import { type ProviderChoice, type ProviderResult, recordedOf } from './provider-choice.js';

/**
 * A request whose answer was not seen, since its worker died, was cut off, or gave up waiting, may take effect in Neutron
 * later, when what it was for is long undone. A node for which one may be out is looked at before each operation ends,
 * and once more when none can come any more.
 */
export function needsRepair(
  { operation, known }: OperationContext,
  { provider }: ProviderChoice,
  { uncertain }: ProviderResult,
): boolean {
  if (provider?.repair === undefined || onlyAsks(operation.method, argsOf(operation))) return false;
  if (operation.method === 'reconcile') return false;
  return uncertain || known.node?.late != null;
}

/** Every binding that stands after an operation, of all types of network. */
export function bindingsAfter({ start, bindings, standing }: End, before: StoredNode | null): RecordedBinding[] {
  if (standing !== undefined) return [...standing];
  const { networkType } = start;
  const recorded = recordedOf(before);
  if (bindings === null || networkType === null) return recorded;
  return [
    ...recorded.filter((binding) => binding.network_type !== networkType),
    ...bindings.map((binding) => ({ ...binding, network_type: networkType })),
  ];
}

/** The end of an operation with what was put right after it, which its result warns of. */
export function withRepaired(end: End, { bindings, findings }: RepairedNode): End {
  if (findings.length === 0) return end;
  const own = bindings.filter((binding) => binding.network_type === end.start.networkType).map(withoutNetworkType);
  const late = findings.map(({ port_uuid, portgroup_uuid, reason, repaired }) => ({
    port_uuid,
    portgroup_uuid,
    reason: `found at the end${repaired ? ', and repaired' : ''}: ${reason}`,
  }));
  const warnings = [...end.result.warnings, ...late];
  return { ...end, bindings: null, standing: bindings, result: { ...end.result, bindings: own, warnings } };
}

/** So many seconds, where the provider can look for what such requests did; else 0: nobody would ever look. */
export function lateWindowOf(provider: NetworkProvider | null, seconds: number): number {
  return provider?.repair === undefined ? 0 : seconds;
}

/** What is put on record of it: for how many seconds such requests may come, and whether none can any more. */
export function lateMarkOf(
  { operation, known }: OperationContext,
  { provider }: ProviderChoice,
  { uncertain, error }: ProviderResult,
  repaired: RepairedNode | null,
  seconds: number,
): { late: number; settled: boolean } {
  // With fix, it is such a look itself.
  const looked = repaired !== null || (operation.method === 'reconcile' && argsOf(operation).fix && error === null);
  // A node that was moved to such a provider meanwhile would be asked about for ever.
  const nobodyLooks = provider !== null && provider.repair === undefined;
  return {
    late: uncertain ? lateWindowOf(provider, seconds) : 0,
    settled: known.node?.late === 'over' && (nobodyLooks || (!uncertain && looked)),
  };
}
