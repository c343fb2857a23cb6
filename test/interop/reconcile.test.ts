import { expect } from 'chai';

import type { Finding, Task } from '../../src/contract/types.js';
import { until } from '../../testkit/fixtures/poll.js';
import { createRegistry } from '../../testkit/fixtures/registry.js';
import { makeNode, makeTask } from '../../testkit/fixtures/tasks.js';
import { oneNic } from '../../testkit/fixtures/vif-tasks.js';
import { TOPIC, WorkerFixture } from '../../testkit/fixtures/worker.js';
import { type Fate, HttpProxy } from '../../testkit/proxies/http-proxy.js';
import { BaremetalAgents } from '../../testkit/servers/baremetal-agent.js';
import { type Ended, json, Netprov, netprov } from '../../testkit/servers/netprov.js';
import { TestNeutron } from '../../testkit/servers/neutron.js';

const HOST = 'conductor-1';
const TARGET = { topic: TOPIC, server: HOST };
const AWAY = { 'binding:host_id': '', 'binding:profile': {} };

interface Report {
  nodes: number;
  compared: number;
  not_compared: number;
  differences: { node: string; host: string | null; findings: Finding[]; moving: boolean; error: string | null }[];
}

describe('netprov reconcile, on a real Neutron', () => {
  let fixture: WorkerFixture;
  let neutron: TestNeutron;
  let agents: BaremetalAgents;
  let proxy: HttpProxy;
  let env: Record<string, string>;
  let closeRegistry: () => Promise<void>;
  let provisioning: { id: string };
  /** Nodes: one that is to differ, one that is right, and one of provider none. */
  let task: Task;
  let port: string;

  before(async () => {
    fixture = await WorkerFixture.create();
    neutron = new TestNeutron();
    agents = new BaremetalAgents();
    proxy = await HttpProxy.start(neutron.endpoint);
    provisioning = await neutron.makeNetwork();
    env = {
      NETPROV_TRANSPORT_URL: fixture.broker.url(),
      NETPROV_DATABASE_URL: fixture.database.connection,
      NETPROV_NEUTRON_ENDPOINT: proxy.url,
      NETPROV_PROVISIONING_NETWORK: provisioning.id,
      NETPROV_DEFAULT_NETWORK_PROVIDER: 'neutron',
      NETPROV_HEALTH_PORT: 'null',
    };
    await startWorker();
    task = oneNic();
    port = await provision(task);
    await provision(oneNic());
    const none = makeTask({ node: makeNode({ network_provider: 'none' }) });
    await fixture.client.call(TARGET, 'add_provisioning_network', { task: none });
  });
  afterEach(async () => {
    await fixture.reset();
    proxy.reset();
  });
  after(async () => {
    await closeRegistry();
    await fixture.drop();
    await proxy.stop();
    await neutron.drop();
    await agents.drop();
  });

  async function startWorker(): Promise<void> {
    const { registry, close } = createRegistry(neutron.endpoint, { provisioning_network: provisioning.id });
    const before = closeRegistry as (() => Promise<void>) | undefined;
    closeRegistry = async () => {
      await before?.();
      await close();
    };
    await fixture.start(registry);
  }
  /** Puts a node on the provisioning network; answers with its Neutron port. */
  async function provision(node: Task): Promise<string> {
    await agents.report(node.node.uuid);
    const result = await fixture.client.call(TARGET, 'add_provisioning_network', { task: node });
    return (result as { bindings: { neutron_port_id: string }[] }).bindings[0]?.neutron_port_id ?? '';
  }
  const reconcile = (...args: string[]): Promise<Ended> => netprov(['reconcile', ...args], env);
  const record = (): Promise<unknown> =>
    fixture.database.dataSource.query('SELECT * FROM port_bindings ORDER BY node_uuid, neutron_port_id');
  const host = async (): Promise<string | undefined> => (await neutron.port(port))?.['binding:host_id'];

  it('says that nothing differs, with two requests, and how many nodes cannot be compared', async () => {
    const { code, stdout } = await reconcile('--all');
    expect(code).to.equal(0);
    expect(stdout).to.contain('2 nodes compared: no differences from Neutron').and.to.contain('1 node not compared');
    expect(proxy.summary()).to.deep.equal(['GET /v2.0/ports', 'GET /v2.0/ports']);
  });

  it('says what differs and changes nothing; has the worker repair it with --fix; then nothing differs', async () => {
    await startWorker();
    await neutron.changePort(port, AWAY);
    const before = await record();
    const looked = await reconcile('--all', '--json');
    expect(looked.code).to.equal(5);
    const report = json(looked) as Report;
    expect(report).to.include({ nodes: 3, compared: 2, not_compared: 1 });
    const [difference, ...others] = report.differences;
    expect(others).to.deep.equal([]);
    expect(difference).to.include({ node: task.node.uuid, host: HOST, moving: false, error: null });
    expect(difference?.findings[0]).to.include({ kind: 'wrong_host', neutron_port_id: port, repaired: false });
    expect(proxy.requests.every(({ method }) => method === 'GET')).to.equal(true);
    expect(await record()).to.deep.equal(before);
    expect(await host()).to.equal('');

    const shown = await reconcile('--node', task.node.uuid.toUpperCase());
    expect(shown.code).to.equal(5);
    expect(shown.stdout).to.contain('wrong_host').and.to.contain('is bound to no host').and.to.contain('1 with 1 diff');

    const fixed = await reconcile('--host', HOST, '--fix', '--yes', '--json');
    expect(fixed.code, fixed.stderr).to.equal(0);
    expect((json(fixed) as Report).differences[0]?.findings).to.deep.equal(
      difference?.findings.map((finding) => ({ ...finding, repaired: true })),
    );
    expect(await host()).to.equal(task.node.uuid);
    const rows = await fixture.database.dataSource.query<Record<string, unknown>[]>(
      "SELECT network_type, status, conductor_host FROM operations WHERE method = 'reconcile'",
    );
    expect(rows).to.deep.equal([{ network_type: 'provisioning', status: 'succeeded', conductor_host: HOST }]);
    expect((await reconcile('--all')).code).to.equal(0);
  });

  it('puts a port that was made anew on record in the place of the old one', async () => {
    await startWorker();
    await neutron.removePort(port);
    expect((await reconcile('--all', '--fix', '--yes')).code).to.equal(0);
    const [made, ...others] = (await neutron.portsOn(provisioning.id)).filter(
      ({ device_id }) => device_id === task.node.uuid,
    );
    expect(others).to.deep.equal([]);
    const rows = await fixture.database.dataSource.query<{ neutron_port_id: string }[]>(
      'SELECT neutron_port_id FROM port_bindings WHERE node_uuid = ?',
      [task.node.uuid],
    );
    expect(rows).to.deep.equal([{ neutron_port_id: made?.id }]);
    port = made?.id ?? '';
  });

  it('says which node was not repaired, and why, when nobody serves its host', async () => {
    expect((await netprov(['topology', 'declare', '--host', HOST], env)).code).to.equal(0);
    await neutron.changePort(port, AWAY);
    const { code, stdout, stderr } = await reconcile('--all', '--fix', '--yes', '--timeout', '1');
    expect(code).to.equal(3);
    expect(stderr).to.match(
      /^netprov: no worker takes requests of conductor host conductor-1 now, and 0 wait in the queue; /m,
    );
    expect(stderr).to.contain(`node ${task.node.uuid} was not repaired`);
    expect(stdout).to.contain('of which 0 were repaired');
    expect(await host()).to.equal('');
    await startWorker();
    expect((await reconcile('--all', '--fix', '--yes')).code).to.equal(0);
  });

  it('looks again at a node that is being moved', async () => {
    const was = await neutron.port(port);
    const bound = { 'binding:host_id': was?.['binding:host_id'], 'binding:profile': was?.['binding:profile'] };
    await neutron.changePort(port, AWAY);
    const query = (sql: string): Promise<unknown> => fixture.database.dataSource.query(sql, [task.node.uuid]);
    await query("UPDATE operations SET status = 'running' WHERE node_uuid = ? AND method LIKE 'add%'");
    let release = (): void => undefined;
    const moved = new Promise<void>((resolve) => (release = resolve));
    // The first look takes two requests. The second is held until the node has been moved, however long that takes.
    proxy.fate = async (): Promise<Fate> => {
      if (proxy.requests.length > 2) await moved;
      return 'pass';
    };
    const looking = new Netprov(['reconcile', '--all', '--json'], { ...env, NETPROV_NEUTRON_TIMEOUT: '300' });
    await until('the second look', () => proxy.requests.length > 2);
    await neutron.changePort(port, bound);
    await until('it is ACTIVE again', async () => (await neutron.port(port))?.status === 'ACTIVE');
    await query("UPDATE operations SET status = 'succeeded' WHERE node_uuid = ? AND status = 'running'");
    release();
    const ended = await looking.ended;
    expect(ended.code, ended.stderr).to.equal(0);
    expect((json(ended) as Report).differences).to.deep.equal([]);
  });

  describe('refuses', () => {
    for (const [what, args, message] of [
      ['no scope', [], 'needs --node UUID, --host H or --all'],
      ['two scopes', ['--all', '--host', HOST], 'cannot be used with'],
      ['a node that is none', ['--node', 'x'], 'must be a UUID'],
      ['a node that is not on record', ['--node', '1be26c0b-03f2-4d2e-ae87-c02d7f33c123'], 'not on record: 1be26c0b'],
      ['a host without nodes', ['--host', 'nobody'], 'no node on record has conductor host "nobody"'],
      ['to repair what nobody confirmed', ['--all', '--fix'], 'give --yes, or leave out --fix'],
    ] as [string, string[], string][]) {
      it(what, async () => {
        const { code, stdout, stderr } = await reconcile(...args);
        expect(stderr).to.contain(message);
        expect({ code, stdout }).to.deep.equal({ code: 2, stdout: '' });
        expect(proxy.requests).to.deep.equal([]);
      });
    }
  });

  describe('against a Neutron that fails halfway', () => {
    /** The first page, with a link to a second one. */
    const page = {
      status: 200,
      body: { ports: [], ports_links: [{ rel: 'next', href: 'http://n/v2.0/ports?marker=1' }] },
    };
    for (const [what, second, message] of [
      ['answers 500', { status: 500, body: 'oops' }, 'was answered with 500'],
      ['answers with garbage', { status: 200, body: '<html>' }, 'has no usable'],
      ['answers with ports that are none', { status: 200, body: { ports: [{ id: 1 }] } }, 'has no usable ports.0'],
      ['cuts the connection', 'cut before', 'got no answer'],
    ] as [string, Fate, string][]) {
      it(`${what} for the second page: says so, and changes nothing, with --fix too`, async () => {
        proxy.fate = ({ path }) => (path.includes('marker=1') ? second : page);
        const before = await record();
        const { code, stdout, stderr } = await reconcile('--all', '--fix', '--yes');
        expect(stderr).to.contain('Neutron could not be read, and nothing was changed').and.to.contain(message);
        expect({ code, stdout }).to.deep.equal({ code: 3, stdout: '' });
        expect(await record()).to.deep.equal(before);
        expect((await fixture.broker.counts(`${TOPIC}.${HOST}`)).ready).to.equal(0);
      });
    }
  });

  it('is done by the worker from time to time, which warns, and repairs where it is to', async () => {
    await neutron.changePort(port, AWAY);
    const periodic = { ...env, NETPROV_RECONCILE_INTERVAL: '1' };
    const warning = new Netprov(['worker', '--host', HOST], periodic);
    try {
      await warning.says('Neutron differs from the record of the node');
      await warning.says('compared nodes with Neutron');
      expect(warning.stderr).to.contain('kind=wrong_host').and.to.contain(task.node.uuid);
      expect(await host()).to.equal('');
    } finally {
      expect((await warning.stop()).code).to.equal(0);
    }
    const repairing = new Netprov(['worker', '--host', HOST], { ...periodic, NETPROV_RECONCILE_FIX: 'true' });
    try {
      await until('the port is bound again', async () => (await host()) === task.node.uuid);
      await until('the cast has ended', async () => (await reconcile('--all')).code === 0);
    } finally {
      expect((await repairing.stop()).code).to.equal(0);
    }
  });
});
