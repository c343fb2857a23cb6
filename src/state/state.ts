import { isDeepStrictEqual } from 'node:util';

import type { DataSource } from 'typeorm';

import type { OperationResult } from '../contract/types.js';
import { Batcher } from './batcher.js';
import { isTransientDatabaseError } from './errors.js';
import { loadNodes, loadTasks, saveNodes, type NodeChange, type StoredNode, type TaskRecord } from './node-store.js';
import {
  loadResults,
  saveBindings,
  saveEnds,
  saveFault,
  saveStarts,
  type OperationEnd,
  type OperationStart,
} from './operation-store.js';

/** What is on record when a message has arrived. */
export interface Known {
  /** The result, when the operation has ended already: the message is a repeat. */
  result: OperationResult | null;
  /** The node as it is on record; null when it is not, or when the operation has ended already. */
  node: StoredNode | null;
}

/**
 * The node provider state in the database. Operations of different nodes begin and end in groups; the caller sees to
 * it that operations of one node come one after the other.
 */
export class State {
  readonly #dataSource: DataSource;
  readonly #lookUps: Batcher<OperationStart, Known>;
  readonly #begins: Batcher<OperationStart, undefined>;
  readonly #ends: Batcher<OperationEnd, undefined>;

  /** @param groupSize most operations in one transaction. */
  constructor(dataSource: DataSource, groupSize: number) {
    this.#dataSource = dataSource;
    this.#lookUps = new Batcher((starts) => this.#lookUpGroup(starts), groupSize, isTransientDatabaseError);
    this.#begins = new Batcher((starts) => this.#beginGroup(starts), groupSize, isTransientDatabaseError);
    this.#ends = new Batcher((ends) => this.#endGroup(ends), groupSize, isTransientDatabaseError);
  }

  /** Reads what an operation needs to know. @throws the database's errors. */
  lookUp(start: OperationStart): Promise<Known> {
    return this.#lookUps.submit(start);
  }

  /** Notes that an operation is under way. @throws the database's errors. */
  async begin(start: OperationStart): Promise<void> {
    await this.#begins.submit(start);
  }

  /** Notes why an operation that is under way has to be tried again. @throws the database's errors. */
  async fault(id: string, reason: string): Promise<void> {
    await saveFault(this.#dataSource.manager, id, reason);
  }

  /** Commits an operation's outcome: result, bindings and node state in one transaction. @throws the database's errors. */
  async end(end: OperationEnd): Promise<void> {
    await this.#ends.submit(end);
  }

  /** Whether the database answers. @throws the database's errors. */
  async ping(): Promise<void> {
    await this.#dataSource.query('SELECT 1');
  }

  async #lookUpGroup(starts: OperationStart[]): Promise<Known[]> {
    const { manager } = this.#dataSource;
    const ids = starts.map(({ id }) => id);
    const results = await loadResults(manager, ids);
    for (const { id, again } of starts) {
      if (again === true && results.get(id)?.status === 'failed') results.delete(id);
    }
    const fresh = starts.filter(({ id }) => !results.has(id));
    const uuids = (of: OperationStart[]): string[] => [...new Set(of.flatMap(({ nodeUuid }) => nodeUuid ?? []))];
    const [nodes, tasks] = await Promise.all([
      loadNodes(manager, uuids(fresh)),
      loadTasks(manager, uuids(fresh.filter(({ needsTask }) => needsTask))),
    ]);
    return starts.map(({ id, nodeUuid }) => {
      const result = results.get(id) ?? null;
      const node = result === null && nodeUuid !== null ? nodes.get(nodeUuid) : undefined;
      return { result, node: node ? { ...node, task: tasks.get(nodeUuid ?? '') ?? null } : null };
    });
  }

  async #beginGroup(starts: OperationStart[]): Promise<undefined[]> {
    await saveStarts(this.#dataSource.manager, starts);
    return starts.map(() => undefined);
  }

  async #endGroup(ends: OperationEnd[]): Promise<undefined[]> {
    const changes = nodeChanges(ends);
    const rebound = ends.filter(
      ({ bindings, before }) => bindings !== null && bindings.length + (before?.bindings.length ?? 0) > 0,
    );
    if (changes.length === 0 && rebound.length === 0) {
      // One statement is a transaction by itself.
      await saveEnds(this.#dataSource.manager, ends);
    } else {
      await this.#dataSource.transaction(async (manager) => {
        await saveNodes(manager, changes);
        await saveBindings(manager, rebound);
        await saveEnds(manager, ends);
      });
    }
    return ends.map(() => undefined);
  }
}

/**
 * Nodes whose record is to change, in the order of their keys: two workers that touch the same rows then wait for each
 * other, and do not deadlock.
 */
function nodeChanges(ends: readonly OperationEnd[]): NodeChange[] {
  return ends
    .flatMap(({ before, after, start: { conductorHost } }) => (after ? [{ before, after, conductorHost }] : []))
    .filter(({ before, after, conductorHost }) => before === null || isChange(before, after, conductorHost))
    .sort((a, b) => (a.after.task.node.uuid < b.after.task.node.uuid ? -1 : 1));
}

function isChange(before: StoredNode, { digest, vifs }: TaskRecord, conductorHost: string | null): boolean {
  return before.digest !== digest || before.conductorHost !== conductorHost || !isDeepStrictEqual(before.vifs, vifs);
}
