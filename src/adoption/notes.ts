import { isUuid } from '../contract/identifiers.js';
import { NETWORK_TYPES, type NetworkType } from '../contract/methods.js';
import type { PortBinding, RecordedBinding, Task } from '../contract/types.js';
import type { NeutronPort } from '../neutron/resources.js';
import { DEVICE_OWNER_BAREMETAL } from '../neutron/resources.js';
import { bindingOf, describe } from '../providers/neutron/binding/operation.js';
import { isBound } from '../providers/neutron/binding/update.js';
import { type PortLikeRef, refOf, smartNicHost } from '../providers/ports/port-like.js';

/** A Neutron port that Ironic notes in internal_info of a port or portgroup. */
export interface Note {
  readonly type: NetworkType;
  readonly ref: PortLikeRef;
  /** The key in internal_info. */
  readonly key: string;
  /** Id of the Neutron port. */
  readonly id: string;
}

/** What the notes of a node come to, compared with Neutron. */
export interface NotedBindings {
  bindings: RecordedBinding[];
  /** Notes about Neutron ports that are not there. */
  warnings: string[];
  /** Notes about Neutron ports that were not made for the node. A remove would delete them. */
  problems: string[];
}

/**
 * The Neutron ports that Ironic notes for a node, each once for a network type.
 *
 * Source: Ironic, drivers/modules/network/neutron.py and common/neutron.py; the keys of get_current_vif.
 */
export function notesOf({ ports, portgroups }: Task): Note[] {
  const parts = [
    ...ports.map((part) => ({ part, ref: { port_uuid: part.uuid, portgroup_uuid: null } })),
    ...portgroups.map((part) => ({ part, ref: { port_uuid: null, portgroup_uuid: part.uuid } })),
  ];
  const notes = new Map<string, Note>();
  for (const { part, ref } of parts) {
    for (const type of NETWORK_TYPES) {
      const key = `${type}_vif_port_id`;
      const id = part.internal_info[key];
      if (typeof id !== 'string' || !isUuid(id)) continue;
      const note = { type, ref, key, id: id.toLowerCase() };
      if (!notes.has(`${type} ${note.id}`)) notes.set(`${type} ${note.id}`, note);
    }
  }
  return [...notes.values()];
}

/**
 * The bindings that stand, according to Ironic's notes and Neutron. A VIF that is attached, but not plugged in, is no
 * binding.
 *
 * @param ports Neutron's ports, by id
 * @param wired whether the interface that bound the VIFs configures switches; a VIF that only names the node as its
 *   host may have its host from an older Nova
 */
export function bindingsOf(task: Task, ports: ReadonlyMap<string, NeutronPort>, wired: boolean): NotedBindings {
  const found: NotedBindings = { bindings: [], warnings: [], problems: [] };
  for (const note of notesOf(task)) {
    const { type, id } = note;
    const port = ports.get(id);
    const noted = `which Ironic notes as ${note.key} of ${labelOf(note.ref)}`;
    if (port === undefined) {
      found.warnings.push(`Neutron has no port ${id}, ${noted}: it needs no removal`);
    } else if (type === 'tenant') {
      if (isPlugged(port, task, wired)) found.bindings.push({ ...bindingOf(note.ref, port), network_type: type });
    } else if (isMadeFor(port, task)) {
      found.bindings.push({ ...madeBinding(note, port, task), network_type: type });
    } else {
      found.problems.push(
        `${describe(port)}, ${noted}, was not made for the node, and netprov would delete it: have Ironic remove the ` +
          `node from its ${type} network first`,
      );
    }
  }
  return found;
}

/** Whether a Neutron port is bound to the node, or to a smart NIC of it. */
export function isOn(port: NeutronPort, { node, ports }: Task): boolean {
  const host = port['binding:host_id'];
  return host !== '' && [node.uuid, ...ports.map(smartNicHost)].includes(host);
}

/** A portgroup's port is noted on the member that boots; Neutron knows that it is the portgroup's. */
function madeBinding({ ref }: Note, port: NeutronPort, task: Task): PortBinding {
  const found = refOf(port, { task });
  return bindingOf(found.port_uuid === null && found.portgroup_uuid === null ? ref : found, port);
}

/**
 * Whether Ironic made the port for this node. Its device_id may be that of an instance that has gone, so the host counts
 * as well.
 */
function isMadeFor(port: NeutronPort, task: Task): boolean {
  const { uuid, instance_uuid: instance } = task.node;
  const named = [uuid, instance].includes(port.device_id);
  return port.device_owner === DEVICE_OWNER_BAREMETAL && (named || isOn(port, task));
}

function isPlugged(port: NeutronPort, task: Task, wired: boolean): boolean {
  const { local_link_information: links } = port['binding:profile'];
  return isOn(port, task) && (!wired || isBound(port) || (Array.isArray(links) && links.length > 0));
}

function labelOf({ port_uuid: port, portgroup_uuid: group }: PortLikeRef): string {
  return port === null ? `portgroup ${String(group)}` : `port ${port}`;
}
