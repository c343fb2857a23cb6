import type { ResultSetHeader, RowDataPacket } from 'mysql2';
import type { DataSource } from 'typeorm';

import type { DatabaseHosts } from './database-hosts.js';
import { nodeChangesOf, seenNodes } from './end-changes.js';
import { isDuplicate } from './errors.js';
import { describedAnew, nodesAppeared, nodeStatements } from './node-store.js';
import { assertUnchanged, digestStatement } from './node-version.js';
import { endStatements, type OperationEnd } from './operation-store.js';
import { type OwedCommit, owedStatements } from './owed-store.js';
import { loadPlaces } from './part-store.js';
import { assertOwned, fenceStatement } from './ownership-store.js';

/**
 * Commits ends of operations in one packet and its COMMIT, so that a commit of hundreds of nodes costs two round trips,
 * or three if tasks have changed. It is for ends that leave bindings and VIFs as they are.
 *
 * @returns the results that are owed now
 * @throws EpochLost, NodeChanged, RowTooLarge, and the database's errors
 */
export async function commitInPacket(
  dataSource: DataSource,
  hosts: DatabaseHosts,
  ends: readonly OperationEnd[],
): Promise<OwedCommit[]> {
  const fences = ends.map(({ fence }) => fence);
  const changes = nodeChangesOf(ends);
  // Read before the transaction. Nobody else changes the parts of these nodes unnoticed: each change of a part changes
  // the digest of its node.
  const places = await loadPlaces(dataSource.manager, describedAnew(changes));
  const seen = seenNodes(changes);
  const digests = digestStatement(seen);
  const owed = owedStatements(ends);
  const checks = [fenceStatement(fences), ...(digests === null ? [] : [digests])];
  const statements = [
    ...checks,
    ...nodeStatements(changes, places, hosts.packetLimit),
    ...endStatements(ends, hosts.packetLimit),
  ];
  const check = ([fenced, unchanged]: readonly unknown[]): void => {
    assertOwned(fences, fenced as ResultSetHeader);
    if (digests !== null) assertUnchanged(seen, unchanged as RowDataPacket[]);
  };
  try {
    const all = [...statements, ...owed.map(({ statement }) => statement)];
    const answers = (await hosts.transact(all, check)).slice(statements.length) as ResultSetHeader[];
    return owed.map(({ queue, owed: some }, index) => ({ row: answers[index]?.insertId ?? 0, queue, ends: some }));
  } catch (error) {
    throw isDuplicate(error) ? nodesAppeared(changes) : error;
  }
}
