import { randomUUID } from 'node:crypto';

import { expect } from 'chai';
import sinon from 'sinon';

import { readTask } from '../../src/contract/task.js';
import type { Task } from '../../src/contract/types.js';
import { type Fence, NodeChanged, type OperationEnd, OwnershipStore, recordOf, State } from '../../src/state/index.js';
import { loadTasks } from '../../src/state/node-store.js';
import { endOf, performed, start } from '../../testkit/fixtures/recorded-operations.js';
import { rejection } from '../../testkit/fixtures/rejection.js';
import { sampleTask } from '../../testkit/fixtures/samples.js';
import { createDatabase, type TestDatabase } from '../../testkit/servers/database.js';

type Rows = Record<string, unknown>[];

describe('state: commits of many operations in two packets', () => {
  let database: TestDatabase;
  let state: State;
  let owners: OwnershipStore;
  let fence: Fence;
  before(async () => {
    database = await createDatabase();
    state = new State(database.dataSource, 50);
    owners = new OwnershipStore(database.dataSource, database.dataSource);
  });
  beforeEach(async () => {
    const queue = `queue-${randomUUID()}`;
    fence = { queue, epoch: (await owners.take(queue, randomUUID(), 1000)).epoch };
  });
  after(() => database.drop());

  const query = (sql: string, values: unknown[]): Promise<Rows> => database.dataSource.query<Rows>(sql, values);
  const operations = (ids: string[]): Promise<Rows> =>
    query('SELECT * FROM operations WHERE id IN (?) ORDER BY seq', [ids]);

  /** Ends of operations of known nodes whose tasks have not changed: nothing but the operations is recorded. */
  async function plainEnds(count: number): Promise<OperationEnd[]> {
    return Promise.all(
      Array.from({ length: count }, async () => {
        const task = readTask(sampleTask());
        await performed(state, fence, 'add_cleaning_network', task, []);
        const operation = start('remove_cleaning_network', task.node.uuid);
        const { node } = await state.lookUp(operation);
        return endOf(operation, fence, node, task, []);
      }),
    );
  }

  /** The end of an operation that records this task. */
  async function change(task: Task): Promise<OperationEnd> {
    const operation = start('remove_cleaning_network', task.node.uuid);
    const { node } = await state.lookUp(operation);
    return endOf(operation, fence, node && { ...node, task: null }, task, []);
  }

  /** Commits ends, and fails if a transaction of TypeORM is needed for it: that has more round trips. */
  async function inPackets(ends: OperationEnd[]): Promise<void> {
    const transaction = sinon.stub(database.dataSource, 'transaction').rejects(new Error('not in two packets'));
    await state.endAll(ends).finally(() => {
      transaction.restore();
    });
  }

  async function refused(ends: OperationEnd[]): Promise<void> {
    expect(await rejection(inPackets(ends))).to.be.instanceOf(NodeChanged);
    expect(await operations(ends.map((end) => end.start.id))).to.deep.equal([]);
  }

  /** The tasks on record of the nodes of these tasks. */
  async function stateOf(tasks: Task[]): Promise<(Task | undefined)[]> {
    const uuids = tasks.map(({ node }) => node.uuid);
    const stored = await loadTasks(database.dataSource.manager, uuids);
    return uuids.map((uuid) => stored.get(uuid));
  }

  it('record each end and that its result is owed, by one commit', async () => {
    const ends = await plainEnds(20);
    const [before] = await query('SELECT commits FROM queue_owners WHERE queue = ?', [fence.queue]);
    await inPackets(ends);
    const [after] = await query('SELECT commits FROM queue_owners WHERE queue = ?', [fence.queue]);
    expect(Number(after?.['commits']) - Number(before?.['commits'])).to.equal(1);
    const ids = ends.map((end) => end.start.id);
    expect((await operations(ids)).map(({ id, status, epoch }) => [id, status, Number(epoch)])).to.deep.equal(
      ids.map((id) => [id, 'succeeded', fence.epoch]),
    );
    expect(await state.countOwed([fence.queue], 1000)).to.equal(40);
    await state.delivered(ids.map((id) => ({ id, endId: id })));
    expect(await state.countOwed([fence.queue], 1000)).to.equal(20);
  });

  it('record nothing when the queue has a newer owner, and work again for the owner', async () => {
    const ends = await plainEnds(5);
    const { epoch } = await owners.take(fence.queue, randomUUID(), 1000);
    const error = await rejection(state.endAll(ends));
    expect(error).to.have.property('code', 'epoch_lost');
    const ids = ends.map((end) => end.start.id);
    expect(await operations(ids)).to.deep.equal([]);
    await state.endAll(ends.map((end) => ({ ...end, fence: { ...fence, epoch } })));
    expect((await operations(ids)).map(({ id }) => id)).to.deep.equal(ids);
  });

  it('record nothing when the queue has no owner on record any more', async () => {
    const ends = await plainEnds(2);
    await query('DELETE FROM queue_owners WHERE queue = ?', [fence.queue]);
    expect(await rejection(state.endAll(ends))).to.have.property('code', 'epoch_lost');
    expect(await operations(ends.map((end) => end.start.id))).to.deep.equal([]);
  });

  it('record the new tasks of nodes, known and new, with their ports and portgroups', async () => {
    const known = readTask(sampleTask());
    await performed(state, fence, 'add_cleaning_network', known, []);
    const { node, portgroups } = known;
    const [kept, ...gone] = known.ports;
    if (!kept) throw new Error('the sample has a port');
    const changed = { ...known, node: { ...node, name: 'renamed' }, ports: [{ ...kept, physical_network: 'rack-2' }] };
    const fresh = readTask(sampleTask());
    await inPackets(await Promise.all([changed, fresh].map((task) => change(task))));

    const { 0: stored, 1: added } = await stateOf([changed, fresh]);
    expect(gone).to.have.lengthOf.at.least(1);
    expect(stored)
      .to.deep.equal(recordOf(changed).task)
      .and.have.property('portgroups')
      .with.lengthOf(portgroups.length);
    expect(added).to.deep.equal(recordOf(fresh).task);
  });

  it('move a port to the node that names it last; the digest of the node that loses it is cleared', async () => {
    const [loses, gets] = [readTask(sampleTask()), readTask(sampleTask())];
    await performed(state, fence, 'add_cleaning_network', loses, []);
    await performed(state, fence, 'add_cleaning_network', gets, []);
    const more = { ...gets, ports: [...gets.ports, ...loses.ports] };
    await inPackets([await change(more)]);
    const [left, stored] = await stateOf([loses, more]);
    expect(stored).to.deep.equal(recordOf(more).task);
    expect(left?.ports).to.deep.equal([]);
    const digests = await query('SELECT task_digest FROM nodes WHERE uuid = ?', [loses.node.uuid]);
    expect(digests).to.deep.equal([{ task_digest: '' }]);
  });

  it('record nothing when an operator has changed or removed one of the nodes, or added a new one', async () => {
    const others = await plainEnds(1);
    const changes: ((uuid: string) => Promise<unknown>)[] = [
      (uuid) => query(`UPDATE nodes SET task_digest = 'other' WHERE uuid = ?`, [uuid]),
      (uuid) => query('DELETE FROM nodes WHERE uuid = ?', [uuid]),
    ];
    for (const meanwhile of changes) {
      const task = readTask(sampleTask());
      await performed(state, fence, 'add_cleaning_network', task, []);
      const end = await change({ ...task, ports: [] });
      await meanwhile(task.node.uuid);
      await refused([...others, end]);
    }
    const fresh = readTask(sampleTask());
    const end = await change(fresh);
    await performed(state, fence, 'add_cleaning_network', fresh, []);
    await refused([...others, end]);
  });

  it('keep every text as it is, whatever characters it has', async () => {
    const hostile = `req-'";\\'; DROP TABLE operations; -- ?? \u0000 é€😀`;
    const [end] = await plainEnds(1);
    if (!end) throw new Error('there is one end');
    await state.endAll([{ ...end, start: { ...end.start, requestId: hostile } }]);
    const [row] = await operations([end.start.id]);
    expect(row?.['request_id']).to.equal(hostile);
  });
});
