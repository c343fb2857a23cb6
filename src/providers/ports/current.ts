import { InvalidParameterValue } from '../../contract/errors.js';
import type { NetworkType } from '../../contract/methods.js';
import { attachedVifs, tenantVif } from '../../contract/vifs.js';
import type { ProviderContext, ProviderOutcome } from '../provider.js';
import type { PortLikeRef } from './port-like.js';

interface Asked {
  readonly context: ProviderContext;
}

/** The Neutron port that a port or portgroup of the node uses now. */
export interface CurrentVif {
  readonly id: string;
  readonly ref: PortLikeRef;
}

/**
 * Network types in the order in which they are tried. A node boots on one network at a time, so a Neutron port that was
 * made for a ramdisk comes before the tenant's port.
 *
 * Source: Ironic, drivers/modules/network/common.py, get_current_vif.
 */
const ORDER: readonly NetworkType[] = ['cleaning', 'provisioning', 'rescuing', 'inspection', 'servicing'];

/**
 * Returns the Neutron port that a port or portgroup uses now: its recorded port on a management network, or else its
 * VIF.
 *
 * @throws InvalidParameterValue when the node has no such port or portgroup
 */
export function getCurrentVif({ context }: Asked): Promise<Partial<ProviderOutcome>> {
  const { port_uuid, portgroup_uuid } = context.args;
  const { node, ports, portgroups } = context.task;
  const known = [
    ...ports.map(({ uuid }) => uuid === port_uuid),
    ...portgroups.map(({ uuid }) => uuid === portgroup_uuid),
  ];
  if (!known.includes(true)) {
    const what = port_uuid === null ? `portgroup_uuid ${String(portgroup_uuid)}` : `port_uuid ${port_uuid}`;
    throw new InvalidParameterValue(`${what} is not a port or portgroup of node ${node.uuid}`);
  }
  return Promise.resolve({ current_vif: currentVifOf({ port_uuid, portgroup_uuid }, context) });
}

/** Returns the attached VIFs. */
export function listVifs({ context }: Asked): Promise<Partial<ProviderOutcome>> {
  return Promise.resolve({ vifs: attachedVifs(context.task) });
}

/**
 * The Neutron ports that the node uses now, each once: first those of its ports, then those of its portgroups. While
 * members of a portgroup have their own Neutron ports on a management network, the portgroup and its VIF are not in use
 * and are left out.
 */
export function currentVifs(context: ProviderContext): CurrentVif[] {
  const { ports, portgroups } = context.task;
  const vifs = new Set(attachedVifs(context.task).map(({ id }) => id));
  const made = context.recorded.filter(
    ({ network_type: type, neutron_port_id: id }) => type !== 'tenant' && !vifs.has(id),
  );
  const ramdisk = new Set(made.map(({ port_uuid }) => port_uuid));
  const apart = new Set(ports.filter(({ uuid }) => ramdisk.has(uuid)).map(({ portgroup_uuid }) => portgroup_uuid));
  const used = portgroups.filter(({ uuid }) => !apart.has(uuid));
  const refs: PortLikeRef[] = [
    ...ports.map(({ uuid }) => ({ port_uuid: uuid, portgroup_uuid: null })),
    ...used.map(({ uuid }) => ({ port_uuid: null, portgroup_uuid: uuid })),
  ];
  const found = new Map<string, CurrentVif>();
  for (const ref of refs) {
    const id = currentVifOf(ref, context);
    if (id !== null && !found.has(id)) found.set(id, { id, ref });
  }
  return [...found.values()];
}

function currentVifOf(ref: PortLikeRef, { task, recorded }: ProviderContext): string | null {
  const own = recorded.filter(
    (binding) => binding.port_uuid === ref.port_uuid && binding.portgroup_uuid === ref.portgroup_uuid,
  );
  for (const type of ORDER) {
    const binding = own.find(({ network_type }) => network_type === type);
    if (binding !== undefined) return binding.neutron_port_id;
  }
  const carrier =
    task.ports.find(({ uuid }) => uuid === ref.port_uuid) ??
    task.portgroups.find(({ uuid }) => uuid === ref.portgroup_uuid);
  return carrier === undefined ? null : tenantVif(carrier);
}
