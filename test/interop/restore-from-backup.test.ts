import { expect } from 'chai';

import type { MethodName } from '../../src/contract/methods.js';
import type { Task } from '../../src/contract/types.js';
import { Backup } from '../../testkit/fixtures/backup.js';
import { until } from '../../testkit/fixtures/poll.js';
import { makeNode, makePort, makeTask, withVif } from '../../testkit/fixtures/tasks.js';
import { TOPIC, WorkerFixture } from '../../testkit/fixtures/worker.js';
import { BaremetalAgents } from '../../testkit/servers/baremetal-agent.js';
import { type Netprov, netprov } from '../../testkit/servers/netprov.js';
import { TestNeutron } from '../../testkit/servers/neutron.js';
import { startNetprovWorker } from '../../testkit/servers/steered-worker.js';

const HOST = 'conductor-1';
const TARGET = { topic: TOPIC, server: HOST };

type Type = 'provisioning' | 'cleaning' | 'tenant';

/** What nodes go through before the backup and after it, and where they are in the end. */
const NODES: Record<string, { before: MethodName[]; after: MethodName[]; on: Type | null }> = {
  'stays where it was': { before: ['add_provisioning_network'], after: [], on: 'provisioning' },
  'came to a tenant network': {
    before: ['add_provisioning_network'],
    after: ['remove_provisioning_network', 'configure_tenant_networks'],
    on: 'tenant',
  },
  'was removed': { before: ['add_cleaning_network'], after: ['remove_cleaning_network'], on: null },
  'is new': { before: [], after: ['add_cleaning_network'], on: 'cleaning' },
  'came and went': { before: [], after: ['add_cleaning_network', 'remove_cleaning_network'], on: null },
  'left its tenant networks, and was cleaned': {
    before: ['configure_tenant_networks'],
    after: [
      'unconfigure_tenant_networks',
      'add_cleaning_network',
      'remove_cleaning_network',
      'add_provisioning_network',
    ],
    on: 'provisioning',
  },
  'was deployed once more': {
    before: ['configure_tenant_networks'],
    after: [
      'unconfigure_tenant_networks',
      'add_provisioning_network',
      'remove_provisioning_network',
      'configure_tenant_networks',
    ],
    on: 'tenant',
  },
  'has new ports on the same network': {
    before: ['add_provisioning_network'],
    after: ['remove_provisioning_network', 'add_provisioning_network'],
    on: 'provisioning',
  },
};

/** What Neutron has of a NIC on a network. */
interface Attached {
  id: string;
  node: string;
  on: Type;
  mac: string;
  status: string;
}

describe('a database that was restored from a backup', () => {
  // Eight nodes are moved in Neutron, back and forth.
  let neutron: TestNeutron;
  let agents: BaremetalAgents;
  let networks: Record<Type, { id: string; name: string }>;
  let fixture: WorkerFixture;
  let backup: Backup;
  let env: Record<string, string>;
  let tasks: Map<string, Task>;
  let worker: Netprov | null = null;

  beforeEach(async () => {
    neutron = new TestNeutron();
    agents = new BaremetalAgents();
    networks = {
      provisioning: await neutron.makeNetwork(),
      cleaning: await neutron.makeNetwork(),
      tenant: await neutron.makeNetwork(),
    };
    fixture = await WorkerFixture.create();
    backup = new Backup(fixture.database);
    env = {
      NETPROV_HOST: HOST,
      NETPROV_TRANSPORT_URL: fixture.broker.url(),
      NETPROV_DATABASE_URL: fixture.database.connection,
      NETPROV_NEUTRON_ENDPOINT: neutron.endpoint,
      NETPROV_DEFAULT_NETWORK_PROVIDER: 'neutron',
      NETPROV_PROVISIONING_NETWORK: networks.provisioning.id,
      NETPROV_CLEANING_NETWORK: networks.cleaning.id,
      NETPROV_HEALTH_PORT: 'null',
    };
    tasks = new Map();
    for (const name of Object.keys(NODES)) {
      const vif = await neutron.makePort(networks.tenant.id);
      const port = withVif(makePort(), vif.id);
      tasks.set(name, makeTask({ node: makeNode({ name, network_provider: null }), ports: [port] }));
    }
  });
  afterEach(async () => {
    await worker?.stop();
    worker = null;
    await fixture.drop();
    backup.remove();
    await agents.drop();
    await neutron.drop();
  });

  const alive = (): Promise<unknown> => Promise.all([...tasks.values()].map(({ node }) => agents.report(node.uuid)));

  /** Casts what the nodes go through, and waits until it is done. Resolves with the ids. */
  async function go(when: 'before' | 'after'): Promise<string[]> {
    const ids: string[] = [];
    await alive();
    for (const [name, task] of tasks) {
      for (const method of NODES[name]?.[when] ?? []) ids.push(await fixture.client.cast(TARGET, method, { task }));
    }
    await done(ids);
    return ids;
  }

  async function done(ids: readonly string[]): Promise<void> {
    const sql = `SELECT id, status, last_error FROM operations WHERE finished_at IS NOT NULL AND id IN (?)`;
    const rows = await until(`${ids.length} operations to end`, async () => {
      const ended = await fixture.database.dataSource.query<Record<string, unknown>[]>(sql, [ids]);
      return ended.length === ids.length && ended;
    });
    for (const row of rows) expect(row, JSON.stringify(row)).to.include({ status: 'succeeded' });
  }

  /** What Neutron has bound, by its own reading. */
  async function inNeutron(): Promise<Attached[]> {
    const nodes = new Map([...tasks].map(([name, { node }]) => [node.uuid, name]));
    const found: Attached[] = [];
    for (const on of ['provisioning', 'cleaning', 'tenant'] as const) {
      for (const port of await neutron.portsOn(networks[on].id)) {
        const node = nodes.get(port['binding:host_id']);
        // A VIF that is unbound stands by.
        if (node === undefined && on === 'tenant') continue;
        found.push({ id: port.id, node: node ?? 'nobody', on, mac: port.mac_address, status: port.status });
      }
    }
    return found.sort((a, b) => (a.node < b.node ? -1 : 1));
  }

  /** What the database has on record. */
  async function onRecord(): Promise<Attached[]> {
    const rows = await fixture.database.dataSource.query<Attached[]>(
      `SELECT neutron_port_id AS id, name AS node, network_type AS \`on\`, mac_address AS mac, status
       FROM port_bindings JOIN nodes ON nodes.uuid = node_uuid`,
    );
    return rows.map((row) => ({ ...row })).sort((a, b) => (a.node < b.node ? -1 : 1));
  }

  const wanted = (later: Record<string, Type> = {}): object[] =>
    [...tasks]
      .map(([node, { ports }]) => ({
        node,
        on: later[node] ?? NODES[node]?.on,
        mac: ports[0]?.address,
        status: 'ACTIVE',
      }))
      .filter(({ on }) => on !== null)
      .sort((a, b) => (a.node < b.node ? -1 : 1));

  const withoutId = (all: Attached[]): object[] => all.map(({ node, on, mac, status }) => ({ node, on, mac, status }));

  /**
   * A backup, moves, the loss of the database, and what is then brought back. Resolves with the moves' ids.
   *
   * @param meanwhile what conductors do while no worker is there
   */
  async function loseAndRestore(meanwhile: () => Promise<unknown> = () => Promise.resolve()): Promise<string[]> {
    worker = await startNetprovWorker(env);
    await go('before');
    await backup.make();
    const ids = await go('after');
    expect(withoutId(await inNeutron())).to.deep.equal(wanted());
    await worker.stop();
    await meanwhile();
    await backup.restore();
    expect(await onRecord(), 'the database is wrong').to.not.deep.equal(await inNeutron());
    worker = await startNetprovWorker(env);
    await alive();
    return ids;
  }

  async function expectAllRight(): Promise<void> {
    const reconciled = await netprov(['reconcile', '--all'], env);
    expect(reconciled, reconciled.stdout + reconciled.stderr).to.include({ code: 0 });
  }

  it("is correct after a replay of each node's latest requests, which change nothing in Neutron", async () => {
    const ids = await loseAndRestore();
    const before = await inNeutron();
    const replayed = await netprov(['replay', '--from', '1h', '--latest-per-node', '--yes', '--json'], env);
    expect(replayed, replayed.stderr).to.include({ code: 0 });
    const { entries } = JSON.parse(replayed.stdout) as { entries: { operation_id: string; decision: string }[] };
    const chosen = entries.filter(({ decision }) => decision === 'replay').map(({ operation_id: id }) => id);
    expect(ids).to.include.members(chosen);
    expect(chosen.length).to.be.lessThan(ids.length);
    await done(chosen);
    expect(await inNeutron()).to.deep.equal(before);
    expect(await onRecord()).to.deep.equal(before);
    await expectAllRight();
  });

  it('is correct after a replay of all requests, which move the nodes through their networks again', async () => {
    const ids = await loseAndRestore();
    const replayed = await netprov(['replay', '--from', '1h', '--yes'], env);
    expect(replayed, replayed.stderr).to.include({ code: 0 });
    expect(replayed.stdout).to.contain(`replayed ${ids.length} requests`);
    await done(ids);
    const after = await inNeutron();
    expect(withoutId(after)).to.deep.equal(wanted());
    expect(await onRecord()).to.deep.equal(after);
    await expectAllRight();

    const twice = await netprov(['replay', '--from', '1h', '--yes'], env);
    expect(twice.stdout).to.contain('replayed 0 requests');
  });

  it('is correct for a node that got a new request while its record was outdated', async () => {
    const name = 'was removed';
    const task = tasks.get(name);
    const uuid = task?.node.uuid ?? '';
    let waiting = '';
    await loseAndRestore(async () => {
      waiting = await fixture.client.cast(TARGET, 'configure_tenant_networks', { task });
    });
    const failed = await until('what waited has ended', async () => {
      const row = await fixture.operation(waiting);
      return row?.['finished_at'] != null && row;
    });
    expect(failed['status'], 'the record says that the node is being cleaned').to.equal('failed');
    const latest = ['replay', '--from', '1h', '--latest-per-node', '--yes', '--json'];
    const replayed = await netprov(latest, env);
    const { entries } = JSON.parse(replayed.stdout) as {
      entries: { node: string; decision: string; method: string }[];
    };
    const superseded = entries.filter(({ decision }) => decision === 'skip: superseded');
    expect(superseded.map((entry) => [entry.node, entry.method])).to.deep.include([uuid, 'remove_cleaning_network']);

    const forced = await netprov([...latest, '--force', '--node', uuid], env);
    expect(forced, forced.stderr).to.include({ code: 0 });
    await until('it is done again', async () => (await fixture.operation(waiting))?.['status'] === 'succeeded');
    const after = await inNeutron();
    expect(withoutId(after)).to.deep.equal(wanted({ [name]: 'tenant' }));
    expect(await onRecord()).to.deep.equal(after);
    await expectAllRight();
  });
});
