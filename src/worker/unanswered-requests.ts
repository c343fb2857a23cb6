import { onlyAsks } from '../contract/methods.js';
import type { RecordedBinding } from '../contract/types.js';
import { argsOf } from '../messages/request.js';
import { withoutNetworkType } from '../providers/ports/recorded.js';
import type { NetworkProvider, RepairedNode } from '../providers/provider.js';
import type { StoredNode } from '../state/index.js';
import type { End } from './end.js';
import type { OperationContext } from './operation-context.js';
import { type ProviderChoice, type ProviderResult, recordedOf } from './provider-choice.js';

/**
 * Whether the provider must repair the node before the operation ends.
 *
 * An unanswered request is one whose answer was not seen: its worker died, was cut off, or gave up waiting. It may take
 * effect in Neutron later, when the move that it was sent for is long undone. So a node that may have unanswered
 * requests is repaired before each of its operations ends, and once more when none of them can take effect any more.
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

/** Whether the record is all that was left for the node before the first attempt: see ProviderContext.fresh. */
export function isFresh({
  operation,
  delivery,
  known,
}: Pick<OperationContext, 'operation' | 'delivery' | 'known'>): boolean {
  const again = delivery.redelivered || known.earlier !== null || operation.start.replay != null;
  return !again && known.node?.late === null;
}

/** All bindings of the node that are valid after an operation, of all network types. */
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

/**
 * Adds to the end of an operation what was repaired after it: the bindings, a warning for each finding, and the warnings
 * of the repair.
 */
export function withRepaired(end: End, { bindings, findings, warnings: further = [] }: RepairedNode): End {
  if (findings.length === 0) return end;
  const own = bindings.filter((binding) => binding.network_type === end.start.networkType).map(withoutNetworkType);
  const late = findings.map(({ port_uuid, portgroup_uuid, reason, repaired }) => ({
    port_uuid,
    portgroup_uuid,
    reason: `found after the operation${repaired ? ', and repaired' : ''}: ${reason}`,
  }));
  const warnings = [...end.result.warnings, ...late, ...further];
  return { ...end, bindings: null, standing: bindings, result: { ...end.result, bindings: own, warnings } };
}

/** `seconds` if the provider can repair what unanswered requests did, else 0, because nobody would ever repair it. */
export function lateWindowOf(provider: NetworkProvider | null, seconds: number): number {
  return provider?.repair === undefined ? 0 : seconds;
}

/** What the commit notes: for how many seconds unanswered requests may take effect, and whether the repair is done. */
export function lateMarkOf(
  { operation, known }: OperationContext,
  { provider }: ProviderChoice,
  { uncertain, error }: ProviderResult,
  repaired: RepairedNode | null,
  seconds: number,
): { late: number; settled: boolean } {
  // Reconcile with fix is such a repair itself.
  const looked = repaired !== null || (operation.method === 'reconcile' && argsOf(operation).fix && error === null);
  // If the node has moved to a provider that cannot repair, housekeeping would cast reconcile for it for ever.
  const nobodyLooks = provider !== null && provider.repair === undefined;
  return {
    late: uncertain ? lateWindowOf(provider, seconds) : 0,
    settled: known.node?.late === 'over' && (nobodyLooks || (!uncertain && looked)),
  };
}
