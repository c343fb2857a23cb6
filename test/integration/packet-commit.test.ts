import { randomUUID } from 'node:crypto';

import { expect } from 'chai';
import sinon from 'sinon';

import { readTask } from '../../src/contract/task.js';
import { type Fence, OwnershipStore, State } from '../../src/state/index.js';
import { endOf, performed, start } from '../../testkit/fixtures/recorded-operations.js';
import { rejection } from '../../testkit/fixtures/rejection.js';
import { sampleTask } from '../../testkit/fixtures/samples.js';
import { createDatabase, type TestDatabase } from '../../testkit/servers/database.js';

type Rows = Record<string, unknown>[];

describe('state: commits of many operations in one packet', () => {
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
  async function plainEnds(count: number): Promise<ReturnType<typeof endOf>[]> {
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

  it('record each end and that its result is owed, by one commit', async () => {
    const ends = await plainEnds(20);
    const [before] = await query('SELECT commits FROM queue_owners WHERE queue = ?', [fence.queue]);
    // Without transactions of several round trips, only the packet is left.
    const transaction = sinon.stub(database.dataSource, 'transaction').rejects(new Error('not in one packet'));
    await state.endAll(ends).finally(() => {
      transaction.restore();
    });
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

  it('keep every text as it is, whatever characters it has', async () => {
    const hostile = `req-'";\\'; DROP TABLE operations; -- ?? \u0000 é€😀`;
    const [end] = await plainEnds(1);
    if (!end) throw new Error('there is one end');
    await state.endAll([{ ...end, start: { ...end.start, requestId: hostile } }]);
    const [row] = await operations([end.start.id]);
    expect(row?.['request_id']).to.equal(hostile);
  });
});
