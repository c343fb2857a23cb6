import type { OperationResult, PortBinding } from '../../src/contract/types.js';
import type { NeutronPort } from '../../src/neutron/resources.js';
import type { Evidence } from '../evidence.js';
import type { NetworkKind } from '../place/place.js';
import type { PlannedNode } from '../plan/types.js';
import { type Check, type Finding, groupBy, type Index } from './check.js';

const KINDS: readonly NetworkKind[] = ['cleaning', 'provisioning', 'tenant'];

/** A node's bindings according to its outcomes: those in the last outcome of each network type. */
function standingOf({ uuid }: PlannedNode, index: Index): (PortBinding & { type: string })[] {
  const last = new Map<string, OperationResult>();
  for (const cast of index.castsOf.get(uuid) ?? []) {
    const result = index.rowOf(cast)?.result;
    if (result?.network_type != null) last.set(result.network_type, result);
  }
  return [...last].flatMap(([type, { bindings }]) => bindings.map((binding) => ({ ...binding, type })));
}

function neutronNodes({ plan }: Evidence): PlannedNode[] {
  return plan.nodes.filter(({ provider }) => provider === 'neutron');
}

/**
 * The ports that Neutron has bound to a node are exactly those of its outcomes: ACTIVE, with the right host, MAC and
 * network.
 */
export const portsAreOutcomes: Check = (evidence, index) => {
  const byId = new Map(evidence.ports.map((port) => [port.id, port]));
  return neutronNodes(evidence).flatMap((node) => {
    const wanted = standingOf(node, index);
    const ids = new Set(wanted.map(({ neutron_port_id: id }) => id));
    const findings = wanted.flatMap((binding) =>
      problemsOf(binding, byId.get(binding.neutron_port_id), node, evidence),
    );
    for (const port of evidence.ports) {
      if (port['binding:host_id'] === node.uuid && !ids.has(port.id)) {
        findings.push(`Neutron has port ${port.id} bound to the node, of which no outcome says that it stands`);
      }
    }
    return findings.map((detail) => ({ node: node.uuid, detail }));
  });
};

function problemsOf(
  { neutron_port_id: id, port_uuid: nicUuid, type }: PortBinding & { type: string },
  port: NeutronPort | undefined,
  node: PlannedNode,
  { networks }: Evidence,
): string[] {
  if (port === undefined) return [`port ${id} (${type}) stands by the outcomes, and Neutron does not have it`];
  const nic = node.nics.find(({ uuid }) => uuid === nicUuid);
  const { status, mac_address: mac, network_id: network, 'binding:host_id': host } = port;
  const wanted: [string, string, string][] = [
    ['status', status, 'ACTIVE'],
    ['binding:host_id', host, node.uuid],
    ['mac_address', mac.toLowerCase(), nic?.address ?? 'that of a NIC of the node'],
    ['network_id', network, networks[type as NetworkKind]],
  ];
  return wanted.flatMap(([name, is, must]) =>
    is === must ? [] : [`port ${id} (${type}): ${name} is ${is}, must be ${must}`],
  );
}

/**
 * There are no stray ports: a management network has only ports of the outcomes, and the tenant's network has only the
 * tenant's own ports. A tenant's port that is not bound does not keep the MAC address of a NIC.
 */
export const noStrayPorts: Check = (evidence, index) => {
  const { ports, networks, vifs } = evidence;
  const known = new Set(
    neutronNodes(evidence).flatMap((node) => standingOf(node, index).map((own) => own.neutron_port_id)),
  );
  const tenants = new Set(vifs.values());
  const owners = new Map([...index.nodes.values()].flatMap(({ uuid, nics }) => nics.map((nic) => [nic.address, uuid])));
  const findings: Finding[] = [];
  for (const port of ports) {
    if (known.has(port.id)) continue;
    const kind = KINDS.find((one) => networks[one] === port.network_id) ?? 'unknown';
    const mac = port.mac_address.toLowerCase();
    const node = owners.get(mac) ?? (index.nodes.has(port.device_id) ? port.device_id : null);
    if (!tenants.has(port.id))
      findings.push({ node, detail: `port ${port.id} on the ${kind} network is stray (MAC ${mac})` });
    else if (owners.has(mac))
      findings.push({ node, detail: `the tenant's port ${port.id} is not bound and keeps NIC ${mac}` });
  }
  for (const id of tenants) {
    if (!ports.some((port) => port.id === id)) findings.push({ node: null, detail: `the tenant's port ${id} is gone` });
  }
  return findings;
};

/** In Neutron, no node is on two kinds of networks at the same time. */
export const oneKindOfNetwork: Check = (evidence) => {
  const { ports, networks } = evidence;
  const bound = groupBy(ports, (port) => port['binding:host_id']);
  return neutronNodes(evidence).flatMap(({ uuid }) => {
    const own = bound.get(uuid) ?? [];
    const kinds = KINDS.filter((kind) => own.some((port) => port.network_id === networks[kind]));
    return kinds.length < 2
      ? []
      : [{ node: uuid, detail: `the node is on networks of two kinds: ${kinds.join(', ')}` }];
  });
};

/** The recorded bindings are those of the outcomes. */
export const bindingsAreOutcomes: Check = (evidence, index) =>
  [...index.nodes.values()].flatMap((node) => {
    const name = (type: string, id: string): string => `${type} ${id}`;
    const wanted = new Set(standingOf(node, index).map(({ type, neutron_port_id: id }) => name(type, id)));
    const rows = evidence.bindings.filter((row) => row.node_uuid === node.uuid);
    const recorded = new Set(rows.map((row) => name(row.network_type, row.neutron_port_id)));
    const missing = [...wanted].filter((one) => !recorded.has(one)).map((one) => `${one} stands and is not recorded`);
    const extra = [...recorded].filter((one) => !wanted.has(one)).map((one) => `${one} is recorded and does not stand`);
    return [...missing, ...extra].map((detail) => ({ node: node.uuid, detail }));
  });
