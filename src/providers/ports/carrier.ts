import {
  InvalidParameterValue,
  MissingParameterValue,
  NoFreePhysicalPorts,
  PortgroupPhysnetInconsistent,
  VifAlreadyAttached,
  VifNotAttached,
} from '../../contract/errors.js';
import type { Task, Vif, VifInfo } from '../../contract/types.js';
import { attachedVifs, tenantVif } from '../../contract/vifs.js';
import type { NeutronPort } from '../../neutron/resources.js';
import type { ProviderContext } from '../provider.js';
import { type PortLike, portLikesOf } from './port-like.js';

/** Tells why a port or portgroup cannot carry any VIF under this provider; null if it can. */
export type Unusable = (portLike: PortLike) => string | null;

/** Maximum number of reasons in an error message: a node may have hundreds of ports. */
const MAX_REASONS = 8;

/**
 * Chooses the port or portgroup for a VIF: the one that vif_info names, or the best free one. In order of importance, a
 * carrier on one of the VIF's physical networks comes before one whose physical network is unknown, a portgroup before
 * a port, and a carrier that boots from the network before one that does not. Among equals, the first in the task is
 * chosen, so that a repeat chooses the same one.
 *
 * A port in a portgroup is never chosen, because the portgroup is connected in its place.
 *
 * Source: Ironic, drivers/modules/network/common.py, get_free_port_like_object.
 *
 * @param physnets the VIF's physical networks; empty if any will do
 * @throws VifAlreadyAttached when the node already has the VIF
 * @throws InvalidParameterValue when vif_info names something that cannot carry the VIF
 * @throws NoFreePhysicalPorts when nothing is free, or the carrier that vif_info names is not free; gives the reasons
 * @throws PortgroupPhysnetInconsistent when the members of a free portgroup are on different physical networks
 */
export function chooseCarrier(task: Task, vif: Vif, physnets: ReadonlySet<string>, unusable: Unusable): PortLike {
  refuseAttached(task, vif.id);
  const candidates = candidatesFor(task, vif).map((portLike) => ({
    portLike,
    reason: whyNotFree(portLike) ?? whyElsewhere(physnetOf(portLike, task), portLike, physnets) ?? unusable(portLike),
  }));
  const free = candidates.filter(({ reason }) => reason === null).map(({ portLike }) => portLike);
  const rank = (portLike: PortLike): number => rankOf(portLike, task, physnets);
  const [best] = free.sort((one, other) => rank(other) - rank(one));
  if (best !== undefined) return best;
  throw new NoFreePhysicalPorts(
    `VIF ${vif.id} cannot be attached to node ${task.node.uuid}: ${listed(candidates.flatMap(({ reason }) => reason ?? []))}`,
  );
}

/** The VIF that vif_attach is to attach. */
export function wantedVif({ args }: ProviderContext): VifInfo {
  if (args.vif_info !== null) return args.vif_info;
  throw new MissingParameterValue('vif_info is missing: give an object with the id of a Neutron port');
}

/**
 * Refuses a VIF that does not belong to the project for which it is attached. The error does not reveal whether the VIF
 * exists, because that is not the project's business.
 *
 * @param port the VIF as Neutron has it; undefined if Neutron has no port with this id
 * @throws InvalidParameterValue that names the VIF and the project
 */
export function refuseOtherProject(port: Pick<NeutronPort, 'project_id'> | undefined, vif: VifInfo): void {
  const { id, project_id: project } = vif;
  // Keystone writes project ids as UUIDs without hyphens; some callers write them with hyphens.
  const plain = (text: string): string => text.replaceAll('-', '').toLowerCase();
  if (project === null || plain(port?.project_id ?? '') === plain(project)) return;
  throw new InvalidParameterValue(
    `vif_info.id ${id} is not a Neutron port of project ${project} (vif_info.project_id): give the id of one of its ports`,
  );
}

/** The error when vif_detach names a VIF that the node does not have. */
export function notAttached({ task, args }: ProviderContext): VifNotAttached {
  return new VifNotAttached(
    `VIF ${String(args.vif_id)} cannot be detached from node ${task.node.uuid}: it is not attached to it`,
  );
}

/** @throws VifAlreadyAttached that names the port or portgroup which has the VIF */
export function refuseAttached(task: Task, vif: string): void {
  const attached = attachedVifs(task).find(({ id }) => id === vif);
  if (attached === undefined) return;
  const where =
    attached.port_uuid === null ? `portgroup ${String(attached.portgroup_uuid)}` : `port ${attached.port_uuid}`;
  throw new VifAlreadyAttached(`VIF ${vif} is already attached to ${where} of node ${task.node.uuid}: detach it first`);
}

function candidatesFor(task: Task, { port_uuid, portgroup_uuid }: Vif): PortLike[] {
  const all = portLikesOf(task);
  if (port_uuid === null && portgroup_uuid === null) return all;
  const named = all.find(({ ref }) => ref.port_uuid === port_uuid && ref.portgroup_uuid === portgroup_uuid);
  if (named !== undefined) return [named];
  const member = task.ports.find(({ uuid }) => uuid === port_uuid);
  if (member !== undefined) {
    throw new InvalidParameterValue(
      `vif_info.port_uuid ${member.uuid} is a member of portgroup ${String(member.portgroup_uuid)}, which is connected in place of it: give vif_info.portgroup_uuid`,
    );
  }
  const what = port_uuid === null ? `portgroup_uuid ${String(portgroup_uuid)}` : `port_uuid ${port_uuid}`;
  throw new InvalidParameterValue(
    `vif_info.${what} is not a port or portgroup of node ${task.node.uuid}: give one in the task`,
  );
}

function whyNotFree({ label, vif, members, ref }: PortLike): string | null {
  if (vif !== null) return `${label} has VIF ${vif}`;
  if (members.length === 0) return `${label} has no member ports`;
  // As in Ironic, a member port keeps its own VIF when it joins a portgroup; the portgroup is then not free.
  const taken = ref.portgroup_uuid === null ? undefined : members.find((port) => tenantVif(port) !== null);
  return taken === undefined ? null : `${label} has member port ${taken.uuid} with VIF ${String(tenantVif(taken))}`;
}

function whyElsewhere(physnet: string | null, { label }: PortLike, physnets: ReadonlySet<string>): string | null {
  if (physnets.size === 0 || physnet === null || physnets.has(physnet)) return null;
  return `${label} is on physical network ${physnet}, and the VIF on ${[...physnets].sort().join(', ')}`;
}

/** The physical network, or null if it is unknown. All members of a portgroup must be on the same one. */
function physnetOf({ ref, members, label }: PortLike, task: Task): string | null {
  const group = task.portgroups.find(({ uuid }) => uuid === ref.portgroup_uuid);
  const ofMembers = new Set(members.map((port) => port.physical_network));
  const [first = null] = ofMembers;
  const own = group?.physical_network ?? first;
  if (ofMembers.size < 2 && (first === null || first === own)) return own;
  const all = [...new Set([own, ...ofMembers])].map((name) => name ?? 'none').join(', ');
  throw new PortgroupPhysnetInconsistent(
    `${label} has members on different physical networks (${all}): give all its ports the same physical_network`,
  );
}

/** Rank of a carrier: higher is better. */
function rankOf(portLike: PortLike, task: Task, physnets: ReadonlySet<string>): number {
  const physnet = physnetOf(portLike, task);
  const matches = physnet !== null && physnets.has(physnet);
  return (matches ? 4 : 0) + (portLike.ref.portgroup_uuid === null ? 0 : 2) + (portLike.boots ? 1 : 0);
}

function listed(reasons: readonly string[]): string {
  if (reasons.length === 0) return 'the task has no ports';
  const more = reasons.length - MAX_REASONS;
  return reasons.slice(0, MAX_REASONS).join('; ') + (more > 0 ? `; and ${more} more that are not free` : '');
}
