import { randomUUID } from 'node:crypto';

import type { DataSource } from 'typeorm';

import { isIronicError } from '../contract/errors.js';
import type { RecordedBinding, Vif } from '../contract/types.js';
import { attachedVifs } from '../contract/vifs.js';
import { inTransaction } from '../inventory/lock.js';
import type { NeutronClient } from '../neutron/client.js';
import type { NeutronPort } from '../neutron/resources.js';
import {
  type AdoptedNode,
  loadRecords,
  type NodeScope,
  type NodeWithTask,
  recordOf,
  type RunningOperation,
  runningOperations,
  saveAdopted,
} from '../state/index.js';
import { type IronicReader, nodesInIronic } from './nodes-in-ironic.js';
import { type AdoptionRules, neutronPortsOf, type NodeInIronic, planOf, taskOf, type Verdict } from './plan.js';

/** Nodes that are read from the database and from Neutron, and stored, together. */
const GROUP = 100;
/** Number of ports on one page of Neutron's list. */
const PAGE = '1000';

export interface AdoptionParts {
  dataSource: DataSource;
  ironic: IronicReader;
  neutron: Pick<NeutronClient, 'listPorts'>;
  rules: AdoptionRules;
  /** Whether the records are stored. False: nothing is changed. */
  store: boolean;
  /** Called after every page of nodes. */
  onProgress?: (done: number) => void;
}

/** The outcome for one node. A node that keeps its record, or is on no network, has none: it is only counted. */
export interface AdoptionOutcome {
  node: string;
  name: string | null;
  /** The node's conductor in Ironic. */
  host: string | null;
  network_interface: string | null;
  /**
   * pending: it can be adopted. adopted: it is on record now. skipped: something is under way; it can be adopted later.
   * refused: somebody has to look at it.
   */
  outcome: 'pending' | 'adopted' | 'skipped' | 'refused';
  /** Why it was skipped or refused. */
  reason: string | null;
  network_provider: string | null;
  bindings: Pick<RecordedBinding, 'network_type' | 'neutron_port_id' | 'port_uuid' | 'portgroup_uuid'>[];
  vifs: Vif[];
  /** What Ironic notes, and Neutron does not have. */
  warnings: string[];
}

export interface AdoptionReport {
  /** How many nodes were looked at. */
  nodes: number;
  /** How many of them are on record as they are. */
  same: number;
  /** How many are on no network, and so not recorded. */
  nowhere: number;
  /** The operation_id of the new bindings. No operation made them. */
  adoption: string;
  outcomes: AdoptionOutcome[];
}

/**
 * Puts on record where another network interface of Ironic has put nodes, so that our workers remove what that one made.
 * It changes nothing in Ironic and Neutron. A second run finds everything on record, so a run that was broken off can be
 * run again.
 *
 * @throws OpenStackError when Ironic or Neutron cannot be read, and the database's errors
 */
export async function adoptNodes(scope: NodeScope, parts: AdoptionParts): Promise<AdoptionReport> {
  const report: AdoptionReport = { nodes: 0, same: 0, nowhere: 0, adoption: `adopt-${randomUUID()}`, outcomes: [] };
  for await (const page of nodesInIronic(scope, parts.ironic)) {
    const groups = Array.from({ length: Math.ceil(page.length / GROUP) }, (_, index) =>
      page.slice(index * GROUP, (index + 1) * GROUP),
    );
    await Promise.all(groups.map((group) => adoptGroup(group, report, parts)));
    report.nodes += page.length;
    parts.onProgress?.(report.nodes);
  }
  return report;
}

/** A node of a group, and what is known of it. */
interface Candidate {
  inIronic: NodeInIronic;
  stored: NodeWithTask | null;
  verdict: Verdict;
}

async function adoptGroup(group: readonly NodeInIronic[], report: AdoptionReport, parts: AdoptionParts): Promise<void> {
  const { dataSource, neutron, rules } = parts;
  const uuids = group.map(({ node }) => node.uuid);
  // Read what is under way first: what ends before the records are read is in them.
  const running = await runningOperations(dataSource.manager, uuids);
  const records = await loadRecords(dataSource.manager, uuids);
  const storedOf = ({ node }: NodeInIronic): NodeWithTask | null => records.get(node.uuid) ?? null;
  const ids = group.flatMap((inIronic) => idsOf(inIronic, storedOf(inIronic)));
  const found = await neutron.listPorts({ id: [...new Set(ids)], limit: PAGE });
  const ports = new Map<string, NeutronPort>(found.map((port) => [port.id, port]));
  const candidates = group.map((inIronic): Candidate => {
    const stored = storedOf(inIronic);
    return { inIronic, stored, verdict: planOf(inIronic, ports, stored, rules) };
  });
  const free: Candidate[] = [];
  for (const candidate of candidates) {
    const { inIronic, stored, verdict } = candidate;
    const busy = verdict.kind === 'same' ? null : busyWith(inIronic, stored, running.get(inIronic.node.uuid));
    if (busy !== null) report.outcomes.push(outcomeOf(inIronic, 'skipped', busy));
    else if (verdict.kind === 'same' || verdict.kind === 'nowhere') report[verdict.kind]++;
    else if (verdict.kind === 'refused') report.outcomes.push(outcomeOf(inIronic, 'refused', verdict.reason));
    else free.push(candidate);
  }
  const stored = parts.store ? await store(free, report.adoption, parts) : null;
  report.outcomes.push(...free.map((candidate) => adoptedOutcome(candidate, stored)));
}

function idsOf(inIronic: NodeInIronic, stored: NodeWithTask | null): string[] {
  try {
    return neutronPortsOf(taskOf(inIronic), stored);
  } catch (error) {
    // The plan refuses the node, and says why.
    if (isIronicError(error)) return [];
    throw error;
  }
}

/** What is under way on a node, so that its record must not be changed now. Null: nothing. */
function busyWith(
  { node }: NodeInIronic,
  stored: NodeWithTask | null,
  running: RunningOperation | undefined,
): string | null {
  if (running !== undefined) return `operation ${running.id} (${running.method}) is under way`;
  if (node.reservation !== null) return `it is locked in Ironic, by ${node.reservation}`;
  if ((stored?.late ?? null) === null) return null;
  return 'requests of its last operation were not answered, and its worker has to look at it once more';
}

/** Stores the records. @returns the UUIDs of the nodes that had not changed meanwhile */
async function store(
  candidates: readonly Candidate[],
  adoption: string,
  { dataSource }: AdoptionParts,
): Promise<ReadonlySet<string>> {
  const nodes = candidates.flatMap(({ inIronic, stored, verdict }): AdoptedNode[] => {
    if (verdict.kind !== 'adopt') return [];
    const { task, provider, bindings } = verdict.adoption;
    return [
      {
        before: stored && { ...stored, task: null },
        after: recordOf(task, attachedVifs(task)),
        conductorHost: inIronic.node.conductor,
        bindings,
        networkProvider: provider,
      },
    ];
  });
  return new Set(await inTransaction(dataSource, (manager) => saveAdopted(manager, nodes, adoption)));
}

/** @param stored the nodes that were stored; null: nothing was to be stored */
function adoptedOutcome({ inIronic, verdict }: Candidate, stored: ReadonlySet<string> | null): AdoptionOutcome {
  if (stored !== null && !stored.has(inIronic.node.uuid)) {
    return outcomeOf(inIronic, 'skipped', 'its record changed meanwhile');
  }
  const outcome = outcomeOf(inIronic, stored === null ? 'pending' : 'adopted', null);
  if (verdict.kind !== 'adopt') return outcome;
  const { task, provider, bindings } = verdict.adoption;
  return {
    ...outcome,
    network_provider: provider,
    bindings: bindings.map(({ network_type, neutron_port_id, port_uuid, portgroup_uuid }) => {
      return { network_type, neutron_port_id, port_uuid, portgroup_uuid };
    }),
    vifs: attachedVifs(task),
    warnings: verdict.warnings,
  };
}

function outcomeOf(
  { node }: NodeInIronic,
  outcome: AdoptionOutcome['outcome'],
  reason: string | null,
): AdoptionOutcome {
  const { uuid, name, conductor: host, network_interface } = node;
  return {
    ...{ node: uuid, name, host, network_interface, outcome, reason },
    ...{ network_provider: null, bindings: [], vifs: [], warnings: [] },
  };
}
