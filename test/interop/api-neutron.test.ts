import { expect } from 'chai';

import type { Task } from '../../src/contract/types.js';
import { until } from '../../testkit/fixtures/poll.js';
import { createRegistry } from '../../testkit/fixtures/registry.js';
import { oneNic } from '../../testkit/fixtures/vif-tasks.js';
import { TOPIC, WorkerFixture } from '../../testkit/fixtures/worker.js';
import { type ApiProcess, startApi } from '../../testkit/servers/api-process.js';
import { BaremetalAgents } from '../../testkit/servers/baremetal-agent.js';
import { TestNeutron } from '../../testkit/servers/neutron.js';

const HOST = 'conductor-1';
const TARGET = { topic: TOPIC, server: HOST };

type Json = Record<string, unknown>;

interface InNeutron {
  ports: { id: string; host_id: string; recorded: boolean; network_id: string }[];
  networks: { id: string; name: string; segmentation_id: number | null }[];
  missing: string[];
  findings: { kind: string }[];
}

describe('Neutron beside the record, in the REST API on a real Neutron', () => {
  let fixture: WorkerFixture;
  let neutron: TestNeutron;
  let agents: BaremetalAgents;
  let api: ApiProcess;
  let closeRegistry: () => Promise<void>;
  let provisioning: { id: string; name: string };
  let task: Task;
  let port: string;

  before(async () => {
    fixture = await WorkerFixture.create();
    neutron = new TestNeutron();
    agents = new BaremetalAgents();
    provisioning = await neutron.makeNetwork();
    const { registry, close } = createRegistry(neutron.endpoint, { provisioning_network: provisioning.id });
    closeRegistry = close;
    await fixture.start(registry);
    api = await startApi({
      NETPROV_TRANSPORT_URL: fixture.broker.url(),
      NETPROV_DATABASE_URL: fixture.database.connection,
      NETPROV_NEUTRON_ENDPOINT: neutron.endpoint,
      NETPROV_PROVISIONING_NETWORK: provisioning.id,
      NETPROV_DEFAULT_NETWORK_PROVIDER: 'neutron',
    });
    task = oneNic();
    await agents.report(task.node.uuid);
    const result = await fixture.client.call(TARGET, 'add_provisioning_network', { task });
    port = (result as { bindings: { neutron_port_id: string }[] }).bindings[0]?.neutron_port_id ?? '';
  });
  after(async () => {
    await api.stop();
    await closeRegistry();
    await fixture.reset();
    await fixture.drop();
    await neutron.drop();
    await agents.drop();
  });

  const get = async (path: string): Promise<Json> => (await (await fetch(`${api.endpoint}${path}`)).json()) as Json;
  const look = async (): Promise<InNeutron> =>
    (await get(`/v1/nodes/${task.node.uuid}/neutron`)) as unknown as InNeutron;

  const whereabouts = async (): Promise<Json> => {
    const { whereabouts: found } = await get(`/v1/whereabouts?nodes=${task.node.uuid}`);
    return (found as Json[])[0] ?? {};
  };

  async function reconcile(body: object): Promise<Json> {
    const options = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
    const begun = (await (await fetch(`${api.endpoint}/v1/reconciliations`, options)).json()) as Json;
    return until('the reconciliation to be over', async () => {
      const action = await get(`/v1/actions/${String(begun['id'])}`);
      return action['status'] !== 'running' && action;
    });
  }

  it('shows the ports and their networks, and says what differs', async () => {
    const right = await look();
    expect(right).to.deep.include({ missing: [], findings: [] });
    expect(right.ports.map(({ id, recorded, network_id }) => [id, recorded, network_id])).to.deep.equal([
      [port, true, provisioning.id],
    ]);
    expect(right.networks.map(({ id }) => id)).to.deep.equal([provisioning.id]);
    await neutron.changePort(port, { 'binding:host_id': '', 'binding:profile': {} });
    const wrong = await look();
    expect(wrong.ports[0]?.host_id).to.equal('');
    expect(wrong.findings).to.not.have.length(0);
  });

  it('tells in a dry run what would be repaired, and then has the worker repair it', async () => {
    await neutron.changePort(port, { 'binding:host_id': '', 'binding:profile': {} });
    const dry = await reconcile({ nodes: [task.node.uuid] });
    expect(dry).to.deep.include({ kind: 'reconciliation', status: 'done' });
    expect(dry).to.have.nested.include({ 'report.compared': 1, 'report.differing': 1 });
    expect(dry).to.have.nested.include({ 'report.repairable': 1, 'report.compared_with_ironic': null });
    const found = await whereabouts();
    expect(found['differs']).to.equal(true);
    expect(Date.parse(String(found['differs_at']))).to.be.at.least(Date.parse(String(dry['started_at'])));
    expect((await neutron.port(port))?.['binding:host_id']).to.equal('');
    const done = await reconcile({ conductors: [HOST], dry_run: false });
    expect(done).to.have.nested.property('report.differences.0.findings.0.repaired', true);
    expect((await neutron.port(port))?.['binding:host_id']).to.equal(task.node.uuid);
    expect((await look()).findings).to.deep.equal([]);
    expect(await whereabouts()).to.deep.include({ differs: false, differs_at: null });
    expect(await reconcile({ all: true })).to.have.nested.property('report.differing', 0);
  });

  it("knows the networks' names", async () => {
    const { networks } = await get('/v1/networks');
    expect(networks).to.deep.equal([{ id: provisioning.id, name: provisioning.name }]);
  });

  it('needs to know which nodes', async () => {
    for (const wrong of [{}, { all: false }, { all: true, nodes: [task.node.uuid] }, { nodes: ['web'] }]) {
      const options = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(wrong) };
      expect((await fetch(`${api.endpoint}/v1/reconciliations`, options)).status, JSON.stringify(wrong)).to.equal(400);
    }
  });
});
