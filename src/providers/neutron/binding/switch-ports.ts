import { IronicError } from '../../../contract/errors.js';
import type { BindingFailure, JsonObject, PortBinding } from '../../../contract/types.js';
import { attachedVifs } from '../../../contract/vifs.js';
import type { NeutronPort } from '../../../neutron/resources.js';
import { OpenStackError } from '../../../openstack/errors.js';
import { type PortLike, refOf, unusable } from '../../ports/port-like.js';
import type { ProviderOutcome } from '../../provider.js';
import { ACTIVE, bindingOf, isTransient, type NeutronOperation, type Remainder } from './operation.js';
import { operationError } from './outcome.js';
import { throughQuarantine } from './quarantine.js';
import { isBound, switchPorts, UNBOUND, updatePort } from './update.js';
import { waitForBindings } from './wait.js';

/**
 * Deletes or unbinds ports, and keeps the other ports on the same switch ports plugged in.
 *
 * When a port is deleted or unbound, a mechanism driver unplugs its switch port, even if another port is bound there.
 * Neutron still calls that other port ACTIVE. So the other port is unbound before the change, and bound again after it.
 * In this order a crash leaves it unbound, and the next comparison finds and repairs that. A port that cannot be bound
 * again is noted in `operation.cutOff`.
 *
 * Source: networking-generic-switch, generic_switch_mech.py, delete_port_postcommit and update_port_postcommit.
 *
 * @throws errors of the change, and errors of Neutron when it unbinds the other ports
 */
export async function keepingPlugged<T>(
  leaving: readonly PortBinding[],
  operation: NeutronOperation,
  change: () => Promise<T>,
): Promise<T> {
  const neighbors = await neighborsOf(leaving, operation);
  if (neighbors.length === 0) return throughQuarantine(leaving, operation, change);
  // The switch ports of the others are plugged in again, which takes them off the old network, too.
  const kept = new Set(neighbors.flatMap((port) => switchPorts(port['binding:profile'])));
  const alone = leaving.filter(({ profile }) => !switchPorts(profile).some((name) => kept.has(name)));
  const { log } = operation.context;
  log.info('binding ports on the same switch ports again', { ports: neighbors.map(({ id }) => id) });
  try {
    await forEach(neighbors, (port) => updatePort(port, [UNBOUND], port['binding:profile'], operation));
    return await throughQuarantine(alone, operation, change);
  } finally {
    await plugAgain(neighbors, operation);
  }
}

/**
 * Unbinds the ports whose NICs are on other switch ports by now, before any of them is bound to the new one. Neutron
 * would do both in one update. But if two NICs have exchanged their cables, the update of the one would unplug the other.
 * And a former switch port leaves its network like any other: through quarantine, or with a warning.
 *
 * @param ownerOf the port-like object that has the port
 * @returns the ports as they are now
 * @throws as keepingPlugged
 */
export async function offFormerSwitchPorts(
  ports: readonly NeutronPort[],
  ownerOf: (port: NeutronPort) => PortLike | undefined,
  operation: NeutronOperation,
): Promise<NeutronPort[]> {
  const moved = ports.flatMap((port) => {
    const owner = ownerOf(port);
    // The port of a NIC that cannot be bound again stays where it is.
    if (owner === undefined || unusable(owner, operation.wired) !== null) return [];
    const former = formerBinding(port, owner, operation);
    return former === undefined ? [] : [{ port, former }];
  });
  if (moved.length === 0 || !operation.wired) return [...ports];
  const bound = moved.map(({ port }) => port).filter(isBound);
  operation.context.log.info('taking ports off the former switch ports of their NICs', {
    ports: moved.map(({ port }) => port.id),
  });
  const now = new Map<string, NeutronPort>();
  const leaving = moved.map(({ former }) => former);
  await keepingPlugged(leaving, operation, () =>
    forEach(bound, async (port) =>
      now.set(port.id, await updatePort(port, [UNBOUND], port['binding:profile'], operation)),
    ),
  );
  return ports.map((port) => now.get(port.id) ?? port);
}

/**
 * The binding of the port on a former switch port of its NIC, if it has one: in Neutron, or only on record. An attempt
 * that was broken off may have unbound the port, and its warning was lost with it.
 */
function formerBinding(port: NeutronPort, owner: PortLike, { context }: NeutronOperation): PortBinding | undefined {
  const bindings = isBound(port)
    ? [bindingOf(owner.ref, port)]
    : context.recorded.filter(
        ({ neutron_port_id: id, vif_type }) => id === port.id && isBound({ 'binding:vif_type': vif_type }),
      );
  return bindings.find(({ profile }) => isElsewhere(profile, owner.profile));
}

/**
 * Whether a profile has a switch port that the other one does not name, neither by its switch's id nor by its name. A
 * profile without switch ports, as of InfiniBand, does not say where the NIC is.
 */
function isElsewhere(profile: JsonObject, wanted: JsonObject): boolean {
  const known = new Set(switchPorts(wanted));
  return known.size > 0 && linksOf(profile).some((names) => !names.some((name) => known.has(name)));
}

/** The keys of each switch port of a profile. */
function linksOf({ local_link_information: links }: JsonObject): string[][] {
  if (!Array.isArray(links)) return [];
  return links.map((link) => switchPorts({ local_link_information: [link] })).filter((names) => names.length > 0);
}

/** Ports of the node that stay bound on a switch port that one of the leaving ports uses. */
async function neighborsOf(leaving: readonly PortBinding[], operation: NeutronOperation): Promise<NeutronPort[]> {
  const { context, client, request, wired } = operation;
  const left = new Set(
    leaving.filter(({ host_id: host }) => host !== '').flatMap(({ profile }) => switchPorts(profile)),
  );
  if (!wired || left.size === 0) return [];
  const shares = (profile: JsonObject): boolean => switchPorts(profile).some((name) => left.has(name));
  const gone = new Set(leaving.map((port) => port.neutron_port_id));
  const { recorded, task } = context;
  // A node that was in use before it came to us has nothing on record; its VIFs count as correct.
  const unknown = recorded.length === 0 && task.node.provision_state === ACTIVE ? attachedVifs(task) : [];
  const standing = [
    ...recorded.filter(({ profile }) => shares(profile)).map((binding) => binding.neutron_port_id),
    ...unknown.map(({ id }) => id),
  ].filter((id) => !gone.has(id));
  if (standing.length === 0) return [];
  const ports = await client.listPorts({ id: [...new Set(standing)] }, request);
  return ports.filter((port) => port['binding:host_id'] !== '' && isBound(port) && shares(port['binding:profile']));
}

/** Binds the ports to their former host and profile, and waits for those that can become ACTIVE. */
async function plugAgain(ports: readonly NeutronPort[], operation: NeutronOperation): Promise<void> {
  const { context } = operation;
  context.signal.throwIfAborted();
  const bound: NeutronPort[] = [];
  await forEach(ports, async (port) => {
    try {
      const { 'binding:host_id': host, 'binding:profile': profile } = port;
      const attributes = { 'binding:host_id': host, 'binding:profile': profile };
      bound.push(await updatePort(port, [attributes], profile, operation));
    } catch (error) {
      if (isTransient(error) || !(error instanceof IronicError || error instanceof OpenStackError)) throw error;
      note(port, error.message, operation);
    }
  });
  const waited = await waitForBindings(
    bound.filter((port) => port.admin_state_up),
    operation,
  );
  for (const { port, failure } of waited) if (failure !== null) note(port, failure, operation);
}

function note(port: NeutronPort, reason: string, { context, cutOff }: NeutronOperation): void {
  context.log.error('could not bind a port on its switch port again', { port: port.id, reason });
  const recorded = context.recorded.find((binding) => binding.neutron_port_id === port.id);
  cutOff.push({ binding: bindingOf(recorded ?? refOf(port, context), port), reason });
}

/**
 * Does the work for all ports in parallel; a port that is gone is no error. @throws the first error, after all ended
 */
async function forEach(ports: readonly NeutronPort[], work: (port: NeutronPort) => Promise<unknown>): Promise<void> {
  const results = await Promise.allSettled(ports.map(work));
  for (const result of results) {
    if (result.status === 'fulfilled') continue;
    const error: unknown = result.reason;
    if (!(error instanceof OpenStackError && error.status === 404)) throw error;
  }
}

/** Adds the ports that were cut off to the failures of the outcome. */
export function withCutOff<Outcome extends object>(outcome: Outcome, { cutOff, context }: NeutronOperation): Outcome {
  if (cutOff.length === 0) return outcome;
  const { failures = [], error }: Partial<ProviderOutcome> = outcome;
  const further = cutOff.map(failureOf);
  const what = `node ${context.task.node.uuid} lost bindings on a switch port when another port was unbound from it; netprov reconcile --fix binds them again`;
  return { ...outcome, failures: [...failures, ...further], error: error ?? operationError(what, further) };
}

function failureOf({ binding, reason }: Remainder): BindingFailure {
  const { port_uuid, portgroup_uuid, neutron_port_id: id } = binding;
  return {
    port_uuid,
    portgroup_uuid,
    reason: `Neutron port ${id} was unbound while another port was removed from its switch port, and could not be bound again: ${reason}`,
  };
}
