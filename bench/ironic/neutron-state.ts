import type { NeutronPort } from '../../src/neutron/resources.js';
import type { MovedNode } from './api.js';
import type { MoverName } from './steps.js';

/** A field in which Neutron differs after the same step, by who moved the node. */
export interface Difference extends Record<MoverName, string> {
  step: string;
  /** Network, NIC and path of the field. */
  field: string;
}

/** The fields of a node's Neutron ports: path -> value. */
export type NeutronState = ReadonlyMap<string, string>;

/** Fields that every Neutron port has a value of its own for. They are not compared. */
const OWN_TO_EACH = ['id', 'created_at', 'updated_at', 'revision_number'];

/** The Neutron ports of a node, without what is its own: ids, addresses and times. */
export function stateOf(
  ports: readonly NeutronPort[],
  { uuid, ports: nics }: MovedNode,
  networks: ReadonlyMap<string, string>,
): NeutronState {
  const names = new Map([
    [uuid, '<node>'],
    ...ports.map(({ id }) => [id, '<neutron port>'] as const),
    ...nics.flatMap(({ uuid: id, address }, index) => [
      [id, `<port ${index}>`] as const,
      [address, `<address ${index}>`] as const,
    ]),
    [uuid.slice(0, 8), '<switch port>'],
  ]);
  const state = new Map<string, string>();
  for (const port of ports) {
    const own = nics.findIndex(({ address }) => address === port.mac_address);
    const place = `${networks.get(port.network_id) ?? 'another'} network, NIC ${own}`;
    for (const [path, value] of fieldsOf(port)) {
      // A VIF that no NIC uses has an address that Neutron has drawn.
      if (OWN_TO_EACH.includes(path) || (own < 0 && path === 'mac_address')) continue;
      state.set(`${place}: ${path}`, named(value, names));
    }
  }
  return state;
}

/** The fields in which the two states differ. */
export function differencesOf(step: string, states: Record<MoverName, NeutronState>): Difference[] {
  const fields = [...new Set([...states.neutron.keys(), ...states.netprov.keys()])].sort();
  return fields.flatMap((field) => {
    const [neutron, netprov] = [states.neutron.get(field) ?? 'none', states.netprov.get(field) ?? 'none'];
    return neutron === netprov ? [] : [{ step, field, neutron, netprov }];
  });
}

/** Every value in an object that is no object itself, by its path. */
function fieldsOf(value: object, prefix = ''): [path: string, value: unknown][] {
  return Object.entries(value).flatMap(([key, inner]: [string, unknown]): [string, unknown][] => {
    const path = `${prefix}${key}`;
    const isEmpty = inner !== null && typeof inner === 'object' && Object.keys(inner).length === 0;
    return inner !== null && typeof inner === 'object' && !isEmpty ? fieldsOf(inner, `${path}.`) : [[path, inner]];
  });
}

function named(value: unknown, names: ReadonlyMap<string, string>): string {
  let text = JSON.stringify(value);
  for (const [id, name] of names) text = text.replaceAll(id, name);
  return text.replace(/"\d+\.\d+\.\d+\.\d+"/, '"<IP address>"');
}
