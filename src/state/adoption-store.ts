import { isDeepStrictEqual } from 'node:util';

import type { EntityManager } from 'typeorm';

import type { RecordedBinding } from '../contract/types.js';
import { replaceBindings } from './binding-store.js';
import { loadNodes, saveNodes, type StoredNode } from './node-store.js';
import { lockNodes, runningOperations } from './node-version.js';
import type { TaskRecord } from './task-record.js';

/** A node to put on record as another network interface of Ironic has left it. */
export interface AdoptedNode {
  /** The node as it was looked up, without its task. Null: it was not in the database. */
  before: StoredNode | null;
  after: TaskRecord;
  /** The conductor host of the node, if the record does not name one. */
  conductorHost: string | null;
  /** All bindings of the node. */
  bindings: readonly RecordedBinding[];
  networkProvider: string;
}

/**
 * Stores adopted nodes in the transaction of the manager. A node that has changed since it was looked up, or that has
 * an operation under way, stays as it is.
 *
 * @param adoption the operation_id of the new bindings
 * @returns the UUIDs of the nodes that were stored
 * @throws NodeChanged when an operation has just recorded one of the nodes, and the database's errors
 */
export async function saveAdopted(
  manager: EntityManager,
  nodes: readonly AdoptedNode[],
  adoption: string,
): Promise<string[]> {
  const uuids = nodes.map(uuidOf);
  // This comes first, so that everything that is read afterwards is as it stays until the commit.
  await lockNodes(manager, nodes.filter(({ before }) => before !== null).map(uuidOf));
  const [now, running] = await Promise.all([loadNodes(manager, uuids), runningOperations(manager, uuids)]);
  const free = nodes.filter((node) => {
    const uuid = uuidOf(node);
    return !running.has(uuid) && isDeepStrictEqual(now.get(uuid) ?? null, node.before);
  });
  await saveNodes(manager, free.map(changeOf));
  await replaceBindings(
    manager,
    free.flatMap((node) => replacementsOf(node, adoption)),
  );
  return free.map(uuidOf);
}

function uuidOf({ after }: AdoptedNode): string {
  return after.task.node.uuid;
}

function changeOf({ before, after, conductorHost }: AdoptedNode) {
  // The digest is the version of the node. It has to change, even if only bindings do: an operation that has already
  // looked the node up then sees that it must begin anew. An empty digest equals that of no task.
  const digest = before?.digest === after.digest ? '' : after.digest;
  return { before, after: { ...after, digest }, conductorHost: before?.conductorHost ?? conductorHost };
}

function replacementsOf({ before, after, bindings, networkProvider }: AdoptedNode, adoption: string) {
  const recorded = before?.bindings ?? [];
  const types = new Set([...bindings, ...recorded].map((binding) => binding.network_type));
  return [...types].map((type) => ({
    node: after.task.node.uuid,
    type,
    recorded,
    bindings: bindings.filter((binding) => binding.network_type === type),
    networkProvider,
    operation: adoption,
  }));
}
