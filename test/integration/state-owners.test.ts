import { randomUUID } from 'node:crypto';

import { expect } from 'chai';

import type { MethodName } from '../../src/contract/methods.js';
import { readTask } from '../../src/contract/task.js';
import type { PortBinding, Task } from '../../src/contract/types.js';
import {
  type Fence,
  NodeChanged,
  type OperationStart,
  OwnershipStore,
  recordOf,
  State,
  type StoredNode,
} from '../../src/state/index.js';
import { endOf, performed, start } from '../../testkit/fixtures/recorded-operations.js';
import { samplePort, sampleTask } from '../../testkit/fixtures/samples.js';
import { createDatabase, type TestDatabase } from '../../testkit/servers/database.js';

describe('state: who has what', () => {
  let database: TestDatabase;
  let state: State;
  let fence: Fence;
  before(async () => {
    database = await createDatabase();
    state = new State(database.dataSource, 50);
    const owners = new OwnershipStore(database.dataSource, database.dataSource);
    const { epoch } = await owners.take('queue', randomUUID(), 1000);
    fence = { queue: 'queue', epoch };
  });
  after(() => database.drop());

  const perform = (method: MethodName, task: Task, bindings: PortBinding[] | null): Promise<StoredNode | null> =>
    performed(state, fence, method, task, bindings);

  describe('parts that move between nodes', () => {
    const nodesOf = async (uuids: string[]): Promise<unknown[]> => {
      const rows = await database.dataSource.query<{ uuid: string; node_uuid: string }[]>(
        'SELECT uuid, node_uuid FROM ports WHERE uuid IN (?)',
        [uuids],
      );
      return uuids.map((uuid) => rows.find((row) => row.uuid === uuid)?.node_uuid);
    };
    const with_ = (task: Task, ports: Task['ports']): Task => ({ ...task, ports });

    it('are on record with the node whose task spoke of them last, also after they moved back', async () => {
      const [a, b] = [readTask(sampleTask()), readTask(sampleTask())];
      const uuids = a.ports.map(({ uuid }) => uuid);
      const [moving, staying] = a.ports as [Task['ports'][number], Task['ports'][number]];
      await perform('add_cleaning_network', a, []);
      await perform('add_cleaning_network', b, []);
      await perform('add_cleaning_network', with_(b, [...b.ports, moving]), []);
      expect(await nodesOf(uuids)).to.deep.equal([b.node.uuid, a.node.uuid]);
      await perform('add_cleaning_network', a, []);
      expect(await nodesOf(uuids)).to.deep.equal([a.node.uuid, a.node.uuid]);
      // What the other one said last is news again.
      await perform('add_cleaning_network', with_(b, [...b.ports, moving]), []);
      expect(await nodesOf(uuids)).to.deep.equal([b.node.uuid, a.node.uuid]);
      await perform('add_cleaning_network', with_(a, [staying]), []);
      expect(await nodesOf(uuids)).to.deep.equal([b.node.uuid, a.node.uuid]);
    });

    it('are with the last of several nodes in one group, and the others are written anew by their next task', async () => {
      const [shared] = readTask(sampleTask()).ports as [Task['ports'][number]];
      const tasks = [1, 2, 3].map(() => with_(readTask(sampleTask()), [shared]));
      await Promise.all(tasks.map((task) => perform('add_cleaning_network', task, [])));
      for (const task of [...tasks, ...tasks.toReversed()]) {
        await perform('remove_cleaning_network', task, []);
        expect(await nodesOf([shared.uuid])).to.deep.equal([task.node.uuid]);
      }
    });
  });

  it('leaves a node as it is that an operator has put on record since it was looked up, and says so', async () => {
    const created = readTask(sampleTask({ name: 'of the operator' }));
    const operation = start('add_cleaning_network', created.node.uuid);
    const other = start('add_cleaning_network', randomUUID());
    await Promise.all([operation, other].map((one) => state.lookUp(one)));
    await database.dataSource.query(
      "INSERT INTO nodes (uuid, name, driver_info, instance_info, task_digest) VALUES (?, 'of the operator', '{}', '{}', '')",
      [created.node.uuid],
    );
    const end = (one: OperationStart, task: Task): Promise<void> => state.end(endOf(one, fence, null, task, null));
    const renamed = { ...created, node: { ...created.node, name: 'of the task' } };
    const elsewhere = readTask(sampleTask({ uuid: other.nodeUuid ?? '' }));
    const [refused, done] = await Promise.allSettled([end(operation, renamed), end(other, elsewhere)]);
    expect(refused.status === 'rejected' && refused.reason).to.be.instanceOf(NodeChanged);
    expect(done.status).to.equal('fulfilled');
    const [row] = await database.dataSource.query<{ name: string }[]>('SELECT name FROM nodes WHERE uuid = ?', [
      created.node.uuid,
    ]);
    expect(row?.name).to.equal('of the operator');
  });

  it('finds the task on record the same as the one that came, in whatever order the server keeps its keys', async () => {
    const links = { switch_info: 'sw', port_id: 'Eth1', switch_id: '00:11:22:33:44:55', hostname: 'h' };
    const task = readTask({ ...sampleTask(), ports: [samplePort({ local_link_connection: links })] });
    await perform('add_cleaning_network', task, []);
    const stored = (await perform('add_cleaning_network', task, []))?.task;
    if (!stored) throw new Error('the task is not on record');
    const [port] = stored.ports as [Task['ports'][number]];
    const reversed = Object.fromEntries(Object.entries(port.local_link_connection).toReversed());
    const digests = [task, stored, { ...stored, ports: [{ ...port, local_link_connection: reversed }] }].map(
      (one) => recordOf(one).digest,
    );
    expect(new Set(digests).size).to.equal(1);
  });

  it('tells a successor to wait for the longest lease since a queue was released', async () => {
    const owners = new OwnershipStore(database.dataSource, database.dataSource);
    const queue = `queue-${randomUUID()}`;
    const take = (lease: number): Promise<{ epoch: number; predecessorLease: number }> =>
      owners.take(queue, randomUUID(), lease);
    expect(await take(5000)).to.deep.equal({ epoch: 1, predecessorLease: 0 });
    expect(await take(500)).to.deep.equal({ epoch: 2, predecessorLease: 5000 });
    // The second may have died while it waited for the first.
    expect(await take(300)).to.deep.equal({ epoch: 3, predecessorLease: 5000 });
    await owners.release({ queue, epoch: 3 });
    expect(await take(300)).to.deep.equal({ epoch: 4, predecessorLease: 0 });
    // A worker of the version before notes no lease.
    await database.dataSource.query('UPDATE queue_owners SET lease = NULL WHERE queue = ?', [queue]);
    expect(await take(700)).to.deep.equal({ epoch: 5, predecessorLease: 700 });
  });
});
