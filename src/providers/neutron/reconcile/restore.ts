import type { ManagementNetworkType } from '../../../contract/methods.js';
import type { PortBinding, RecordedBinding } from '../../../contract/types.js';
import type { NeutronPort } from '../../../neutron/resources.js';
import { nicsOf, type PortLike, portLikesOf } from '../../ports/port-like.js';
import { recordedElsewhere, withoutNetworkType } from '../../ports/recorded.js';
import { deletePorts } from '../binding/delete.js';
import { type Attempt, bindingOf, isOurs, type NeutronOperation } from '../binding/operation.js';
import { awaitBindings, transientError } from '../binding/outcome.js';
import { attemptPorts, managementTargetOf } from '../management/add.js';
import { portsWithMacs } from '../management/port.js';
import { attemptVifs } from '../tenant/bind.js';
import { carriersOf } from '../tenant/tenant.js';
import { hostOfOthers } from '../tenant/vifs.js';
import type { FindingKind } from './compare.js';

/** The result of restoring recorded bindings, by recorded Neutron port. */
export interface Restored {
  /** The new bindings of the restored ones. */
  readonly bindings: Map<string, PortBinding>;
  /** The reasons for those that could not be restored. */
  readonly troubles: Map<string, string>;
}

/** The result of a comparison with Neutron. */
interface Seen {
  readonly ports: ReadonlyMap<string, NeutronPort>;
  /** What is wrong with each Neutron port. */
  readonly kinds: ReadonlyMap<string, readonly FindingKind[]>;
}

/** A recorded binding, and the port or portgroup to which it belongs. */
interface Pair {
  readonly binding: RecordedBinding;
  readonly portLike: PortLike;
}

/** Restores ports on a management network with the steps of add_*_network. */
export async function restorePorts(
  type: ManagementNetworkType,
  wrong: readonly RecordedBinding[],
  { ports, kinds }: Seen,
  operation: NeutronOperation,
): Promise<Restored> {
  // The record tells whether a portgroup or its members had ports: the option may have had another value at the time.
  const { task } = operation.context;
  const all = [...portLikesOf(task), ...nicsOf(task)];
  const { pairs, troubles } = pair(wrong, all, (binding) => `remove the ${binding.network_type} network`);
  const portLikes = pairs.map(({ portLike }) => portLike);
  const target = await managementTargetOf(type, portLikes, operation);
  const existing = await portsWithMacs(portLikes, target.network.id, operation);
  const inPlace = new Set(existing.map(({ id }) => id));
  // A port with, for example, another MAC address is deleted to make room. A port that is merely not ACTIVE stays.
  const worthless = pairs.filter(({ binding: { neutron_port_id: id } }) => {
    const only = kinds.get(id)?.every((kind) => kind === 'not_active') ?? true;
    return ports.has(id) && !inPlace.has(id) && !only && !recordedElsewhere(type, operation.context).has(id);
  });
  const { left } = await deletePorts(
    worthless.map(({ binding }) => withoutNetworkType(binding)),
    operation,
  );
  for (const { binding, reason } of left) troubles.set(binding.neutron_port_id, reason);
  const possible = pairs.filter(({ binding: { neutron_port_id: id } }) => {
    return (
      !troubles.has(id) &&
      (inPlace.has(id) || !ports.has(id) || worthless.some((own) => own.binding.neutron_port_id === id))
    );
  });
  const attempts = await attemptPorts(
    possible.map(({ portLike }) => portLike),
    existing,
    target,
    operation,
  );
  // There is no wait for a port that needed no change, because Neutron does not try again by itself.
  const changed = attempts.filter(({ port }, index) => {
    const same = port?.id === possible[index]?.binding.neutron_port_id;
    return port !== null && !(same && existing.includes(port));
  });
  await awaitBindings(changed, operation);
  const restored = restoredOf(possible, attempts, new Set(changed), troubles, operation);
  await removeFailed(attempts, operation);
  return restored;
}

/** Binds recorded VIFs again with the steps of configure_tenant_networks. */
export async function restoreVifs(
  wrong: readonly RecordedBinding[],
  ports: ReadonlyMap<string, NeutronPort>,
  operation: NeutronOperation,
): Promise<Restored> {
  const { pairs, troubles } = pair(wrong, carriersOf(operation), (binding) => `detach VIF ${binding.neutron_port_id}`);
  const possible = pairs.flatMap(({ binding, portLike }) => {
    const { neutron_port_id: vif } = binding;
    const port = ports.get(vif);
    const host = port === undefined ? null : hostOfOthers(port, portLike.smartNicHost, operation);
    if (host !== null) {
      troubles.set(vif, `another client bound it to host ${host}: detach it there, or from this node`);
      return [];
    }
    if (portLike.vif === null || portLike.vif === vif) return [{ binding, portLike: { ...portLike, vif } }];
    troubles.set(vif, `${portLike.label} has another VIF now, ${portLike.vif}`);
    return [];
  });
  const attempts = await attemptVifs(
    possible.map(({ portLike }) => portLike),
    ports,
    operation,
  );
  const changed = attempts.filter((own) => own.touched && own.error === null);
  await awaitBindings(changed, operation);
  return restoredOf(possible, attempts, new Set(changed), troubles, operation);
}

function pair(
  wrong: readonly RecordedBinding[],
  all: readonly PortLike[],
  remedy: (binding: RecordedBinding) => string,
): { pairs: Pair[]; troubles: Map<string, string> } {
  const troubles = new Map<string, string>();
  const pairs = wrong.flatMap((binding) => {
    const { port_uuid, portgroup_uuid } = binding;
    const portLike = all.find(({ ref }) => ref.port_uuid === port_uuid && ref.portgroup_uuid === portgroup_uuid);
    if (portLike !== undefined) return [{ binding, portLike }];
    const what = port_uuid === null ? `portgroup ${String(portgroup_uuid)}` : `port ${port_uuid}`;
    troubles.set(binding.neutron_port_id, `the node no longer has ${what}: ${remedy(binding)}`);
    return [];
  });
  return { pairs, troubles };
}

/**
 * Collects the bindings that changed. A binding that was not changed stays on record as it was, and so does one that
 * Neutron still could not bind: the record says what should be.
 *
 * @throws the first fault that a retry may clear
 */
function restoredOf(
  pairs: readonly Pair[],
  attempts: readonly Attempt[],
  changed: ReadonlySet<Attempt>,
  troubles: Map<string, string>,
  { context }: NeutronOperation,
): Restored {
  context.signal.throwIfAborted();
  const fault = transientError(attempts);
  if (fault !== null) throw fault;
  const bindings = new Map<string, PortBinding>();
  for (const [index, own] of attempts.entries()) {
    const id = pairs[index]?.binding.neutron_port_id ?? '';
    const unbound = own.port?.id === id ? own.warning : null;
    const trouble = own.error?.message ?? unbound;
    if (trouble !== null) troubles.set(id, trouble);
    else if (own.port !== null && changed.has(own)) bindings.set(id, bindingOf(own.portLike.ref, own.port));
  }
  return { bindings, troubles };
}

/** Deletes new ports that could not be bound: they are of no use, and would be stray ports. */
async function removeFailed(attempts: readonly Attempt[], operation: NeutronOperation): Promise<void> {
  const recorded = new Set(operation.context.recorded.map((binding) => binding.neutron_port_id));
  const made = attempts.flatMap(({ error, port, portLike }) => {
    if (error === null || port === null || recorded.has(port.id) || !isOurs(port, operation)) return [];
    return [bindingOf(portLike.ref, port)];
  });
  await deletePorts(made, operation);
}
