import { isDeepStrictEqual } from 'node:util';

import type { DataSource, EntityManager } from 'typeorm';

import { stringifyJson } from '../json.js';
import { Batcher } from './batcher.js';
import { saveBindings } from './binding-store.js';
import { isTransientDatabaseError } from './errors.js';
import {
  loadLate,
  loadNodes,
  loadTasks,
  type NodeChange,
  type NodePlace,
  saveLate,
  saveNodes,
  saveSettled,
  type StoredNode,
} from './node-store.js';
import { checkUnchanged } from './node-version.js';
import {
  deleteEnded,
  type EarlierBegins,
  loadOperations,
  type OperationBegin,
  type OperationEnd,
  type OperationFault,
  type OperationStart,
  type PastEnd,
  saveAbandoned,
  saveBegins,
  saveEnds,
  saveFault,
  uncommitted,
} from './operation-store.js';
import { countOwed, loadOwed, type OwedResult, saveDelivered, saveLetter, type WhichEnd } from './owed-store.js';
import { checkFences, type Fence } from './ownership-store.js';
import { forgetEnds, loadReplayed } from './replay-store.js';
import type { TaskRecord } from './task-record.js';
import { boundFor, claimVif, releaseVifs, type VifClaim, type VifHolder } from './vif-store.js';

/** What is on record when a message has arrived. */
export interface LookUpResult {
  /** How it ended, when it has already: the message is a repeat. */
  ended: PastEnd | null;
  /** The node as it is on record; null when it is not, or when the operation has ended already. */
  node: StoredNode | null;
  /** How it was begun before, when it was and has not ended: its worker died, or lost its place. */
  earlier: EarlierBegins | null;
  /** The message was replayed, and what came after it has been done: to do it now would move the node back. */
  superseded: boolean;
}

/**
 * The node provider state in the database. Operations of different nodes begin and end in groups; the caller sees to
 * it that operations of one node come one after the other.
 */
export class State {
  readonly #dataSource: DataSource;
  readonly #lookUps: Batcher<OperationStart, LookUpResult>;
  readonly #begins: Batcher<OperationBegin, undefined>;
  readonly #ends: Batcher<OperationEnd, undefined>;
  readonly #faults: Batcher<OperationFault, undefined>;

  /** @param groupSize most operations in one transaction. */
  constructor(dataSource: DataSource, groupSize: number) {
    this.#dataSource = dataSource;
    const small = { items: groupSize, bytes: Infinity, bytesOf: () => 0 };
    const limits = { items: groupSize, bytes: GROUP_BYTES, bytesOf };
    this.#lookUps = new Batcher((starts) => this.#lookUpGroup(starts), small, isTransientDatabaseError);
    this.#begins = new Batcher((begins) => this.#beginGroup(begins), small, isTransientDatabaseError);
    this.#ends = new Batcher((ends) => this.#endGroup(ends), limits, isTransientDatabaseError);
    this.#faults = new Batcher((faults) => this.#faultGroup(faults), small, isTransientDatabaseError);
  }

  /** Reads what an operation needs to know. @throws the database's errors. */
  lookUp(start: OperationStart): Promise<LookUpResult> {
    return this.#lookUps.submit(start);
  }

  /** Notes that an operation is under way. @throws EpochLost, NodeChanged, and the database's errors. */
  async begin(begin: OperationBegin): Promise<void> {
    await this.#begins.submit(begin);
  }

  /** Claims a VIF for the node to which an operation attaches it: see claimVif. @throws the database's errors */
  claimVif(claim: VifClaim): Promise<VifHolder | null> {
    return claimVif(this.#dataSource, claim);
  }

  /** The other node for which one of the VIFs is on record as bound. @throws the database's errors */
  vifBoundElsewhere(vifs: readonly string[], node: string): Promise<VifHolder | null> {
    return boundFor(this.#dataSource.manager, vifs, node);
  }

  /** Notes of one that was begun and is not gone on with that its worker lives. @throws the database's errors. */
  async abandon(begin: OperationBegin): Promise<void> {
    await saveAbandoned(this.#dataSource.manager, begin);
  }

  /** Notes why an operation that is under way has to be tried again, or cannot be tried yet. @throws the database's errors. */
  async fault(id: string, reason: string, tried: boolean): Promise<void> {
    await this.#faults.submit({ id, reason, tried });
  }

  /**
   * Commits an operation's outcome: result, bindings and node state in one transaction.
   * @throws EpochLost, NodeChanged, and the database's errors
   */
  async end(end: OperationEnd): Promise<void> {
    await this.#ends.submit(end);
  }

  /** At most so many results that are owed for so many seconds, oldest first: see loadOwed. @throws the database's errors. */
  owed(queues: readonly string[], seconds: number, limit: number, without: readonly string[]): Promise<OwedResult[]> {
    return loadOwed(this.#dataSource.manager, queues, seconds, limit, without);
  }

  /** How many results are owed, up to a limit. @throws the database's errors. */
  countOwed(queues: readonly string[], limit: number): Promise<number> {
    return countOwed(this.#dataSource.manager, queues, limit);
  }

  /** Notes that the results of some ends are owed no more. @throws the database's errors. */
  async delivered(ends: readonly WhichEnd[]): Promise<void> {
    await saveDelivered(this.#dataSource.manager, ends);
  }

  /** Notes that the dead letter of an end is owed no more. @throws the database's errors. */
  async letterKept(end: WhichEnd): Promise<void> {
    await saveLetter(this.#dataSource.manager, end);
  }

  /** At most so many nodes of some hosts that have to be looked at once more, after one: see loadLate. @throws the database's errors. */
  late(hosts: readonly string[], after: string, limit: number): Promise<NodePlace[]> {
    return loadLate(this.#dataSource.manager, hosts, after, limit);
  }

  /**
   * Forgets at most so many operations that ended so many seconds ago. Answers how many it were.
   * @throws the database's errors
   */
  prune(seconds: number, limit: number): Promise<number> {
    return deleteEnded(this.#dataSource.manager, seconds, limit);
  }

  /** Whether the database answers. @throws the database's errors. */
  async ping(): Promise<void> {
    await this.#dataSource.query('SELECT 1');
  }

  async #lookUpGroup(starts: OperationStart[]): Promise<LookUpResult[]> {
    const { manager } = this.#dataSource;
    const ids = starts.map(({ id }) => id);
    const operations = await loadOperations(manager, ids);
    const replayed = await loadReplayed(manager, starts);
    for (const id of replayed.again) operations.delete(id);
    const fresh = starts.filter(({ id }) => !operations.get(id)?.ended);
    const uuids = (of: OperationStart[]): string[] => [...new Set(of.flatMap(({ nodeUuid }) => nodeUuid ?? []))];
    const [nodes, tasks] = await Promise.all([
      loadNodes(manager, uuids(fresh)),
      loadTasks(manager, uuids(fresh.filter(({ needsTask }) => needsTask))),
    ]);
    return starts.map(({ id, nodeUuid }) => {
      const operation = operations.get(id);
      const ended = operation?.ended ?? null;
      const node = ended === null && nodeUuid !== null ? nodes.get(nodeUuid) : undefined;
      return {
        ended,
        node: node ? { ...node, task: tasks.get(nodeUuid ?? '') ?? null } : null,
        earlier: operation && ended === null ? operation.earlier : null,
        superseded: ended === null && replayed.superseded.has(id),
      };
    });
  }

  async #beginGroup(begins: OperationBegin[]): Promise<undefined[]> {
    await this.#dataSource.transaction(async (manager) => {
      await checkFences(manager, begins.map(fenceOf));
      await forgetEnds(
        manager,
        begins.map(({ start }) => start),
      );
      await saveBegins(manager, begins);
      // At last: an operator's change that is under way is waited for, and nothing that it might wait for is held.
      await checkUnchanged(
        manager,
        begins.map(({ start, before }) => ({ uuid: start.nodeUuid, before })),
      );
    });
    return begins.map(() => undefined);
  }

  /** On one connection, however many there are at once: when Neutron fails, all that is under way has one. */
  async #faultGroup(faults: OperationFault[]): Promise<undefined[]> {
    await this.#dataSource.transaction(async (manager) => {
      for (const fault of faults) await saveFault(manager, fault);
    });
    return faults.map(() => undefined);
  }

  async #endGroup(ends: OperationEnd[]): Promise<undefined[]> {
    await this.#dataSource.transaction(async (manager) => {
      await checkFences(manager, ends.map(fenceOf));
      await this.#saveEnds(manager, await uncommitted(manager, ends));
    });
    return ends.map(() => undefined);
  }

  async #saveEnds(manager: EntityManager, ends: readonly OperationEnd[]): Promise<void> {
    if (ends.length === 0) return;
    const rebound = ends.filter(({ bindings, standing, before }) => {
      const now = standing ?? bindings;
      return now !== null && now.length + (before?.bindings.length ?? 0) > 0;
    });
    const late = ends.filter((end) => end.late > 0);
    const settled = ends.filter((end) => end.settled);
    const changes = nodeChanges(ends);
    await checkUnchanged(
      manager,
      changes.map(({ before, after }) => ({ uuid: after.task.node.uuid, before })),
    );
    await saveNodes(manager, changes);
    await saveBindings(manager, rebound);
    await saveEnds(manager, ends);
    await releaseVifs(manager, ends);
    await saveSettled(manager, nodesOf(settled));
    await saveLate(manager, nodesOf(late), Math.max(...late.map((end) => end.late)));
  }
}

/** Most bytes that are committed in one transaction, where one operation alone has not more: about so many. */
const GROUP_BYTES = 4 * 1024 * 1024;

/** The task and the result: all that may be large in it is in one of them. */
function bytesOf({ result, after }: OperationEnd): number {
  return stringifyJson(result).length + (after?.length ?? 0);
}

function fenceOf({ fence }: { fence: Fence }): Fence {
  return fence;
}

function nodesOf(ends: readonly OperationEnd[]): string[] {
  return ends.flatMap(({ start: { nodeUuid } }) => nodeUuid ?? []);
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
