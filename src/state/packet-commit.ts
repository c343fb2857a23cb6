import type { ResultSetHeader, RowDataPacket } from 'mysql2';

import type { DatabaseHosts } from './database-hosts.js';
import { nodeChangesOf, seenNodes } from './end-changes.js';
import { isDuplicate } from './errors.js';
import { describedAnew, nodesAppeared, nodeStatements } from './node-store.js';
import { assertUnchanged, digestStatement } from './node-version.js';
import { endStatements, type OperationEnd } from './operation-store.js';
import { type OwedCommit, owedStatements } from './owed-store.js';
import { assertOwned, fenceStatement } from './ownership-store.js';
import { placeStatements, readPlaces } from './part-store.js';

/**
 * Commits ends of operations in two packets, so that a commit of hundreds of nodes costs two round trips. The first
 * checks that this worker may commit, and reads what the second must know. It is for ends that leave bindings and VIFs as
 * they are.
 *
 * @returns the results that are owed now
 * @throws EpochLost, NodeChanged, RowTooLarge, and the database's errors
 */
export async function commitInPackets(hosts: DatabaseHosts, ends: readonly OperationEnd[]): Promise<OwedCommit[]> {
  const limit = hosts.packetLimit;
  // The ends of a batch share one fence.
  const fences = [...new Set(ends.map(({ fence }) => fence))];
  const changes = nodeChangesOf(ends);
  const seen = seenNodes(changes);
  const digests = digestStatement(seen);
  const checks = [fenceStatement(fences), ...(digests === null ? [] : [digests])];
  const written = endStatements(ends, limit);
  const owed = owedStatements(ends);
  try {
    const answers = await hosts.transact([...checks, ...placeStatements(describedAnew(changes))], (known) => {
      assertOwned(fences, known[0] as ResultSetHeader);
      if (digests !== null) assertUnchanged(seen, known[1] as RowDataPacket[]);
      const places = readPlaces(known.slice(checks.length) as RowDataPacket[][]);
      const nodes = nodeStatements(changes, places, limit);
      // The rows of owed_results come first, so that their ids are the first answers.
      return [...owed.map(({ statement }) => statement), ...nodes, ...written];
    });
    return owed.map(({ queue, owed: some }, index) => {
      const { insertId } = answers[index] as ResultSetHeader;
      return { row: insertId, queue, ends: some };
    });
  } catch (error) {
    throw isDuplicate(error) ? nodesAppeared(changes) : error;
  }
}
