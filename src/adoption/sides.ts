import { NETWORK_TYPES, type NetworkType } from '../contract/methods.js';
import type { Finding } from '../contract/types.js';
import { attachedVifs, withNotedVifs } from '../contract/vifs.js';
import type { NeutronPort } from '../neutron/resources.js';
import type { NodeWithTask } from '../state/index.js';
import { isOn, notesOf } from './notes.js';
import { type NodeInIronic, taskOf } from './plan.js';

/** Who knows of a node's Neutron ports: Ironic by its notes, our record, and Neutron itself. */
export const SIDES = ['ironic', 'record', 'neutron'] as const;
type Side = (typeof SIDES)[number];

/** The kind of a finding names the side that differs from the two others. */
export type SideKind = `${Side}_differs`;

/**
 * The networks on which a node may be in a provision state of Ironic. In other states, nothing can be said.
 *
 * Source: Ironic's state machine, common/states.py; the methods of its deploy, rescue and inspect interfaces.
 */
const ALLOWED: Readonly<Record<string, readonly NetworkType[]>> = {
  enroll: [],
  manageable: [],
  available: [],
  active: ['tenant'],
  rescue: ['tenant'],
  'wait call-back': ['provisioning'],
  'clean wait': ['cleaning'],
  'rescue wait': ['rescuing'],
  'inspect wait': ['inspection'],
  'service wait': ['servicing'],
};

/** What the three sides say about one Neutron port on one type of network. */
interface Statement {
  type: NetworkType;
  port: string;
  says: Record<Side, boolean>;
}

/**
 * Compares what Ironic has noted of a node with its record and with Neutron, and says which of the three differs from
 * the two others.
 *
 * @param inIronic null: Ironic has no such node
 * @param ports Neutron's ports by id: those of neutronPortsOf
 * @throws IronicError when Ironic describes the node wrongly
 */
export function sidesOf(
  inIronic: NodeInIronic | null,
  stored: NodeWithTask,
  ports: ReadonlyMap<string, NeutronPort>,
): Finding[] {
  if (inIronic === null)
    return stored.bindings.map(({ network_type, neutron_port_id }) => unknownNode(network_type, neutron_port_id));
  const findings = statements(inIronic, stored, ports).flatMap((statement) => {
    const odd = oddOf(statement.says);
    return odd === null ? [] : [finding(odd, statement.type, statement.port, sentence(odd, statement))];
  });
  return [...findings, ...misplaced(inIronic, stored)];
}

function statements(
  inIronic: NodeInIronic,
  stored: NodeWithTask,
  ports: ReadonlyMap<string, NeutronPort>,
): Statement[] {
  const task = taskOf(inIronic);
  const noted = notesOf(task).map(({ type, id }) => ({ type, port: id }));
  const attached = attachedVifs(withNotedVifs(stored.task, stored.vifs));
  const recorded = [
    ...stored.bindings.map(({ network_type: type, neutron_port_id: port }) => ({ type, port })),
    ...attached.map(({ id }) => ({ type: 'tenant' as const, port: id })),
  ];
  const has = (
    list: readonly { type: NetworkType; port: string }[],
    { type, port }: { type: NetworkType; port: string },
  ) => list.some((one) => one.type === type && one.port === port);
  const all = [...noted, ...recorded.filter((one) => !has(noted, one))];
  return all
    .filter((one, index) => all.findIndex(({ type, port }) => type === one.type && port === one.port) === index)
    .map((one) => {
      const known = ports.get(one.port);
      const ironic = has(noted, one);
      // A VIF that is attached need not be bound. One that Ironic does not note counts only if it is on the node.
      const neutron = known !== undefined && (one.type !== 'tenant' || ironic || isOn(known, task));
      return { ...one, says: { ironic, record: has(recorded, one), neutron } };
    });
}

/** The side that says something else than the two others; null: all say the same. */
function oddOf(says: Record<Side, boolean>): Side | null {
  return SIDES.find((side) => SIDES.every((other) => other === side || says[other] !== says[side])) ?? null;
}

const DOES: Record<Side, [yes: string, no: string]> = {
  ironic: ['Ironic notes it', 'Ironic does not note it'],
  record: ['it is on record', 'it is not on record'],
  neutron: ['Neutron has it', 'Neutron does not have it'],
};

function sentence(odd: Side, { type, port, says }: Statement): string {
  const others = SIDES.filter((side) => side !== odd).map((side) => DOES[side][says[side] ? 0 : 1]);
  const what = type === 'tenant' ? 'VIF' : `port on the ${type} network`;
  return `${what} ${port}: ${others.join(' and ')}, but ${DOES[odd][says[odd] ? 0 : 1]}`;
}

/** Ports on record that the node's provision state does not allow. What all three sides say can be wrong all the same. */
function misplaced({ node }: NodeInIronic, { bindings }: NodeWithTask): Finding[] {
  const state = String(node['provision_state']);
  const allowed = ALLOWED[state];
  if (allowed === undefined) return [];
  const wrong = NETWORK_TYPES.filter((type) => !allowed.includes(type));
  return bindings
    .filter(({ network_type: type }) => wrong.includes(type))
    .map(({ network_type: type, neutron_port_id: port }) =>
      finding(
        'ironic',
        type,
        port,
        `the node is ${state} in Ironic, and on record with port ${port} on its ${type} network`,
      ),
    );
}

function unknownNode(type: NetworkType, port: string): Finding {
  return finding('ironic', type, port, `Ironic has no such node, but port ${port} on its ${type} network is on record`);
}

function finding(odd: Side, network_type: NetworkType, neutron_port_id: string, reason: string): Finding {
  const kind: SideKind = `${odd}_differs`;
  return { kind, network_type, neutron_port_id, port_uuid: null, portgroup_uuid: null, reason, repaired: false };
}
