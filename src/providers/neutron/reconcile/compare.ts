import { isDeepStrictEqual } from 'node:util';

import { isManagementNetworkType, type ManagementNetworkType, type NetworkType } from '../../../contract/methods.js';
import type { Finding, RecordedBinding } from '../../../contract/types.js';
import { attachedVifs } from '../../../contract/vifs.js';
import type { NeutronPort } from '../../../neutron/resources.js';
import { type PortLikeRef, refOf } from '../../ports/port-like.js';
import type { NodeRecord } from '../../provider.js';
import { ACTIVE, describe, isOurs, makesPorts, type Shared } from '../binding/operation.js';
import { cabling, isBound } from '../binding/update.js';
import { attachments } from '../tenant/vifs.js';

/** The kinds of differences. docs/reconcile.md explains each kind and its repair. */
export const FINDING_KINDS = [
  'missing_port',
  'wrong_host',
  'wrong_profile',
  'wrong_mac',
  'binding_failed',
  'not_active',
  'stray_port',
  'stray_binding',
  'two_networks',
] as const;
export type FindingKind = (typeof FINDING_KINDS)[number];

/** What a comparison needs besides the node and its ports. */
export interface ComparisonRules extends Pick<Shared, 'wired'> {
  /** The node's management networks: network type by network id. */
  readonly networks: ReadonlyMap<string, ManagementNetworkType>;
  /** Whether bindings of the node were never on record: it may have been in use before it came to us. */
  readonly unknown: boolean;
}

type Ports = ReadonlyMap<string, NeutronPort>;

/**
 * Returns the differences between a node's record and Neutron. The state at the time of recording is the reference: a
 * port that was not bound or not ACTIVE then need not be so now.
 *
 * @param ports the ports that concern the node, by id; other ports do no harm
 */
export function compareNode(node: NodeRecord, ports: Ports, rules: ComparisonRules): Finding[] {
  const findings = [
    ...onRecord(node).flatMap((binding) => compareBinding(binding, ports.get(binding.neutron_port_id), rules)),
    ...unrecorded(node, ports).flatMap((port) => strayOf(port, node, rules)),
  ];
  return [...findings, ...bothNetworks(findings, node, ports, rules)];
}

/** Whether some port may be a stray port of ours. Only then must the management networks be known. */
export function hasUnrecordedPort(node: NodeRecord, ports: Ports, wired: boolean): boolean {
  return unrecorded(node, ports).some((port) => isOurs(port, { context: node, wired }));
}

/** Whether a port has anything to do with the node. */
export function concerns(port: NeutronPort, { task, recorded }: NodeRecord): boolean {
  const { uuid, instance_uuid: instance } = task.node;
  return (
    port['binding:host_id'] === uuid ||
    port.device_id === uuid ||
    (instance !== null && port.device_id === instance) ||
    recorded.some((binding) => binding.neutron_port_id === port.id) ||
    attachedVifs(task).some(({ id }) => id === port.id)
  );
}

/**
 * Recorded bindings, each port once: under flat, and if two types use one network, a port is recorded several times.
 */
function onRecord({ recorded }: NodeRecord): RecordedBinding[] {
  const ids = recorded.map((binding) => binding.neutron_port_id);
  return recorded.filter((binding, index) => ids.indexOf(binding.neutron_port_id) === index);
}

function unrecorded(node: NodeRecord, ports: Ports): NeutronPort[] {
  const known = new Set(node.recorded.map((binding) => binding.neutron_port_id));
  return [...ports.values()].filter((port) => !known.has(port.id) && concerns(port, node));
}

function compareBinding(
  binding: RecordedBinding,
  port: NeutronPort | undefined,
  { wired }: ComparisonRules,
): Finding[] {
  const type = binding.network_type;
  const what = `Neutron port ${binding.neutron_port_id}, on record on the ${type} network`;
  const found = (kind: FindingKind, reason: string): Finding =>
    finding(kind, type, binding.neutron_port_id, binding, reason);
  if (port === undefined) return [found('missing_port', `${what}, does not exist in Neutron`)];

  const findings: Finding[] = [];
  const mac = port.mac_address.toLowerCase();
  if (mac !== binding.mac_address.toLowerCase()) {
    findings.push(found('wrong_mac', `${what}, has MAC address ${mac}, not ${binding.mac_address}`));
  }
  const host = port['binding:host_id'];
  if (host !== binding.host_id) {
    const where = host === '' ? 'is bound to no host' : `has host ${host}`;
    return [...findings, found('wrong_host', `${what}, ${where}; it should have host ${binding.host_id}`)];
  }
  // Under flat the profile configures no switch, and a tenant's port keeps the profile that its owner gave it.
  if (wired || makesPorts(type, { wired })) {
    const wrong = differingKeys(port['binding:profile'], binding.profile);
    const keys = wrong.join(', ');
    if (wrong.length > 0) findings.push(found('wrong_profile', `${what}, has another ${keys} in binding:profile`));
  }
  return [...findings, ...compareState(binding, port, (kind, reason) => found(kind, `${what}, ${reason}`))];
}

function compareState(
  binding: RecordedBinding,
  port: NeutronPort,
  found: (kind: FindingKind, reason: string) => Finding,
): Finding[] {
  const wasBound = isBound({ 'binding:vif_type': binding.vif_type });
  if (wasBound && !isBound(port)) {
    const state = `vif_type ${port['binding:vif_type']}`;
    return [found('binding_failed', `is no longer bound (${state}): check that a mechanism driver serves its host`)];
  }
  if (!wasBound || binding.status !== 'ACTIVE' || port.status === 'ACTIVE') return [];
  const why = port.admin_state_up
    ? 'check that the agent or the mechanism driver of its host is alive'
    : 'its admin_state_up is false';
  return [found('not_active', `has status ${port.status}, not ACTIVE: ${why}`)];
}

function differingKeys(has: object, wanted: object): string[] {
  const [own, other] = [cabling(has), cabling(wanted)];
  return Object.keys(other).filter((key) => !isDeepStrictEqual(own[key], other[key]));
}

/** The findings about a port that is not on record: none, a stray port of ours, or a stray binding. */
function strayOf(port: NeutronPort, node: NodeRecord, rules: ComparisonRules): Finding[] {
  const { uuid } = node.task.node;
  if (isOurs(port, { context: node, wired: rules.wired })) {
    const type = rules.networks.get(port.network_id) ?? null;
    if (type === null && port['binding:host_id'] !== uuid) return [];
    const where = type === null ? `network ${port.network_id}` : `the ${type} network`;
    const reason = `${describe(port)} is on ${where}; it was made for node ${uuid}, but it is not on record`;
    return [finding('stray_port', type, port.id, refOf(port, node), reason)];
  }
  if (!isPlugged(port, node, rules)) return [];
  const attached = attachments(node.task).find(({ vif }) => vif === port.id);
  const state = attached === undefined ? 'not attached to it, and not on record' : 'not on record as bound';
  const reason = `${describe(port)} is bound to host ${port['binding:host_id']}, which is node ${uuid}, but it is ${state}`;
  return [finding('stray_binding', 'tenant', port.id, attached?.ref ?? refOf(port, node), reason)];
}

/**
 * Whether a port that is not ours is plugged into the node. A port that only names the node as its host is not plugged
 * in: a VIF may have such a host because an older Nova attached it, or because Neutron gives it addresses only on a
 * host. Ports of a node that was in use before it came to us count as correct.
 */
function isPlugged(port: NeutronPort, { task, recorded }: NodeRecord, { wired, unknown }: ComparisonRules): boolean {
  const { uuid, provision_state: state } = task.node;
  if (unknown && recorded.length === 0 && state === ACTIVE) return false;
  const smart = attachments(task).find(({ vif }) => vif === port.id)?.smartNicHost ?? uuid;
  const host = port['binding:host_id'];
  if (host === '' || ![uuid, smart].includes(host)) return false;
  if (!wired) return port.ip_allocation !== 'deferred';
  const { local_link_information: links } = port['binding:profile'];
  return Array.isArray(links) && links.length > 0;
}

/** Reports a wired node that is on a management network and on a tenant network at the same time. */
function bothNetworks(findings: readonly Finding[], node: NodeRecord, ports: Ports, rules: ComparisonRules): Finding[] {
  if (!rules.wired) return [];
  const strays = findings.flatMap(({ kind, neutron_port_id: id }) => {
    if (kind !== 'stray_port' && kind !== 'stray_binding') return [];
    return [{ id, management: kind === 'stray_port' }];
  });
  const recorded = onRecord(node).map((binding) => ({
    id: binding.neutron_port_id,
    management: isManagementNetworkType(binding.network_type),
  }));
  const bound = [...recorded, ...strays].filter(({ id }) => (ports.get(id)?.['binding:host_id'] ?? '') !== '');
  const management = bound.find((one) => one.management)?.id;
  const tenant = bound.find((one) => !one.management)?.id;
  const port = ports.get(tenant ?? '');
  if (management === undefined || port === undefined) return [];
  const reason =
    `node ${node.task.node.uuid} is on a management network (Neutron port ${management}) and on a tenant network ` +
    `(Neutron port ${port.id}) at once`;
  return [finding('two_networks', null, port.id, refOf(port, node), reason)];
}

function finding(
  kind: FindingKind,
  network_type: NetworkType | null,
  neutron_port_id: string,
  { port_uuid, portgroup_uuid }: PortLikeRef,
  reason: string,
): Finding {
  return { kind, network_type, neutron_port_id, port_uuid, portgroup_uuid, reason, repaired: false };
}
