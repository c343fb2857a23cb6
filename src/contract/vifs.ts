import { InvalidParameterValue, MissingParameterValue } from './errors.js';
import { isUuid } from './identifiers.js';
import { shown } from './plain.js';
import type { JsonObject, Port, Portgroup, Task, Vif } from './types.js';

/** Ironic's key in the internal_info of a port or portgroup. Its value is the Neutron port that the tenant attached. */
const TENANT_VIF = 'tenant_vif_port_id';

/** A name by which Ironic can find a VIF. It has no characters that would change a URL's path. */
const NAME = /^(?!\.{1,2}$)[A-Za-z0-9._~-]{1,255}$/;

/**
 * Reads the id of a VIF. Neutron's is a UUID, which is returned in lower case; a plug-in's is any name that Ironic
 * accepts.
 *
 * Source: Ironic, api/controllers/v1/node.py VIF_VALIDATOR.
 *
 * @throws MissingParameterValue, InvalidParameterValue that names the path
 */
export function vifId(value: unknown, path: string): string {
  if (value === null || value === undefined)
    throw new MissingParameterValue(`${path} is missing: give the id of a VIF`);
  if (typeof value !== 'string' || !NAME.test(value)) {
    const expected = 'the UUID of a Neutron port, or a name of letters, digits and . _ ~ -';
    throw new InvalidParameterValue(`${path} must be ${expected}, not ${shown(value)}`);
  }
  return isUuid(value) ? value.toLowerCase() : value;
}

interface Carrier {
  internal_info: JsonObject;
}

/** The Neutron port that the tenant attached. Null if there is none. */
export function tenantVif({ internal_info: info }: Carrier): string | null {
  const vif = info[TENANT_VIF];
  return typeof vif === 'string' && vif !== '' ? vif : null;
}

/** The VIFs of a task: first those of its ports, then those of its portgroups. */
export function attachedVifs({ ports, portgroups }: Pick<Task, 'ports' | 'portgroups'>): Vif[] {
  const found = (id: string | null, ref: Omit<Vif, 'id'>): Vif[] => (id === null ? [] : [{ id, ...ref }]);
  return [
    ...ports.flatMap((port) => found(tenantVif(port), { port_uuid: port.uuid, portgroup_uuid: null })),
    ...portgroups.flatMap((group) => found(tenantVif(group), { port_uuid: null, portgroup_uuid: group.uuid })),
  ];
}

/**
 * Adds the VIFs that vif_attach stored to the ports and portgroups whose internal_info has no VIF key. If the key is
 * there, even with null, it wins. A stored VIF that the task has on another port or portgroup is not added.
 */
export function withNotedVifs(task: Task, noted: readonly Vif[]): Task {
  if (noted.length === 0) return task;
  const elsewhere = new Set(attachedVifs(task).map(({ id }) => id));
  const open = noted.filter(({ id }) => !elsewhere.has(id));
  if (open.length === 0) return task;
  const fill = <T extends Port | Portgroup>(part: T, key: 'port_uuid' | 'portgroup_uuid'): T => {
    const vif = Object.hasOwn(part.internal_info, TENANT_VIF) ? undefined : open.find((own) => own[key] === part.uuid);
    return vif === undefined ? part : withVif(part, vif.id);
  };
  return {
    ...task,
    ports: task.ports.map((port) => fill(port, 'port_uuid')),
    portgroups: task.portgroups.map((group) => fill(group, 'portgroup_uuid')),
  };
}

/** Returns the task with exactly these VIFs. */
export function withVifs(task: Task, vifs: readonly Vif[]): Task {
  const set = <T extends Port | Portgroup>(part: T, key: 'port_uuid' | 'portgroup_uuid'): T =>
    withVif(part, vifs.find((vif) => vif[key] === part.uuid)?.id ?? null);
  return {
    ...task,
    ports: task.ports.map((port) => set(port, 'port_uuid')),
    portgroups: task.portgroups.map((group) => set(group, 'portgroup_uuid')),
  };
}

function withVif<T extends Port | Portgroup>(part: T, vif: string | null): T {
  if (tenantVif(part) === vif) return part;
  const others = Object.fromEntries(Object.entries(part.internal_info).filter(([key]) => key !== TENANT_VIF));
  return { ...part, internal_info: vif === null ? others : { ...others, [TENANT_VIF]: vif } };
}
