import { expect } from 'chai';

import type { OperationResult, Task } from '../../src/contract/types.js';
import type { ProviderContext } from '../../src/providers/provider.js';
import { type Compared, differences, type NodeDifference, notedDifferences } from '../../src/recovery/differences.js';
import { BINDING_COLUMNS } from '../../src/state/binding-store.js';
import { noteComparisons } from '../../src/state/fleet.js';
import { saveNodes } from '../../src/state/node-store.js';
import { insertOrUpdate } from '../../src/state/rows.js';
import { recordOf } from '../../src/state/task-record.js';
import { SimulatedNeutron } from '../../testkit/fakes/simulated-neutron.js';
import { createRegistry } from '../../testkit/fixtures/registry.js';
import { makeBinding, makeNode, makeTask, record } from '../../testkit/fixtures/tasks.js';
import { oneNic } from '../../testkit/fixtures/vif-tasks.js';
import { nothingDone, scriptedProvider, TOPIC, WorkerFixture } from '../../testkit/fixtures/worker.js';
import { HttpProxy } from '../../testkit/proxies/http-proxy.js';

const HOST = 'conductor-1';
const TARGET = { topic: TOPIC, server: HOST, version: '1.2' };

describe('the method reconcile, in a worker', () => {
  let fixture: WorkerFixture;
  before(async () => {
    fixture = await WorkerFixture.create();
  });
  afterEach(() => fixture.reset());
  after(() => fixture.drop());

  const call = async (task: Task, args = {}): Promise<OperationResult> =>
    (await fixture.client.call(TARGET, 'reconcile', { node_id: task.node.uuid, ...args })) as OperationResult;

  it('notes itself as begun when it is to repair, and puts on record what then stands on every type of network', async () => {
    const finding = {
      kind: 'missing_port',
      network_type: 'cleaning' as const,
      neutron_port_id: 'gone',
      port_uuid: null,
      portgroup_uuid: null,
      reason: 'it is gone',
      repaired: true,
    };
    const standing = [
      ...record('cleaning', [makeBinding()]),
      ...record('provisioning', [makeBinding(), makeBinding()]),
    ];
    const seen: unknown[] = [];
    const script = async (method: string, { task, args, recorded }: ProviderContext) => {
      if (method !== 'reconcile') return { bindings: [makeBinding()], failures: [] };
      const rows = await fixture.database.dataSource.query<{ status: string }[]>(
        "SELECT status FROM operations WHERE method = 'reconcile' AND node_uuid = ? AND status = 'running'",
        [task.node.uuid],
      );
      seen.push({ fix: args.fix, noted: rows.length, recorded: recorded.length });
      return { findings: [{ ...finding, repaired: args.fix }], ...(args.fix ? { standing } : {}) };
    };
    await fixture.start({ scripted: scriptedProvider(script) }, { defaultNetworkProvider: 'scripted' });
    const task = makeTask({ node: makeNode({ network_provider: null }) });
    for (const method of ['add_cleaning_network', 'configure_tenant_networks']) {
      await fixture.client.call(TARGET, method, { task });
    }

    const looked = await call(task);
    expect(looked).to.include({ network_type: null, status: 'succeeded' });
    expect(looked.bindings).to.have.length(2);
    expect(looked.findings?.map(({ repaired }) => repaired)).to.deep.equal([false]);
    const fixed = await call(task, { fix: true });
    expect(fixed.bindings.map((one) => one.neutron_port_id)).to.deep.equal(standing.map((one) => one.neutron_port_id));
    expect(fixed.findings?.map(({ repaired }) => repaired)).to.deep.equal([true]);
    expect(seen).to.deep.equal([
      { fix: false, noted: 0, recorded: 2 },
      { fix: true, noted: 1, recorded: 2 },
    ]);
    const rows = await fixture.database.dataSource.query<Record<string, unknown>[]>(
      'SELECT network_type, neutron_port_id FROM port_bindings WHERE node_uuid = ? ORDER BY id',
      [task.node.uuid],
    );
    expect(rows).to.have.deep.members(
      standing.map(({ network_type, neutron_port_id }) => ({ network_type, neutron_port_id })),
    );
    expect((await call(task)).bindings).to.have.length(3);
  });

  it('refuses findings of a provider that cannot be recorded', async () => {
    const standing = [{ ...makeBinding(), network_type: 'cleaning' as const, status: 'x'.repeat(17) }];
    const script = (method: string) => Promise.resolve(method === 'reconcile' ? { standing } : nothingDone);
    await fixture.start({ scripted: scriptedProvider(script) }, { defaultNetworkProvider: 'scripted' });
    const task = makeTask({ node: makeNode({ network_provider: null }) });
    await fixture.client.call(TARGET, 'add_cleaning_network', { task });
    const error = await call(task, { fix: true }).catch((fault: unknown) => fault);
    expect(error).to.include({ className: 'NetworkError' });
    await fixture.broker.onChannel((channel) => channel.purgeQueue(`${TOPIC}.dead`));
  });
});

describe('the comparison of many nodes, with a SIMULATED Neutron', () => {
  const NODES = 450;
  let fixture: WorkerFixture;
  let neutron: SimulatedNeutron;
  let proxy: HttpProxy;
  let registry: ReturnType<typeof createRegistry>;
  const tasks = Array.from({ length: NODES }, () => oneNic());

  before(async () => {
    fixture = await WorkerFixture.create();
    neutron = await SimulatedNeutron.start({ bindAll: true, activeAfter: 0 });
    proxy = await HttpProxy.start(neutron.url);
    registry = createRegistry(proxy.url);
    const network = await post('networks', { network: { name: 'cleaning' } });
    const bindings = [];
    for (const { node, ports } of tasks) {
      const profile = { local_link_information: [ports[0]?.local_link_connection] };
      const attributes = {
        network_id: network,
        mac_address: ports[0]?.address,
        device_owner: 'baremetal:none',
        device_id: node.uuid,
        'binding:host_id': node.uuid,
        'binding:vnic_type': 'baremetal',
        'binding:profile': profile,
      };
      const neutron_port_id = await post('ports', { port: attributes });
      bindings.push({
        ...makeBinding({ port_uuid: ports[0]?.uuid ?? '', neutron_port_id, network_id: network, host_id: node.uuid }),
        mac_address: ports[0]?.address,
        profile,
        node_uuid: node.uuid,
        network_type: 'cleaning',
        network_provider: 'neutron',
        operation_id: 'op',
      });
    }
    const { manager } = fixture.database.dataSource;
    const hostOf = (index: number): string => (index < 10 ? 'conductor-2' : HOST);
    await saveNodes(
      manager,
      tasks.map((task, index) => ({ before: null, after: recordOf(task), conductorHost: hostOf(index) })),
    );
    await insertOrUpdate(manager, 'port_bindings', BINDING_COLUMNS, bindings);
  });
  beforeEach(() => {
    proxy.reset();
  });
  after(async () => {
    await registry.close();
    await fixture.drop();
    await proxy.stop();
    await neutron.stop();
  });

  async function post(path: string, body: object): Promise<string> {
    const response = await fetch(`${neutron.url}/v2.0/${path}`, { method: 'POST', body: JSON.stringify(body) });
    const made = (await response.json()) as Record<string, { id: string }>;
    return Object.values(made)[0]?.id ?? '';
  }
  async function compare(
    scope = {},
    comparison = differences,
  ): Promise<{ different: NodeDifference[]; compared: Compared[] }> {
    const compared: Compared[] = [];
    const found = comparison(scope, {
      dataSource: fixture.database.dataSource,
      providers: registry.registry,
      defaultNetworkProvider: 'neutron',
      signal: new AbortController().signal,
      onProgress: (progress) => compared.push(progress),
    });
    const different: NodeDifference[] = [];
    for await (const group of found) different.push(...group);
    return { different, compared };
  }

  it('compares a hundred nodes at a time, and reports its progress', async () => {
    const { different, compared } = await compare();
    expect(different).to.deep.equal([]);
    expect(compared.map(({ done }) => done)).to.deep.equal([400, NODES]);
    expect(compared.every(({ nodes, notCompared }) => nodes === NODES && notCompared === 0)).to.equal(true);
    expect(proxy.requests).to.have.length(2 * Math.ceil(NODES / 100));
    expect(Math.max(...proxy.requests.map(({ path }) => path.length))).to.be.lessThan(8000);
  });

  it('finds the one node that differs, and compares it once more', async () => {
    const [{ id } = { id: '' }] = (
      (await (await fetch(`${neutron.url}/v2.0/ports?device_id=${tasks[7]?.node.uuid ?? ''}`)).json()) as {
        ports: { id: string }[];
      }
    ).ports;
    await fetch(`${neutron.url}/v2.0/ports/${id}`, { method: 'DELETE' });
    const { different } = await compare();
    expect(different).to.have.length(1);
    expect(different[0]).to.include({ node: tasks[7]?.node.uuid, host: 'conductor-2', moving: false });
    expect(different[0]?.findings.map(({ kind }) => kind)).to.deep.equal(['missing_port']);
    expect(proxy.requests).to.have.length(2 * Math.ceil(NODES / 100) + 1);
  });

  it('compares only the given nodes or hosts', async () => {
    const ofHost = await compare({ hosts: ['conductor-2'] });
    expect(ofHost.compared.map(({ done }) => done)).to.deep.equal([10]);
    expect(ofHost.different).to.have.length(1);
    const other = await compare({ nodes: [tasks[8]?.node.uuid ?? ''] });
    expect(other).to.deep.equal({ different: [], compared: [{ nodes: 1, done: 1, notCompared: 0 }] });
    expect((await compare({ hosts: [] })).compared).to.deep.equal([]);
  });

  it('notes which nodes differ, and which do not any more', async () => {
    const [differs, agrees] = [7, 8].map((index) => tasks[index]?.node.uuid ?? '') as [string, string];
    const { dataSource } = fixture.database;
    await noteComparisons(dataSource.manager, [differs, agrees], true, '2026-01-01');
    await compare({}, notedDifferences);
    const rows = await dataSource.query<{ uuid: string; differs: number }[]>(
      'SELECT node_uuid AS uuid, differs FROM node_comparisons',
    );
    expect(new Map(rows.map((row) => [row.uuid, Boolean(row.differs)]))).to.deep.equal(
      new Map([
        [differs, true],
        [agrees, false],
      ]),
    );
  });
});
