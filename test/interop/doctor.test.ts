import { randomUUID } from 'node:crypto';

import { expect } from 'chai';

import { loadConfig } from '../../src/config/load.js';
import { checkNeutron } from '../../src/doctor/check-neutron.js';
import { type DoctorFinding, Findings } from '../../src/doctor/finding.js';
import { doctorContextOf } from '../../src/services/doctor-context.js';
import { putNode } from '../../testkit/fixtures/on-record.js';
import { HttpProxy } from '../../testkit/proxies/http-proxy.js';
import { BaremetalAgents } from '../../testkit/servers/baremetal-agent.js';
import { createDatabase, type TestDatabase } from '../../testkit/servers/database.js';
import { TestNeutron } from '../../testkit/servers/neutron.js';

describe('netprov doctor and Neutron', () => {
  let neutron: TestNeutron;
  let guard: HttpProxy;
  let agents: BaremetalAgents;
  let database: TestDatabase;
  let network: { id: string; name: string };
  before(async () => {
    neutron = new TestNeutron();
    agents = new BaremetalAgents();
    guard = await HttpProxy.start(neutron.endpoint);
    database = await createDatabase();
    network = await neutron.makeNetwork();
  });
  afterEach(() => {
    guard.reset();
  });
  after(async () => {
    await guard.stop();
    await agents.drop();
    await neutron.drop();
    await database.drop();
  });

  async function findings(more: Record<string, string> = {}): Promise<DoctorFinding[]> {
    const env = {
      NETPROV_NEUTRON_ENDPOINT: guard.url,
      NETPROV_DATABASE_URL: database.connection,
      NETPROV_PROVISIONING_NETWORK: network.name,
      ...more,
    };
    const found = new Findings('neutron');
    await checkNeutron(doctorContextOf(loadConfig({ env }), { timeout: 120 }), found, new AbortController().signal);
    return found.all;
  }
  const found = (all: readonly DoctorFinding[], check: string): string[] =>
    all.filter((one) => one.check === `neutron.${check}`).map(({ status, what }) => `${status}: ${what}`);

  it('finds no problem when networks, permissions and agents are there', async () => {
    const node = await putNode(database.dataSource.manager);
    await agents.report(node);
    const all = await findings();
    expect(all.filter(({ status }) => status !== 'ok')).to.deep.equal([]);
    expect(all.map(({ check }) => check.replace('neutron.', ''))).to.have.members([
      ...['connection', 'clock', 'extensions', 'networks', 'permissions', 'agents'],
    ]);
    expect(await neutron.portsOn(network.id)).to.deep.equal([]);
  });

  it('finds nodes without a living agent, and says that other drivers need none', async () => {
    const node = await putNode(database.dataSource.manager);
    const [agent] = (await findings()).filter(({ check }) => check === 'neutron.agents');
    expect(agent?.what).to.contain(`Neutron has no agent of type Baremetal Node for node ${node}`);
    expect(agent).to.have.property('status', 'warning');
    expect(agent?.remedy).to.contain('networking-generic-switch');
  });

  it('finds missing networks and security groups, and ambiguous names', async () => {
    const [one, other] = [await neutron.makeNetwork(), randomUUID()];
    const twin = await neutron.makeNetwork(one.name);
    const all = await findings({
      NETPROV_CLEANING_NETWORK: one.name,
      NETPROV_RESCUING_NETWORK: 'missing',
      NETPROV_CLEANING_NETWORK_SECURITY_GROUPS: other,
    });
    const networks = found(all, 'networks');
    expect(networks[0]).to.match(/^ok: provisioning_network/);
    expect(networks[1])
      .to.match(/^problem: cleaning_network .*several networks/)
      .and.contain(twin.id);
    expect(networks[2]).to.match(/^problem: rescuing_network is "missing"/);
    expect(found(all, 'security_groups')[0]).to.contain(other);
  });

  it("finds missing permissions, and names Neutron's policy rules", async () => {
    guard.fate = ({ method, body }) => {
      if (method !== 'POST' || !body.includes('"binding:host_id"')) return 'pass';
      return { status: 403, body: { NeutronError: { type: 'PolicyNotAuthorized', message: 'no', detail: '' } } };
    };
    const all = await findings();
    expect(found(all, 'permissions')[0]).to.match(/^problem: .*create_port:binding:host_id/);
  });

  it('finds a wrong clock, missing extensions, and a server that is not Neutron', async () => {
    guard.fate = ({ path }) =>
      path.startsWith('/v2.0/extensions')
        ? {
            status: 200,
            body: { extensions: [{ alias: 'agent' }] },
            headers: { date: new Date(Date.now() - 60_000).toUTCString() },
          }
        : 'pass';
    const all = await findings();
    expect(found(all, 'clock')[0]).to.match(/^warning: .* (59|6\d)\.\d s behind/);
    expect(found(all, 'extensions').find((text) => text.includes('binding'))).to.match(/^problem/);
    expect(found(all, 'extensions').filter((text) => text.startsWith('warning'))).to.have.length(4);
    guard.fate = () => ({ status: 200, body: { hello: 'world' } });
    expect(found(await findings(), 'connection')[0]).to.match(/^problem: the answer to GET/);
    guard.fate = () => ({ status: 401, body: { error: { message: 'no' } } });
    expect(found(await findings(), 'connection')[0]).to.match(/^problem: .*401/);
  });
});
