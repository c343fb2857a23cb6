import type { EntityManager } from 'typeorm';

import { METHOD_NAMES, type NetworkType, onlyAsks } from '../contract/methods.js';
import { type OperationSummary, readSummary, SUMMARY } from './operation-queries.js';
import { Conditions, readBoolean, type Row } from './rows.js';

/** Selects nodes: all that are set must match. */
export interface WhereaboutsFilter {
  /** UUIDs of nodes. An empty list matches no node. */
  nodes?: readonly string[] | undefined;
  /** The project that owns or leases the nodes. */
  project?: string | undefined;
}

/** A node, the networks on which it is, and the last operation that changed something about it. */
export interface NodeWhereabouts {
  node_uuid: string;
  name: string | null;
  network_provider: string | null;
  conductor: string | null;
  provision_state: string | null;
  owner: string | null;
  lessee: string | null;
  /** Null: the node is on no network. */
  network_type: NetworkType | null;
  /** UUIDs of the networks, that of the oldest binding first. */
  network_ids: string[];
  /** When the oldest of its bindings was made. Null: the node has none. */
  since: Date | null;
  /** The newest operation that is there to change something, rather than to ask. Null: none is on record. */
  latest: OperationSummary | null;
  /**
   * Whether Neutron differed from the record when they were last compared. Null: they were not compared since the last
   * change.
   */
  differs: boolean | null;
  /** When that was found. Null: it does not differ. */
  differs_at: Date | null;
}

/** What was found when a node was compared with Neutron, and when. */
interface Comparison {
  differs: boolean | null;
  at: Date;
}

const CHANGES = METHOD_NAMES.filter((name) => !onlyAsks(name));

/** SQL of the newest operation of node n with certain methods. It reads the index of a node's operations, from its end. */
const NEWEST = `SELECT seq FROM operations o WHERE o.node_uuid = n.uuid AND o.method IN (?)
  ORDER BY o.started_at DESC, o.seq DESC LIMIT 1`;

/**
 * Reads a page of nodes with their whereabouts, in the order of their UUIDs.
 *
 * @param page at most `limit` nodes, after the one with the UUID `marker`; null: from the first on
 * @throws the database's errors
 */
export async function listWhereabouts(
  manager: EntityManager,
  { nodes, project }: WhereaboutsFilter,
  { marker, limit }: { marker: string | null; limit: number },
): Promise<NodeWhereabouts[]> {
  const conditions = new Conditions();
  conditions.among('n.uuid', nodes);
  if (project !== undefined) conditions.add('(n.owner = ? OR n.lessee = ?)', project, project);
  if (marker !== null) conditions.add('n.uuid > ?', marker);
  const rows = await manager.query<Row[]>(
    `SELECT n.uuid, n.name, n.network_provider, n.conductor_host, n.provision_state, n.owner, n.lessee,
       (${NEWEST}) AS latest, (${NEWEST}) AS compared, c.differs, c.compared_at
     FROM nodes n LEFT JOIN node_comparisons c ON c.node_uuid = n.uuid WHERE ${conditions.where} ORDER BY n.uuid LIMIT ?`,
    [CHANGES, ['reconcile'], ...conditions.values, limit],
  );
  const [latest, compared, bindings] = await Promise.all([
    summariesOf(manager, numbersIn(rows, 'latest')),
    comparisonsOf(manager, numbersIn(rows, 'compared')),
    bindingsOf(
      manager,
      rows.map((row) => row['uuid'] as string),
    ),
  ]);
  return rows.map((row) => ({
    node_uuid: row['uuid'] as string,
    name: row['name'] as string | null,
    network_provider: row['network_provider'] as string | null,
    conductor: row['conductor_host'] as string | null,
    provision_state: row['provision_state'] as string | null,
    owner: row['owner'] as string | null,
    lessee: row['lessee'] as string | null,
    ...placeOf(bindings.get(row['uuid'] as string) ?? []),
    latest: latest.get(Number(row['latest'])) ?? null,
    ...differenceOf(
      row['compared_at'] === null ? null : { differs: readBoolean(row['differs']), at: row['compared_at'] as Date },
      compared.get(Number(row['compared'])),
      latest.get(Number(row['latest'])),
    ),
  }));
}

function numbersIn(rows: readonly Row[], column: string): number[] {
  return rows.flatMap((row) => (row[column] === null ? [] : [Number(row[column])]));
}

async function summariesOf(manager: EntityManager, seqs: readonly number[]): Promise<Map<number, OperationSummary>> {
  if (seqs.length === 0) return new Map();
  const rows = await manager.query<Row[]>(`SELECT ${SUMMARY}, seq FROM operations o WHERE seq IN (?)`, [seqs]);
  return new Map(rows.map((row) => [Number(row['seq']), readSummary(row)]));
}

/** What workers found. A comparison without a result says nothing. */
async function comparisonsOf(manager: EntityManager, seqs: readonly number[]): Promise<Map<number, Comparison>> {
  if (seqs.length === 0) return new Map();
  const rows = await manager.query<Row[]>(
    `SELECT seq, finished_at, JSON_CONTAINS(result, '{"repaired": false}', '$.findings') AS differs
     FROM operations WHERE status = 'succeeded' AND seq IN (?)`,
    [seqs],
  );
  return new Map(
    rows.map((row) => [Number(row['seq']), { differs: readBoolean(row['differs']), at: row['finished_at'] as Date }]),
  );
}

/**
 * Whether Neutron differs from the record: what was found last, by a worker that may have repaired it, or by a
 * comparison that changes nothing. What was found before the last change says nothing of now.
 *
 * @param noted by a comparison that changes nothing; null: by none
 */
function differenceOf(
  noted: Comparison | null,
  compared: Comparison | undefined,
  latest: OperationSummary | undefined,
): Pick<NodeWhereabouts, 'differs' | 'differs_at'> {
  const found = noted !== null && (compared === undefined || noted.at > compared.at) ? noted : compared;
  const ended = latest?.finished_at ?? null;
  if (found === undefined || (ended !== null && ended > found.at)) return { differs: null, differs_at: null };
  return { differs: found.differs, differs_at: found.differs === true ? found.at : null };
}

async function bindingsOf(manager: EntityManager, nodes: readonly string[]): Promise<Map<string, Row[]>> {
  const found = new Map<string, Row[]>();
  if (nodes.length === 0) return found;
  const rows = await manager.query<Row[]>(
    'SELECT node_uuid, network_type, network_id, bound_at FROM port_bindings WHERE node_uuid IN (?) ORDER BY id',
    [nodes],
  );
  for (const row of rows) {
    const node = row['node_uuid'] as string;
    const others = found.get(node);
    if (others === undefined) found.set(node, [row]);
    else others.push(row);
  }
  return found;
}

function placeOf(bindings: readonly Row[]): Pick<NodeWhereabouts, 'network_type' | 'network_ids' | 'since'> {
  const [first] = bindings;
  return {
    network_type: (first?.['network_type'] ?? null) as NetworkType | null,
    network_ids: [...new Set(bindings.map((row) => row['network_id'] as string))],
    since: (first?.['bound_at'] ?? null) as Date | null,
  };
}
