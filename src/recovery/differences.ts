import type { DataSource } from 'typeorm';

import { pause } from '../async/pause.js';
import { isIronicError } from '../contract/errors.js';
import type { Finding } from '../contract/types.js';
import type { NetworkProvider } from '../providers/provider.js';
import {
  activityOf,
  countNodes,
  databaseTime,
  loadRecords,
  type NodeScope,
  nodesFoundToDiffer,
  type NodeWithTask,
  noteComparisons,
  pageOfNodes,
} from '../state/index.js';
import { type Providers, recordedOf } from '../worker/provider-choice.js';

/** A node whose record differs from what it really has in Neutron. */
export interface NodeDifference {
  node: string;
  /** The conductor host whose worker has to repair the node; null: any worker. */
  host: string | null;
  findings: Finding[];
  /** Whether operations of the node ran at every look: the differences may come from a move under way. */
  moving: boolean;
}

/** The progress of a comparison. */
export interface Compared {
  /** How many nodes are in the scope. */
  nodes: number;
  /** How many of them have been looked at so far. */
  done: number;
  /** How many of these have a network provider that cannot compare. */
  notCompared: number;
}

export interface ComparisonParts {
  dataSource: DataSource;
  providers: Pick<Providers, 'get'>;
  defaultNetworkProvider: string;
  signal: AbortSignal;
  /** Called after every step of GROUP * GROUPS nodes. */
  onProgress?: (compared: Compared) => void;
}

/** Nodes whose ports are requested together, so that the query of the request is short enough for every server. */
const GROUP = 100;
/** Groups that are compared at the same time. */
const GROUPS = 4;
/** Most looks at a node that has running operations, and milliseconds between two looks. */
const LOOKS = 5;
const PAUSE = 1000;

/**
 * Compares the records of many nodes with what the nodes really have in Neutron, group by group. Changes nothing.
 *
 * The record is read first, so a node that is being moved may differ for a moment. A node that differs is looked at
 * again until none of its operations ran during a look, at most LOOKS times.
 *
 * @throws the database's errors, and the error of a provider whose comparison fails
 */
export async function* differences(scope: NodeScope, parts: ComparisonParts): AsyncGenerator<NodeDifference[]> {
  const { manager } = parts.dataSource;
  const compared: Compared = { nodes: await countNodes(manager, scope), done: 0, notCompared: 0 };
  let after = '';
  for (;;) {
    const uuids = await pageOfNodes(manager, scope, after, GROUP * GROUPS);
    const last = uuids.at(-1);
    if (last === undefined) return;
    after = last;
    const groups = Array.from({ length: Math.ceil(uuids.length / GROUP) }, (_, index) =>
      uuids.slice(index * GROUP, (index + 1) * GROUP),
    );
    const looks = await Promise.all(groups.map((group) => settledLook(group, parts)));
    compared.done += uuids.length;
    compared.notCompared += looks.reduce((sum, { notCompared }) => sum + notCompared, 0);
    yield looks.flatMap(({ different }) => different);
    parts.onProgress?.({ ...compared, nodes: Math.max(compared.nodes, compared.done) });
  }
}

/**
 * Compares nodes as `differences` does, and notes in the database which of them differ, for all who look at the nodes.
 * When all nodes of the scope were compared, it notes of those that were found to differ before that they do not any more.
 * A node that is being moved is not noted: its differences may disappear by themselves.
 *
 * @throws what `differences` throws
 */
export async function* notedDifferences(scope: NodeScope, parts: ComparisonParts): AsyncGenerator<NodeDifference[]> {
  const { manager } = parts.dataSource;
  const begun = await databaseTime(manager, 0);
  // The time before the look: a change that ends after it makes the finding outdated.
  let before = begun;
  for await (const group of differences(scope, parts)) {
    const settled = group.filter(({ moving }) => !moving);
    await noteComparisons(
      manager,
      settled.map(({ node }) => node),
      true,
      before,
    );
    yield group;
    before = await databaseTime(manager, 0);
  }
  // Of those that differ now, a newer finding is noted.
  await noteComparisons(manager, await nodesFoundToDiffer(manager, scope, begun), false, begun);
}

/** The result of one look at a group of nodes. */
interface Look {
  different: NodeDifference[];
  /** How many nodes have a provider that cannot compare. */
  notCompared: number;
}

/** Looks at the nodes, and looks again at the nodes that differ while they are being moved. */
async function settledLook(uuids: string[], parts: ComparisonParts): Promise<Look> {
  let look = await lookAt(uuids, parts);
  const { notCompared } = look;
  const settled: NodeDifference[] = [];
  for (let looks = 1; ; looks++) {
    settled.push(...look.different.filter(({ moving }) => !moving || looks === LOOKS));
    const moving = look.different.flatMap(({ node, moving: still }) => (still ? [node] : []));
    if (moving.length === 0 || looks === LOOKS) return { different: settled, notCompared };
    await pause(PAUSE, parts.signal);
    parts.signal.throwIfAborted();
    look = await lookAt(moving, parts);
  }
}

async function lookAt(uuids: string[], parts: ComparisonParts): Promise<Look> {
  const { manager } = parts.dataSource;
  const before = await activityOf(manager, uuids);
  const records = await loadRecords(manager, uuids);
  const found = new Map<string, Finding[]>();
  let notCompared = 0;
  for (const [name, nodes] of byProvider(records, parts.defaultNetworkProvider)) {
    const provider = await parts.providers.get(name).catch(nullWhereUnknown);
    if (provider?.compare === undefined) notCompared += nodes.length;
    else await compare(provider, nodes, parts, found);
  }
  const after = await activityOf(manager, [...found.keys()]);
  const different = [...found].map(([node, findings]) => {
    const [was, is] = [before.get(node), after.get(node)];
    const moving = was?.operations !== is?.operations || (was?.running ?? 0) + (is?.running ?? 0) > 0;
    return { node, host: records.get(node)?.conductorHost ?? null, findings, moving };
  });
  return { different, notCompared };
}

/** Returns null if the provider is not available here: a comparison does not need the plug-ins of all nodes. */
function nullWhereUnknown(error: unknown): null {
  if (isIronicError(error)) return null;
  throw error;
}

async function compare(
  provider: NetworkProvider,
  nodes: readonly NodeWithTask[],
  { signal }: ComparisonParts,
  found: Map<string, Finding[]>,
): Promise<void> {
  const records = nodes.map((node) => ({ task: node.task, recorded: recordedOf(node) }));
  const findings = (await provider.compare?.(records, { signal, requestId: null })) ?? [];
  for (const [index, { task }] of nodes.entries()) {
    const own = findings[index] ?? [];
    if (own.length > 0) found.set(task.node.uuid, own);
  }
}

function byProvider(records: ReadonlyMap<string, NodeWithTask>, fallback: string): Map<string, NodeWithTask[]> {
  const groups = new Map<string, NodeWithTask[]>();
  for (const node of records.values()) {
    const name = node.networkProvider ?? fallback;
    groups.set(name, [...(groups.get(name) ?? []), node]);
  }
  return groups;
}
