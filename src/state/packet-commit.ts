import type { DatabaseHosts } from './database-hosts.js';
import { EpochLost } from './errors.js';
import { endStatements, type OperationEnd } from './operation-store.js';
import { type OwedCommit, owedStatements } from './owed-store.js';
import { type Fence, fenceStatement, isFenceFailure } from './ownership-store.js';

/**
 * Commits ends of operations in one packet, so that the commit costs one round trip in place of five. It is for ends
 * that leave nodes, bindings and VIFs as they are: nothing is read in their transaction.
 *
 * @returns the results that are owed now
 * @throws EpochLost, RowTooLarge, and the database's errors
 */
export async function commitInPacket(hosts: DatabaseHosts, ends: readonly OperationEnd[]): Promise<OwedCommit[]> {
  const fences = [...new Map(ends.map(({ fence }) => [`${fence.queue}\n${fence.epoch}`, fence])).values()];
  const owed = owedStatements(ends);
  const before = [
    'START TRANSACTION',
    ...fences.map((fence) => fenceStatement(fence)),
    ...endStatements(ends, hosts.packetLimit),
  ];
  const statements = [...before, ...owed.map(({ statement }) => statement), 'COMMIT'];
  const answers = await send(hosts, statements, fences);
  return owed.map(({ queue, owed: some }, index) => {
    const row = answers[before.length + index]?.insertId ?? 0;
    return { row, queue, ends: some };
  });
}

async function send(
  hosts: DatabaseHosts,
  statements: readonly string[],
  fences: readonly Fence[],
): Promise<{ insertId: number }[]> {
  try {
    return await hosts.sendTogether(statements);
  } catch (error) {
    throw isFenceFailure(error) ? new EpochLost(fences.map(({ queue }) => queue)) : error;
  }
}
