import type { Binding, Port, Portgroup } from '../api/types.js';

/** One NIC: where its cable leads, and what Neutron has bound to it alone. */
export interface Wire {
  port: Port;
  switchName: string | null;
  switchPort: string | null;
  bindings: Binding[];
}

/** A NIC, or a LAG with its NICs and what Neutron has bound to the LAG as a whole. */
export interface Attachment {
  portgroup: Portgroup | null;
  wires: Wire[];
  bindings: Binding[];
}

/** The NICs of a node: LAG by LAG, and then the others. */
export function attachmentsOf(
  ports: readonly Port[],
  portgroups: readonly Portgroup[],
  bindings: readonly Binding[],
): Attachment[] {
  const wires = ports.map((port) => wireOf(port, bindings));
  const groups = portgroups.map((portgroup) => ({
    portgroup,
    wires: wires.filter(({ port }) => port.portgroup_uuid === portgroup.uuid),
    bindings: bindings.filter((binding) => binding.portgroup_uuid === portgroup.uuid),
  }));
  const known = new Set(portgroups.map(({ uuid }) => uuid));
  const single = wires
    .filter(({ port: { portgroup_uuid: group } }) => group == null || !known.has(group))
    .map((wire) => ({ portgroup: null, wires: [wire], bindings: [] }));
  return [...groups, ...single];
}

function wireOf(port: Port, bindings: readonly Binding[]): Wire {
  const link = (port.local_link_connection ?? {}) as Readonly<Record<string, unknown>>;
  const name = text(link['switch_info']) ?? text(link['switch_id']) ?? text(link['hostname']);
  const own = bindings.filter((binding) => binding.port_uuid === port.uuid);
  return { port, switchName: name, switchPort: text(link['port_id']), bindings: own };
}

function text(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

/** The VLAN that a binding's profile names, if it does. */
export function vlanOf({ profile }: Binding): number | null {
  const vlan = (profile as Readonly<Record<string, unknown>>)['vlan'];
  return typeof vlan === 'number' ? vlan : null;
}
