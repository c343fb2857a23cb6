import type { DataSource } from 'typeorm';

import { isIronicError } from '../contract/errors.js';
import type { Finding } from '../contract/types.js';
import { attachedVifs } from '../contract/vifs.js';
import type { NeutronClient } from '../neutron/client.js';
import { loadRecords, type NodeScope, type NodeWithTask, pageOfNodes, runningOperations } from '../state/index.js';
import { type IronicReader, nodesInIronic } from './nodes-in-ironic.js';
import { neutronPortsOf, type NodeInIronic, OURS, taskOf } from './plan.js';
import { sidesOf } from './sides.js';

/** Nodes that are read from the database and from Neutron together. */
const GROUP = 100;
/** Number of ports on one page of Neutron's list. */
const PAGE = '1000';

export interface SideParts {
  dataSource: DataSource;
  ironic: IronicReader;
  neutron: Pick<NeutronClient, 'listPorts'>;
}

/** The comparison of nodes with Ironic. */
export interface SideReport {
  /** How many nodes on record were compared with Ironic. */
  compared: number;
  /** Findings by node. */
  findings: Map<string, { host: string | null; findings: Finding[] }>;
}

/** A node that differs, from Neutron or from Ironic. */
interface Different {
  node: string;
  host: string | null;
  findings: Finding[];
}

/**
 * Adds what differs from Ironic to what differs from Neutron.
 *
 * @param different the nodes that differ so far; more are added
 * @param added makes an entry for a node that differs only from Ironic
 */
export function addSides<Entry extends Different>(
  different: Entry[],
  { findings: sides }: SideReport,
  added: (node: Different) => Entry,
): void {
  const known = new Map(different.map((entry) => [entry.node, entry]));
  for (const [node, { host, findings }] of sides) {
    const entry = known.get(node);
    if (entry === undefined) different.push(added({ node, host, findings }));
    else entry.findings = [...entry.findings, ...findings];
  }
}

/**
 * Compares nodes on record with Ironic's notes and with Neutron, and says which side differs. Changes nothing.
 *
 * Only nodes that have the interface netprov are compared, and those that Ironic does not have: others are moved by
 * another interface, and `netprov adopt` corrects their records. Nodes that are being moved are left out.
 *
 * @throws OpenStackError when Ironic or Neutron cannot be read, and the database's errors
 */
export async function compareSides(scope: NodeScope, parts: SideParts): Promise<SideReport> {
  const report: SideReport = { compared: 0, findings: new Map() };
  const { nodes } = scope;
  const inIronic = new Map<string, NodeInIronic>();
  // A node may have another conductor in Ironic than on record, so the scope's hosts do not narrow what is read there.
  for await (const page of nodesInIronic(nodes === undefined ? {} : { nodes }, parts.ironic)) {
    for (const one of page) inIronic.set(one.node.uuid, one);
  }
  let after = '';
  for (;;) {
    const uuids = await pageOfNodes(parts.dataSource.manager, scope, after, GROUP);
    const last = uuids.at(-1);
    if (last === undefined) return report;
    after = last;
    await compareGroup(uuids, inIronic, report, parts);
  }
}

async function compareGroup(
  uuids: readonly string[],
  inIronic: ReadonlyMap<string, NodeInIronic>,
  report: SideReport,
  parts: SideParts,
): Promise<void> {
  const first = await look(uuids, inIronic, parts);
  report.compared += first.compared;
  // What differs may have been moved between the three answers. It is read again, Ironic last.
  const again = new Map<string, NodeInIronic>();
  const different = [...first.findings.keys()];
  for await (const page of nodesInIronic({ nodes: different }, parts.ironic)) {
    for (const one of page) again.set(one.node.uuid, one);
  }
  const second = await look(different, again, parts);
  for (const [uuid, found] of second.findings) report.findings.set(uuid, found);
}

async function look(
  uuids: readonly string[],
  inIronic: ReadonlyMap<string, NodeInIronic>,
  { dataSource, neutron }: SideParts,
): Promise<SideReport> {
  const report: SideReport = { compared: 0, findings: new Map() };
  if (uuids.length === 0) return report;
  const running = await runningOperations(dataSource.manager, uuids);
  const records = await loadRecords(dataSource.manager, [...uuids]);
  const compared = [...records].filter(([uuid]) => isComparable(inIronic.get(uuid)) && !running.has(uuid));
  const ids = compared.flatMap(([uuid, stored]) => idsOf(inIronic.get(uuid), stored));
  const found = await neutron.listPorts({ id: [...new Set(ids)], limit: PAGE });
  const ports = new Map(found.map((port) => [port.id, port]));
  for (const [uuid, stored] of compared) {
    const findings = findingsOf(inIronic.get(uuid) ?? null, stored, ports);
    report.compared++;
    if (findings.length > 0) report.findings.set(uuid, { host: stored.conductorHost, findings });
  }
  return report;
}

/** Whether it can be compared now. A node that Ironic does not have can. */
function isComparable(inIronic: NodeInIronic | undefined): boolean {
  if (inIronic === undefined) return true;
  const { network_interface, reservation } = inIronic.node;
  return network_interface === OURS && reservation === null;
}

function idsOf(inIronic: NodeInIronic | undefined, stored: NodeWithTask): string[] {
  const attached = [...attachedVifs(stored.task), ...stored.vifs].map(({ id }) => id);
  try {
    return [...attached, ...neutronPortsOf(inIronic === undefined ? stored.task : taskOf(inIronic), stored)];
  } catch (error) {
    if (isIronicError(error)) return [];
    throw error;
  }
}

function findingsOf(...[inIronic, stored, ports]: Parameters<typeof sidesOf>): Finding[] {
  try {
    return sidesOf(inIronic, stored, ports);
  } catch (error) {
    // Ironic describes the node in a way that no task can have. `netprov adopt` says what is wrong with it.
    if (isIronicError(error)) return [];
    throw error;
  }
}
