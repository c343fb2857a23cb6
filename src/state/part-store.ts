import { format } from 'mysql2';
import type { EntityManager } from 'typeorm';

import { FIELDS } from '../contract/fields.js';
import type { Port, Portgroup, Task } from '../contract/types.js';
import { type Columns, insertOrUpdateStatements, messageColumns, type Row } from './rows.js';
import { KEPT } from './task-record.js';

/** SQL that keeps the operators' own keys in extra: a task replaces only the keys that tasks have. */
const OTHER_EXTRA_STAYS = `JSON_MERGE_PATCH(JSON_REMOVE(extra, ${KEPT.extra.map((key) => `'$."${key}"'`).join(', ')}), VALUES(extra))`;

const PORT_COLUMNS: Columns<keyof Port | 'node_uuid'> = {
  ...messageColumns(FIELDS.port),
  node_uuid: 'new',
  extra: { sql: OTHER_EXTRA_STAYS },
};

const PORTGROUP_COLUMNS: Columns<keyof Portgroup | 'node_uuid'> = {
  ...messageColumns(FIELDS.portgroup),
  node_uuid: 'new',
  extra: { sql: OTHER_EXTRA_STAYS },
};

const COLUMNS: Readonly<Record<keyof PartPlaces, Columns<string>>> = {
  ports: PORT_COLUMNS,
  portgroups: PORTGROUP_COLUMNS,
};

/** A part on record, and the node to which it belongs there. */
interface Place {
  uuid: string;
  node: string;
}

/** The parts on record that tasks may change: those of their nodes, and those that they name. */
export type PartPlaces = Record<'ports' | 'portgroups', readonly Place[]>;

/** The tables of parts, in the order in which they are written. */
const TABLES = ['portgroups', 'ports'] as const;

/** Reads which parts of tasks are on record, and all other parts of their nodes. @throws the database's errors */
export async function loadPlaces(manager: EntityManager, tasks: readonly Task[]): Promise<PartPlaces> {
  return readPlaces(await Promise.all(placeStatements(tasks).map((statement) => manager.query<Row[]>(statement))));
}

/** The statements of loadPlaces. None if there are no tasks. */
export function placeStatements(tasks: readonly Task[]): string[] {
  if (tasks.length === 0) return [];
  const nodes = tasks.map(({ node }) => node.uuid);
  return TABLES.map((table) => {
    const parts = tasks.flatMap((task) => task[table].map(({ uuid }) => uuid));
    return format(
      `SELECT uuid, node_uuid FROM ${table} WHERE node_uuid IN (?)
       UNION ALL SELECT uuid, node_uuid FROM ${table} WHERE uuid IN (?) AND node_uuid NOT IN (?)`,
      [nodes, parts.length > 0 ? parts : [''], nodes],
    );
  });
}

/** Reads what the server answered to placeStatements. */
export function readPlaces([portgroups = [], ports = []]: readonly (readonly Row[])[]): PartPlaces {
  const read = (rows: readonly Row[]): Place[] =>
    rows.map((row) => ({ uuid: row['uuid'] as string, node: row['node_uuid'] as string }));
  return { ports: read(ports), portgroups: read(portgroups) };
}

/**
 * The statements that store the ports and portgroups of tasks, and delete those that their nodes no longer have.
 *
 * @param places what loadPlaces has read
 * @param limit bytes of the longest statement
 * @throws RowTooLarge
 */
export function partStatements(tasks: readonly Task[], places: PartPlaces, limit: number): string[] {
  return TABLES.flatMap((table) => replaceStatements(table, tasks, places, limit));
}

function replaceStatements(
  table: keyof PartPlaces,
  tasks: readonly Task[],
  { [table]: recorded }: PartPlaces,
  limit: number,
): string[] {
  const nodes = new Set(tasks.map(({ node }) => node.uuid));
  const parts = tasks.flatMap((task) => task[table].map((part) => ({ ...part, node_uuid: task.node.uuid })));
  // If several nodes have the same part, it belongs to the last of them.
  const places = new Map(parts.map(({ uuid, node_uuid: node }) => [uuid, node]));
  const gone = recorded.filter(({ uuid, node }) => nodes.has(node) && !places.has(uuid)).map(({ uuid }) => uuid);
  return [
    ...(gone.length > 0 ? [format(`DELETE FROM ${table} WHERE uuid IN (?)`, [gone])] : []),
    ...insertOrUpdateStatements(table, COLUMNS[table], parts, limit),
    ...forgetStatements([
      ...recorded.filter(({ uuid, node }) => !nodes.has(node) && places.get(uuid) !== node).map(({ node }) => node),
      ...parts.filter(({ uuid, node_uuid: node }) => places.get(uuid) !== node).map(({ node_uuid: node }) => node),
    ]),
  ];
}

/** Clears the digest of nodes that have lost a part to another node: their record no longer equals their last task. */
function forgetStatements(uuids: string[]): string[] {
  return uuids.length === 0 ? [] : [format(`UPDATE nodes SET task_digest = '' WHERE uuid IN (?)`, [uuids])];
}
