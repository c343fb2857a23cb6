import { randomUUID } from 'node:crypto';

import { expect } from 'chai';

import {
  countOverdue,
  type Fence,
  loadOperation,
  type OperationStart,
  OwnershipStore,
  State,
  upgrade,
} from '../../src/state/index.js';
import { endOf, start } from '../../testkit/fixtures/recorded-operations.js';
import { createDatabase, type TestDatabase } from '../../testkit/servers/database.js';

const LONG_AGO = '2026-01-01 00:00:00';

describe('state: results that are owed', () => {
  let database: TestDatabase;
  let state: State;
  let fence: Fence;
  before(async () => {
    database = await createDatabase();
  });
  after(() => database.drop());
  beforeEach(async () => {
    for (const table of ['operations', 'owed_results', 'queue_owners']) await query(`DELETE FROM ${table}`);
    state = new State(database.dataSource, 1000);
    fence = await take('queue');
  });

  const query = <T>(sql: string, values: unknown[] = []): Promise<T[]> => database.dataSource.query<T[]>(sql, values);
  const take = async (queue: string): Promise<Fence> => {
    const { epoch } = await new OwnershipStore(database.dataSource, database.dataSource).take(
      queue,
      randomUUID(),
      1000,
    );
    return { queue, epoch };
  };
  const casts = (many: number): OperationStart[] =>
    Array.from({ length: many }, () => start('add_cleaning_network', randomUUID()));
  const ended = async (starts: readonly OperationStart[], under = fence): Promise<void> => {
    await Promise.all(starts.map((one) => state.end(endOf(one, under, null, null, null))));
  };
  /** What each row of owed_results lists. */
  const listed = async (): Promise<string[][]> =>
    (await query<{ ends: string }>('SELECT ends FROM owed_results ORDER BY id')).map(({ ends }) =>
      (JSON.parse(ends) as [string, string][]).map(([id]) => id),
    );
  const delivered = (of: readonly OperationStart[], by = state): Promise<void> =>
    by.delivered(of.map(({ id }) => ({ id, endId: id })));
  const grownOld = (): Promise<unknown> => query('UPDATE owed_results SET committed_at = ?', [LONG_AGO]);
  const idsOf = (some: readonly { id: string }[]): string[] => some.map(({ id }) => id);
  const owed = async (by: State, without: string[] = [], limit = 500, seconds = 60): Promise<string[]> =>
    idsOf(await by.owed(['queue'], seconds, limit, without));

  it('are one row for a commit, which goes when the last of them is delivered', async () => {
    const all = casts(3);
    const call: OperationStart = { ...start('vif_list', randomUUID()), kind: 'call' };
    await ended([...all, call]);
    expect(await listed()).to.deep.equal([idsOf(all)]);
    expect(await state.countOwed(['queue'], 100)).to.equal(3);
    expect(await state.countOwed(['queue'], 2)).to.equal(2);
    expect(await state.countOwed(['another'], 100)).to.equal(0);
    const [first, ...others] = all as [OperationStart, ...OperationStart[]];
    await delivered([first]);
    expect(await listed()).to.deep.equal([idsOf(all)]);
    expect(await state.countOwed(['queue'], 100)).to.equal(2);
    await delivered(others);
    expect(await state.countOwed(['queue'], 100)).to.equal(0);
    expect(await listed()).to.deep.equal([]);
  });

  it('are a row for each queue, and as many rows as keep the statements short', async () => {
    const other = await take('another');
    const [many, one] = [casts(501), casts(1)];
    await Promise.all([ended(many), ended(one, other)]);
    expect((await listed()).map(({ length }) => length)).to.have.members([500, 1, 1]);
    await delivered([...many, ...one]);
    expect(await listed()).to.deep.equal([]);
  });

  it('are shown with the operation', async () => {
    const [one] = casts(1) as [OperationStart];
    await ended([one]);
    expect(await loadOperation(database.dataSource.manager, one.id)).to.include({ owed_to: 'queue' });
    await delivered([one]);
    expect(await loadOperation(database.dataSource.manager, one.id)).to.include({ owed_to: null });
  });

  it('are no longer owed when another process has delivered them', async () => {
    const all = casts(3);
    await ended(all);
    const successor = new State(database.dataSource, 10);
    const [first, ...others] = all as [OperationStart, ...OperationStart[]];
    await delivered([first], successor);
    expect(await listed()).to.deep.equal([idsOf(others)]);
    await Promise.all(others.map((one) => delivered([one], new State(database.dataSource, 10))));
    expect(await listed()).to.deep.equal([]);
    await delivered(all);
  });

  it('are read when they are old, oldest first, without those that are left out', async () => {
    const [early, late] = [casts(2), casts(1)];
    await ended(early);
    await ended(late);
    const successor = new State(database.dataSource, 10);
    expect(await owed(successor)).to.deep.equal([]);
    await grownOld();
    expect(await owed(successor)).to.deep.equal(idsOf([...early, ...late]));
    expect(await owed(successor, [early[0]?.id ?? ''])).to.deep.equal(idsOf([...early.slice(1), ...late]));
    expect(await owed(successor, [], 2)).to.deep.equal(idsOf(early));
    expect(await successor.owed(['another'], 60, 500, [])).to.deep.equal([]);
    expect(await countOverdue(database.dataSource.manager, 60)).to.deep.equal({ count: 3, oldest: early[0]?.id });
    const [first] = await successor.owed(['queue'], 60, 1, []);
    expect(first).to.deep.include({ id: early[0]?.id, endId: early[0]?.id, requestId: 'req-1' });
    expect(first?.result.operation_id).to.equal(early[0]?.id);
    await successor.delivered(await successor.owed(['queue'], 60, 2, []));
    expect(await listed()).to.deep.equal([idsOf(late)]);
  });

  it('are remembered by the process that committed them, until they are old', async () => {
    const all = casts(3);
    await ended(all);
    await delivered(all.slice(0, 1));
    await grownOld();
    expect(await owed(state)).to.deep.equal([]);
    expect(await listed()).to.deep.equal([idsOf(all)]);
    expect(await owed(state, [], 500, 0)).to.deep.equal(idsOf(all.slice(1)));
    expect(await listed()).to.deep.equal([idsOf(all.slice(1))]);
    await delivered(all.slice(1));
    expect(await listed()).to.deep.equal([]);
  });

  it('do not include an end that was replaced by a newer one, or whose operation was deleted', async () => {
    const [again, gone, plain] = casts(3) as [OperationStart, OperationStart, OperationStart];
    await ended([again, gone, plain]);
    await state.end({ ...endOf(again, fence, null, null, null), id: 'newer' });
    await query('DELETE FROM operations WHERE id = ?', [gone.id]);
    await grownOld();
    const successor = new State(database.dataSource, 10);
    const read = await successor.owed(['queue'], 60, 500, []);
    expect(read.map(({ endId }) => endId)).to.deep.equal([plain.id, 'newer']);
    expect(await listed()).to.deep.equal([[plain.id], [again.id]]);
    await delivered([again], successor);
    expect(await listed()).to.deep.equal([[plain.id], [again.id]]);
  });

  it('may be marked by workers of the version before', async () => {
    const [mark, list] = [casts(2), casts(1)];
    await ended([...mark, ...list]);
    await delivered(mark, new State(database.dataSource, 10));
    await grownOld();
    await query('UPDATE operations SET owed_to = ?, finished_at = ? WHERE id IN (?)', ['queue', LONG_AGO, idsOf(mark)]);
    const successor = new State(database.dataSource, 10);
    expect(await successor.countOwed(['queue'], 100)).to.equal(3);
    expect(await countOverdue(database.dataSource.manager, 60)).to.include({ count: 3 });
    expect(await owed(successor)).to.have.members(idsOf([...mark, ...list]));
    await successor.delivered(await successor.owed(['queue'], 60, 500, []));
    expect(await owed(successor)).to.deep.equal([]);
    expect(await successor.countOwed(['queue'], 100)).to.equal(0);
  });

  it('become marks again when the schema goes back', async () => {
    const all = casts(3);
    await ended(all);
    await delivered(all.slice(0, 1), new State(database.dataSource, 10));
    await database.backTo('OperationsLog1768000000000');
    const rows = await query<{ id: string }>('SELECT id FROM operations WHERE owed_to = ?', ['queue']);
    expect(idsOf(rows)).to.have.members(idsOf(all.slice(1)));
    await upgrade(database.dataSource);
    expect(await state.countOwed(['queue'], 100)).to.equal(2);
  });
});
