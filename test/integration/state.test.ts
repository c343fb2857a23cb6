import { randomUUID } from 'node:crypto';

import { expect } from 'chai';

import type { MethodName } from '../../src/contract/methods.js';
import { readTask } from '../../src/contract/task.js';
import type { PortBinding, Task } from '../../src/contract/types.js';
import {
  assertSchemaCurrent,
  downgrade,
  type Fence,
  OwnershipStore,
  recordOf,
  SchemaBehind,
  schemaStatus,
  State,
  type StoredNode,
  upgrade,
} from '../../src/state/index.js';
import { beginOf, binding, endOf, performed, start } from '../../testkit/fixtures/recorded-operations.js';
import { samplePort, sampleTask } from '../../testkit/fixtures/samples.js';
import { createDatabase, type TestDatabase } from '../../testkit/servers/database.js';

/** What the lists of operations need. */
const LISTING = ['operations_started', 'operations_request'];

describe('state: schema', () => {
  let database: TestDatabase;
  before(async () => {
    database = await createDatabase({ migrated: false });
  });
  after(() => database.drop());

  const tables = async (): Promise<string[]> => {
    const rows = await database.dataSource.query<{ name: string }[]>(
      'SELECT table_name AS name FROM information_schema.tables WHERE table_schema = DATABASE() ORDER BY table_name',
    );
    return rows.map(({ name }) => name).filter((name) => name !== 'migrations');
  };
  const nullable = async (table: string): Promise<string[]> => {
    const rows = await database.dataSource.query<{ name: string }[]>(
      `SELECT column_name AS name FROM information_schema.columns
       WHERE table_schema = DATABASE() AND table_name = ? AND is_nullable = 'YES'`,
      [table],
    );
    return rows.map(({ name }) => name);
  };
  const indices = async (table: string): Promise<string[]> => {
    const rows = await database.dataSource.query<{ name: string }[]>(
      `SELECT DISTINCT index_name AS name FROM information_schema.statistics
       WHERE table_schema = DATABASE() AND table_name = ?`,
      [table],
    );
    return rows.map(({ name }) => name);
  };

  it('goes up, down step by step, and up again', async () => {
    const { dataSource } = database;
    const oldest = ['nodes', 'operations', 'port_bindings', 'portgroups', 'ports'];
    const names = await upgrade(dataSource);
    const newer = ['node_comparisons', 'operator_actions', 'owed_results', 'queue_owners', 'vif_claims', 'workers'];
    expect(await tables()).to.have.members([...oldest, ...newer]);
    expect(await nullable('operations')).to.include('owed_to');
    expect(await indices('operations')).to.include.members(LISTING);
    expect(await nullable('nodes')).to.include.members(['owner', 'lessee']);
    // Those since version 0.1 only add: taken back together, all that they added is gone.
    const added = names.slice(names.indexOf('ListOperations1766000000001') + 1).reverse();
    expect(await downgrade(dataSource, added.length)).to.deep.equal(added);
    expect(await nullable('nodes')).not.to.include.members(['owner']);
    expect(await downgrade(dataSource, 1)).to.deep.equal(['ListOperations1766000000001']);
    expect(await indices('operations')).not.to.include.members(LISTING);
    expect(await nullable('nodes')).to.include('description');
    expect(await downgrade(dataSource, 1)).to.deep.equal(['Inventory1766000000000']);
    expect(await nullable('nodes')).not.to.include('description');
    expect(await downgrade(dataSource, 1)).to.deep.equal(['OwnQueues1765000000000']);
    expect(await tables()).to.have.members(oldest);
    expect(await nullable('operations')).not.to.include('owed_to');
    expect(await nullable('nodes')).to.include.members(['network_provider', 'attached_vifs']);
    expect(await nullable('operations')).to.include('network_type');
    expect(await downgrade(dataSource, 1)).to.deep.equal(['ExtendForFurtherMethods1764000000000']);
    expect(await nullable('nodes'))
      .to.include('network_provider')
      .and.not.to.include('attached_vifs');
    expect(await nullable('operations')).not.to.include('network_type');
    expect(await downgrade(dataSource, 1)).to.deep.equal(['AddNodeNetworkProvider1763800000001']);
    expect(await nullable('nodes')).not.to.include('network_provider');
    expect(await tables()).to.have.length(5);
    expect(await downgrade(dataSource, 9)).to.deep.equal(['CreateTables1763800000000']);
    expect(await tables()).to.deep.equal([]);
    expect(await downgrade(dataSource, 1)).to.deep.equal([]);
    await upgrade(dataSource);
    expect(await upgrade(dataSource)).to.deep.equal([]);
  });

  it('goes down with rows that only the newer one can have, and keeps the others', async () => {
    const { dataSource } = database;
    await upgrade(dataSource);
    const insert = `INSERT INTO operations (id, kind, method, network_type, status, started_at) VALUES (?, 'call', ?, ?, 'succeeded', NOW())`;
    await dataSource.query(insert, ['asked', 'vif_list', null]);
    await dataSource.query(insert, ['moved', 'add_cleaning_network', 'cleaning']);
    await downgrade(dataSource, (await schemaStatus(dataSource)).length - 2);
    expect(await dataSource.query('SELECT id, network_type FROM operations')).to.deep.equal([
      { id: 'moved', network_type: 'cleaning' },
    ]);
    await upgrade(dataSource);
    await dataSource.query('DELETE FROM operations');
  });

  it('is refused by name while it is behind', async () => {
    const { dataSource } = database;
    await upgrade(dataSource);
    await assertSchemaCurrent(dataSource);
    await downgrade(dataSource, (await schemaStatus(dataSource)).length - 2);
    const status = await schemaStatus(dataSource);
    expect(status.map(({ applied }) => applied)).to.deep.equal(status.map((_, index) => index < 2));
    await assertSchemaCurrent(dataSource).then(
      () => expect.fail('should have been refused'),
      (error: unknown) => {
        expect(error).to.be.instanceOf(SchemaBehind);
        expect((error as Error).message)
          .to.contain('ExtendForFurtherMethods')
          .and.to.contain('netprov db upgrade');
      },
    );
    await upgrade(dataSource);
  });

  it('has exactly the columns that the entities have', async () => {
    const { dataSource } = database;
    await upgrade(dataSource);
    for (const { tableName, columns } of dataSource.entityMetadatas) {
      const rows = await dataSource.query<{ name: string; nullable: string }[]>(
        `SELECT column_name AS name, is_nullable AS nullable FROM information_schema.columns
         WHERE table_schema = DATABASE() AND table_name = ? AND extra NOT LIKE '%STORED%'`,
        [tableName],
      );
      const inDatabase = rows.map(({ name, nullable }) => `${name} ${nullable === 'YES' ? 'NULL' : 'NOT NULL'}`);
      const inEntity = columns.map(
        ({ databaseName, isNullable }) => `${databaseName} ${isNullable ? 'NULL' : 'NOT NULL'}`,
      );
      expect(inDatabase, tableName).to.have.members(inEntity);
    }
  });
});

describe('state: operations', () => {
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

  it('gives back a node as its last task described it', async () => {
    const groupUuid = randomUUID();
    const group = { uuid: groupUuid, name: 'bond0', mode: '802.3ad', properties: { miimon: 100 }, extra: {} };
    const ports = [samplePort({ portgroup_uuid: groupUuid, is_smartnic: false }), samplePort({ pxe_enabled: false })];
    const first = readTask({
      ...sampleTask({ network_provider: 'neutron', pxe_boot: false }),
      ports,
      portgroups: [group],
    });
    expect(await perform('add_cleaning_network', first, [])).to.equal(null);
    const stored = await perform('add_cleaning_network', first, []);
    expect(stored?.task).to.deep.equal(recordOf(first).task);

    const second = { ...first, ports: first.ports.slice(1), portgroups: [], node: { ...first.node, name: 'renamed' } };
    await perform('add_cleaning_network', second, []);
    expect((await perform('add_cleaning_network', second, []))?.task).to.deep.equal(recordOf(second).task);
  });

  it('does not store what may be a credential', async () => {
    const task = readTask({
      ...sampleTask({
        driver_info: { ipmi_password: 'planted-secret', provisioning_network: 'prov' },
        instance_info: { configdrive: 'planted-secret', capabilities: 'boot_option:local' },
      }),
      ports: [samplePort({ extra: { note: 'planted-secret', 'client-id': 'ff:00' } })],
    });
    await perform('add_cleaning_network', task, []);
    for (const table of ['nodes', 'ports', 'portgroups', 'operations']) {
      const rows = await database.dataSource.query<unknown[]>(`SELECT * FROM ${table}`);
      expect(JSON.stringify(rows)).not.to.contain('planted-secret');
    }
    const stored = await perform('add_cleaning_network', task, []);
    expect(stored?.task?.node.driver_info).to.deep.equal({ provisioning_network: 'prov' });
    expect(stored?.task?.ports[0]?.extra).to.deep.equal({ 'client-id': 'ff:00' });
  });

  it('replaces the bindings of one network type, and keeps since when a binding stands', async () => {
    const task = readTask(sampleTask());
    const [one, two] = task.ports.map(({ uuid }) => uuid) as [string, string];
    const kept = binding(one);
    await perform('add_provisioning_network', task, [kept, binding(two)]);
    const rows = (): Promise<{ neutron_port_id: string; operation_id: string; bound_at: Date; status: string }[]> =>
      database.dataSource.query('SELECT * FROM port_bindings WHERE node_uuid = ? ORDER BY id', [task.node.uuid]);
    const [before] = await rows();
    await perform('add_provisioning_network', task, [{ ...kept, status: 'DOWN' }, binding(two)]);
    const now = await rows();
    expect(now).to.have.length(2);
    expect(now[0]).to.include({
      neutron_port_id: kept.neutron_port_id,
      operation_id: before?.operation_id,
      status: 'DOWN',
    });
    expect(now[0]?.bound_at).to.deep.equal(before?.bound_at);

    await perform('configure_tenant_networks', task, [binding(one)]);
    expect(await rows()).to.have.length(3);
    const stored = await perform('remove_provisioning_network', task, []);
    expect(stored?.bindings.map(({ network_type: type }) => type)).to.have.members([
      'provisioning',
      'provisioning',
      'tenant',
    ]);
    expect((await perform('remove_cleaning_network', task, null))?.bindings[0]).to.include({
      network_type: 'tenant',
      port_uuid: one,
    });
  });

  it('answers a repeat with the stored result, and counts attempts that did not end', async () => {
    const task = readTask(sampleTask());
    const operation = start('add_cleaning_network', task.node.uuid);
    await state.begin(beginOf(operation, fence));
    expect((await state.lookUp(operation)).ended).to.equal(null);
    await state.begin(beginOf(operation, fence));
    const [row] = await database.dataSource.query<{ attempts: number; status: string }[]>(
      'SELECT attempts, status FROM operations WHERE id = ?',
      [operation.id],
    );
    expect(row).to.deep.equal({ attempts: 2, status: 'running' });
    const end = { ...endOf(operation, fence, null, null, null), letter: 'poison' };
    await state.end(end);
    const { id, result } = end;
    expect((await state.lookUp(operation)).ended).to.deep.equal({ id, result, letter: 'poison' });
    await state.letterKept({ id, endId: id });
    expect((await state.lookUp(operation)).ended).to.deep.equal({ id, result, letter: null });
  });

  it('counts each begin once, and takes each back once, however often that is noted', async () => {
    const operation = start('add_cleaning_network', readTask(sampleTask()).node.uuid);
    const counted = async (): Promise<unknown> => {
      const [row] = await database.dataSource.query<object[]>(
        'SELECT attempts, begun, tried_alone FROM operations WHERE id = ?',
        [operation.id],
      );
      return row && Object.values(row).map(Number);
    };
    const [first, second, never] = [
      beginOf(operation, fence),
      beginOf(operation, fence, { alone: true }),
      beginOf(operation, fence, { alone: true }),
    ];
    const twice = async (work: () => Promise<void>): Promise<unknown> => {
      await work();
      await work();
      return counted();
    };
    expect(await twice(() => state.begin({ ...first, waits: true }))).to.deep.equal([0, 0, 0]);
    expect(await twice(() => state.begin(first))).to.deep.equal([1, 1, 0]);
    expect(await twice(() => state.begin(second))).to.deep.equal([2, 2, 1]);
    expect(await twice(() => state.abandon(never)), 'one that was never noted').to.deep.equal([2, 2, 1]);
    expect(await twice(() => state.abandon(first)), 'though another has begun it since').to.deep.equal([2, 1, 1]);
    expect(await twice(() => state.begin(first)), 'begun again after a hold').to.deep.equal([3, 2, 1]);
    expect(await twice(() => state.abandon(second))).to.deep.equal([3, 1, 0]);
    expect(await twice(() => state.abandon(first))).to.deep.equal([3, 0, 0]);
  });

  it('goes on counting the begins of an operation that is done again', async () => {
    const operation = start('add_cleaning_network', readTask(sampleTask()).node.uuid);
    await state.begin(beginOf(operation, fence));
    await state.end(endOf(operation, fence, null, null, null));
    const again = { ...operation, replay: { again: operation.id, unless: null } };
    for (const begun of [1, 2, 3]) {
      const begin = beginOf(again, fence);
      await state.begin(begin);
      await state.begin(begin);
      expect((await state.lookUp(again)).earlier).to.deep.equal({ begun, triedAlone: 0 });
    }
  });

  it('gives every late node its turn, however many stay late', async () => {
    const tasks = Array.from({ length: 5 }, () => readTask(sampleTask()));
    await Promise.all(tasks.map((task) => perform('add_cleaning_network', task, [])));
    const uuids = tasks.map(({ node }) => node.uuid).sort();
    await database.dataSource.query(
      'UPDATE nodes SET late_until = UTC_TIMESTAMP(6) - INTERVAL 1 SECOND WHERE uuid IN (?)',
      [uuids],
    );
    const found: string[] = [];
    for (let page = await state.late(['conductor-1'], '', 2); page.length > 0;) {
      found.push(...page.map(({ uuid }) => uuid));
      page = await state.late(['conductor-1'], found.at(-1) ?? '', 2);
    }
    expect(found).to.deep.equal(uuids);
  });

  it('commits many nodes side by side, each as if alone', async () => {
    const tasks = Array.from({ length: 300 }, () => readTask(sampleTask()));
    await Promise.all(tasks.map((task) => perform('add_cleaning_network', task, [binding(task.ports[0]?.uuid ?? '')])));
    const stored = await Promise.all(tasks.map((task) => perform('remove_cleaning_network', task, [])));
    expect(stored.map((node) => node?.task)).to.deep.equal(tasks.map((task) => recordOf(task).task));
    expect(stored.every((node) => node?.bindings.length === 1)).to.equal(true);
  });
});
