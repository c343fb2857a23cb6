import { expect } from 'chai';

import { METHODS } from '../../src/contract/methods.js';
import type { OperationResult } from '../../src/contract/types.js';
import { BaremetalAgents } from '../support/baremetal-agent.js';
import { Netprov } from '../support/netprov.js';
import { TestNeutron } from '../support/neutron.js';
import { until } from '../support/poll.js';
import { PythonScript } from '../support/python.js';
import { samplePort, sampleTask } from '../support/samples.js';
import { EXCHANGE, TOPIC, WorkerFixture } from '../support/worker.js';

const HOST = 'conductor-1';
type Answer = Record<string, unknown>;

/** Real Ironic objects and exceptions, Python's oslo.messaging, the worker's own process, and the real Neutron. */
describe("a conductor with Ironic's own objects and exceptions", function () {
  this.timeout(60_000);
  let fixture: WorkerFixture;
  let neutron: TestNeutron;
  let agents: BaremetalAgents;
  let worker: Netprov;
  let conductor: PythonScript;
  let provisioning: { id: string };
  let cleaning: { id: string };
  let tenant: { id: string };

  before(async () => {
    neutron = new TestNeutron();
    agents = new BaremetalAgents();
    [provisioning, cleaning, tenant] = [
      await neutron.makeNetwork(),
      await neutron.makeNetwork(),
      await neutron.makeNetwork(),
    ];
    fixture = await WorkerFixture.create();
    worker = new Netprov(['worker', '--host', HOST], {
      NETPROV_TRANSPORT_URL: fixture.broker.url(),
      NETPROV_DATABASE_URL: fixture.database.connection,
      NETPROV_NEUTRON_ENDPOINT: neutron.endpoint,
      NETPROV_PROVISIONING_NETWORK: provisioning.id,
      NETPROV_CLEANING_NETWORK: cleaning.id,
      NETPROV_HEALTH_PORT: '0',
      NETPROV_LOG_LEVEL: 'debug',
    });
    await worker.says('the worker is ready');
    conductor = new PythonScript('ironic_conductor.py', {
      transport_url: fixture.broker.url(),
      exchange: EXCHANGE,
      topic: TOPIC,
      host: HOST,
      allowed_remote_exmods: ['ironic.common.exception'],
    });
    expect(await conductor.next()).to.deep.equal({ ready: true });
  });
  after(async () => {
    await conductor.stop();
    await worker.stop();
    await fixture.drop();
    await agents.drop();
    await neutron.drop();
  });

  /** A node that Neutron can bind, with a VIF on each NIC. */
  async function makeTask(): Promise<ReturnType<typeof sampleTask>> {
    const task = sampleTask({ network_provider: 'neutron' });
    await agents.report(task.node.uuid);
    const ports = [];
    for (const port of task.ports) {
      const vif = await neutron.makePort(tenant.id);
      ports.push({ ...port, internal_info: { tenant_vif_port_id: vif.id } });
    }
    return { ...task, ports };
  }

  const statusOn = async (network: { id: string }): Promise<string[]> =>
    (await neutron.portsOn(network.id)).map((port) => `${port['binding:vif_type']} ${port.status}`);

  /** What Neutron shows on the method's network when it is done. */
  const expected: Record<string, { network: () => { id: string }; shows: string[] }> = {
    add_provisioning_network: { network: () => provisioning, shows: ['other ACTIVE', 'other ACTIVE'] },
    remove_provisioning_network: { network: () => provisioning, shows: [] },
    add_cleaning_network: { network: () => cleaning, shows: ['other ACTIVE', 'other ACTIVE'] },
    remove_cleaning_network: { network: () => cleaning, shows: [] },
    configure_tenant_networks: { network: () => tenant, shows: ['other ACTIVE', 'other ACTIVE'] },
    unconfigure_tenant_networks: { network: () => tenant, shows: ['unbound DOWN', 'unbound DOWN'] },
  };

  describe('calls', () => {
    for (const call_monitor_timeout of [undefined, 10]) {
      const how = call_monitor_timeout === undefined ? 'without' : 'with';
      it(`every method ${how} call_monitor_timeout`, async () => {
        const task = await makeTask();
        for (const method of Object.keys(METHODS)) {
          const options = call_monitor_timeout === undefined ? {} : { call_monitor_timeout };
          const { result } = await conductor.ask({ do: 'call', method, task, timeout: 60, ...options }, 60_000);
          expect(result, method).to.include({ method, status: 'succeeded', node_uuid: task.node.uuid });
          expect(await statusOn(expected[method]?.network() ?? tenant), method).to.deep.equal(expected[method]?.shows);
        }
        for (const port of await neutron.portsOn(tenant.id)) await neutron.removePort(port.id);
      });
    }
  });

  it("casts every method with Ironic's versioned objects, and gets port_binding_result", async () => {
    const portgroup = {
      uuid: samplePort().uuid,
      name: 'bond0',
      address: samplePort().address,
      mode: '802.3ad',
      properties: {},
    };
    const { node, ports } = await makeTask();
    // Ironic's Node has no network_provider: the stored one is used.
    const known = { node: { ...node, network_provider: 'neutron' }, ports: [], portgroups: [] };
    await conductor.ask({ do: 'call', method: 'remove_cleaning_network', task: known });
    const members = ports.map((port) => ({ ...port, portgroup_uuid: portgroup.uuid, internal_info: {} }));
    const vif = (ports[0]?.['internal_info'] as Answer)['tenant_vif_port_id'];
    const task = {
      node: { uuid: node.uuid, name: node['name'] },
      ports: members,
      portgroups: [{ ...portgroup, internal_info: { tenant_vif_port_id: vif } }],
    };
    for (const method of Object.keys(METHODS)) {
      expect(await conductor.ask({ do: 'cast', method, task, objects: true })).to.deep.equal({ sent: true });
      const answer = await conductor.next(60_000);
      const result = answer['port_binding_result'] as OperationResult;
      expect(result, method).to.include({ method, status: 'succeeded', network_provider: 'neutron', error: null });
      expect(answer['request_id']).to.equal('req-conductor');
      const made = method.startsWith('add') || method.startsWith('configure') ? 1 : 0;
      expect(result.bindings, method).to.have.length(made);
      if (made) expect(result.bindings[0]).to.include({ portgroup_uuid: portgroup.uuid, status: 'ACTIVE' });
    }
    for (const port of await neutron.portsOn(tenant.id)) await neutron.removePort(port.id);
  });

  it("raises Ironic's own exceptions", async () => {
    const nobody = sampleTask({ network_provider: 'neutron' });
    const failed = await conductor.ask({ do: 'call', method: 'add_cleaning_network', task: nobody }, 60_000);
    // Nobody reports this node to Neutron, so the binding fails.
    expect(failed['raised']).to.include({ network_error: true, class: 'NetworkError_Remote' });
    expect(await neutron.portsOn(cleaning.id), 'rolled back').to.deep.equal([]);

    const unknown = sampleTask({ network_provider: 'acme' });
    const refused = await conductor.ask({ do: 'call', method: 'add_cleaning_network', task: unknown });
    expect(refused['raised']).to.include({ ironic_exception: true, class: 'InvalidParameterValue_Remote' });
    expect((refused['raised'] as Answer)['message']).to.contain('acme');
  });

  it('keeps the token of the context out of the log and the database', async () => {
    const task = sampleTask({ network_provider: 'none' });
    await conductor.ask({ do: 'call', method: 'add_cleaning_network', task });
    await until('the operation to be logged', () => worker.stderr.includes(task.node.uuid));
    expect(worker.stderr).not.to.contain('planted-token');
    for (const table of ['operations', 'nodes', 'ports', 'port_bindings']) {
      const rows = await fixture.database.dataSource.query<unknown[]>(`SELECT * FROM ${table}`);
      expect(JSON.stringify(rows), table).not.to.contain('planted-token');
    }
  });
});
