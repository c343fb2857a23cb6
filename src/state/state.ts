import type { DataSource, EntityManager } from 'typeorm';

import type { WhichRequest } from '../contract/result.js';
import type { OperationResult } from '../contract/types.js';
import { Batcher } from './batcher.js';
import { saveBindings } from './binding-store.js';
import { hostsOf } from './database-hosts.js';
import { bytesOf, changesBindings, changesMore, nodeChangesOf, seenNodes } from './end-changes.js';
import { isTransientDatabaseError } from './errors.js';
import {
  loadLate,
  loadNodes,
  loadTasks,
  type NodePlace,
  saveLate,
  saveNodes,
  saveSettled,
  type StoredNode,
} from './node-store.js';
import { checkUnchanged } from './node-version.js';
import { loadResult } from './operation-queries.js';
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
import { Outbox } from './outbox.js';
import { type OwedCommit, type OwedResult, saveLetter, saveOwed, type WhichEnd } from './owed-store.js';
import { checkFences, type Fence } from './ownership-store.js';
import { commitInPackets } from './packet-commit.js';
import { forgetEnds, loadReplayed } from './replay-store.js';
import { boundFor, claimVif, releaseVifs, type VifClaim, type VifHolder } from './vif-store.js';

/** What the database knows when a message has arrived. */
export interface LookUpResult {
  /** How the operation ended, if it has already ended. Then the message is a repeat. */
  ended: PastEnd | null;
  /** The stored node. Null if it is not in the database, or if the operation has already ended. */
  node: StoredNode | null;
  /** Earlier begins of an operation that has not ended, because its worker died or lost its queue. Null: none. */
  earlier: EarlierBegins | null;
  /**
   * Whether a later operation than this replayed one is already done, so that doing it now would move the node back.
   */
  superseded: boolean;
}

/**
 * The state of nodes and operations in the database. Operations of different nodes are stored in groups. The caller
 * must ensure that operations of one node come one after the other.
 */
export class State {
  readonly #dataSource: DataSource;
  readonly #outbox: Outbox;
  readonly #lookUps: Batcher<OperationStart, LookUpResult>;
  readonly #begins: Batcher<OperationBegin, undefined>;
  readonly #ends: Batcher<OperationEnd, undefined>;
  readonly #faults: Batcher<OperationFault, undefined>;

  /** @param groupSize the most operations in one transaction */
  constructor(dataSource: DataSource, groupSize: number) {
    this.#dataSource = dataSource;
    this.#outbox = new Outbox(dataSource);
    const small = { items: groupSize, bytes: Infinity, bytesOf: () => 0 };
    const limits = { items: groupSize, bytes: GROUP_BYTES, bytesOf };
    this.#lookUps = new Batcher((starts) => this.#lookUpGroup(starts), small, isTransientDatabaseError);
    this.#begins = new Batcher((begins) => this.#beginGroup(begins), small, isTransientDatabaseError);
    this.#ends = new Batcher((ends) => this.#endGroup(ends), limits, isTransientDatabaseError);
    this.#faults = new Batcher((faults) => this.#faultGroup(faults), small, isTransientDatabaseError);
  }

  /** Reads what the database knows about an operation and its node. @throws the database's errors */
  lookUp(start: OperationStart): Promise<LookUpResult> {
    return this.#lookUps.submit(start);
  }

  /** The same for many operations of different nodes, in the order in which they are given. @throws as lookUp */
  lookUpAll(starts: readonly OperationStart[]): Promise<LookUpResult[]> {
    return this.#lookUpGroup(starts);
  }

  /** Stores that an operation is running. @throws EpochLost, NodeChanged, and the database's errors */
  async begin(begin: OperationBegin): Promise<void> {
    await this.#begins.submit(begin);
  }

  /** Claims a VIF for the node to which an operation attaches it: see vif-store.ts. @throws the database's errors */
  claimVif(claim: VifClaim): Promise<VifHolder | null> {
    return claimVif(this.#dataSource, claim);
  }

  /**
   * Finds another node to which one of the VIFs is bound in the database. Null if there is none.
   * @throws the database's errors
   */
  vifBoundElsewhere(vifs: readonly string[], node: string): Promise<VifHolder | null> {
    return boundFor(this.#dataSource.manager, vifs, node);
  }

  /** Reads the result of an earlier request of a node: see loadResult. @throws the database's errors */
  resultOf(which: WhichRequest): Promise<OperationResult | null> {
    return loadResult(this.#dataSource.manager, which);
  }

  /** Stores that an operation which is not continued has not crashed its worker. @throws the database's errors */
  async abandon(begin: OperationBegin): Promise<void> {
    await saveAbandoned(this.#dataSource.manager, begin);
  }

  /** Stores why a running operation must be retried, or cannot be tried yet. @throws the database's errors */
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

  /**
   * Commits the outcomes of many operations of different nodes under the same fence: in one transaction, or in several
   * if they are large.
   * @throws as end; then each of them may or may not be committed
   */
  async endAll(ends: readonly OperationEnd[]): Promise<void> {
    let [group, bytes]: [OperationEnd[], number] = [[], 0];
    for (const end of ends) {
      const more = bytesOf(end);
      if (group.length > 0 && bytes + more > GROUP_BYTES) {
        await this.#endTogether(group);
        [group, bytes] = [[], 0];
      }
      group.push(end);
      bytes += more;
    }
    if (group.length > 0) await this.#endTogether(group);
  }

  /**
   * Reads results that have been owed for more than `seconds`, oldest first: see Outbox.
   * @throws the database's errors
   */
  owed(queues: readonly string[], seconds: number, limit: number, without: readonly string[]): Promise<OwedResult[]> {
    return this.#outbox.load(queues, seconds, limit, without);
  }

  /** Counts the owed results, up to `limit`. @throws the database's errors */
  countOwed(queues: readonly string[], limit: number): Promise<number> {
    return this.#outbox.count(queues, limit);
  }

  /** Stores that the results of these ends are no longer owed. @throws the database's errors */
  async delivered(ends: readonly WhichEnd[]): Promise<void> {
    await this.#outbox.delivered(ends);
  }

  /** Stores that the dead letter of an end is no longer owed. @throws the database's errors */
  async letterKept(end: WhichEnd): Promise<void> {
    await saveLetter(this.#dataSource.manager, end);
  }

  /** Reads nodes that need a last repair after unanswered requests: see loadLate. @throws the database's errors */
  late(hosts: readonly string[], after: string, limit: number): Promise<NodePlace[]> {
    return loadLate(this.#dataSource.manager, hosts, after, limit);
  }

  /**
   * Deletes at most `limit` operations that ended more than `seconds` ago. Returns how many it deleted.
   * @throws the database's errors
   */
  prune(seconds: number, limit: number): Promise<number> {
    return deleteEnded(this.#dataSource.manager, seconds, limit);
  }

  /** Checks that the database answers. @throws the database's errors */
  async ping(): Promise<void> {
    await this.#dataSource.query('SELECT 1');
  }

  async #lookUpGroup(starts: readonly OperationStart[]): Promise<LookUpResult[]> {
    const { manager } = this.#dataSource;
    // Everything is read at once, although a repeat needs no node: repeats are few, and this saves a round trip.
    const [operations, replayed, nodes, tasks] = await Promise.all([
      loadOperations(
        manager,
        starts.map(({ id }) => id),
      ),
      loadReplayed(manager, starts),
      loadNodes(manager, nodeUuids(starts)),
      loadTasks(manager, nodeUuids(starts.filter(({ needsTask }) => needsTask))),
    ]);
    for (const id of replayed.again) operations.delete(id);
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
      // Do this last. It waits for an operator's change in progress, and that change waits for none of the rows locked
      // above.
      await checkUnchanged(
        manager,
        begins.map(({ start, before }) => ({ uuid: start.nodeUuid, before })),
      );
    });
    return begins.map(() => undefined);
  }

  /** Uses one connection for all faults: when Neutron fails, every running operation has a fault at the same time. */
  async #faultGroup(faults: OperationFault[]): Promise<undefined[]> {
    await this.#dataSource.transaction(async (manager) => {
      for (const fault of faults) await saveFault(manager, fault);
    });
    return faults.map(() => undefined);
  }

  async #endGroup(ends: OperationEnd[]): Promise<undefined[]> {
    const commits = await this.#dataSource.transaction(async (manager) => {
      await checkFences(manager, ends.map(fenceOf));
      return this.#saveEnds(manager, await uncommitted(manager, ends));
    });
    this.#outbox.committed(commits);
    return ends.map(() => undefined);
  }

  /** Commits a group in two packets, if it changes nothing but operations and the records of their nodes. */
  async #endTogether(ends: OperationEnd[]): Promise<void> {
    const hosts = hostsOf(this.#dataSource);
    const bytes = ends.reduce((sum, end) => sum + bytesOf(end), 0);
    const fits = hosts !== null && bytes * LONGEST_ESCAPE < hosts.packetLimit;
    if (fits && !ends.some(changesMore)) this.#outbox.committed(await commitInPackets(hosts, ends));
    else await this.#endGroup(ends);
  }

  async #saveEnds(manager: EntityManager, ends: readonly OperationEnd[]): Promise<OwedCommit[]> {
    if (ends.length === 0) return [];
    const rebound = ends.filter(changesBindings);
    const late = ends.filter((end) => end.late > 0);
    const settled = ends.filter((end) => end.settled);
    const changes = nodeChangesOf(ends);
    await checkUnchanged(manager, seenNodes(changes));
    await saveNodes(manager, changes);
    await saveBindings(manager, rebound);
    await saveEnds(manager, ends);
    await releaseVifs(manager, ends);
    await saveSettled(manager, nodeUuids(settled.map(({ start }) => start)));
    const seconds = Math.max(...late.map((end) => end.late));
    await saveLate(manager, nodeUuids(late.map(({ start }) => start)), seconds);
    return saveOwed(manager, ends);
  }
}

/** How much longer a text can get when it is escaped for SQL and encoded. */
const LONGEST_ESCAPE = 4;

/** The approximate limit of bytes per transaction. One operation alone may exceed it. */
const GROUP_BYTES = 4 * 1024 * 1024;

function fenceOf({ fence }: { fence: Fence }): Fence {
  return fence;
}

function nodeUuids(starts: readonly OperationStart[]): string[] {
  return [...new Set(starts.flatMap(({ nodeUuid }) => nodeUuid ?? []))];
}
