import { expect } from 'chai';

import { BASE_METHOD_NAMES } from '../../src/contract/methods.js';
import type { OperationResult } from '../../src/contract/types.js';
import { until } from '../../testkit/fixtures/poll.js';
import { samplePort, sampleTask } from '../../testkit/fixtures/samples.js';
import { EXCHANGE, TOPIC, WorkerFixture } from '../../testkit/fixtures/worker.js';
import { BaremetalAgents } from '../../testkit/servers/baremetal-agent.js';
import { Netprov } from '../../testkit/servers/netprov.js';
import { TestNeutron } from '../../testkit/servers/neutron.js';
import { PythonScript } from '../../testkit/servers/python.js';

const HOST = 'conductor-1';
type Answer = Record<string, unknown>;

/** Real Ironic objects and exceptions, Python's oslo.messaging, the worker's own process, and the real Neutron. */
describe("a conductor with Ironic's own objects and exceptions", () => {
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
      NETPROV_RESCUING_NETWORK: cleaning.id,
      NETPROV_INSPECTION_NETWORK: cleaning.id,
      NETPROV_SERVICING_NETWORK: cleaning.id,
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

  afterEach(async () => {
    for (const { id } of [provisioning, cleaning, tenant]) {
      for (const port of await neutron.portsOn(id)) await neutron.removePort(port.id);
    }
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
      it(`every method of version 1.0 ${how} call_monitor_timeout`, async () => {
        const task = await makeTask();
        for (const method of BASE_METHOD_NAMES) {
          const options = call_monitor_timeout === undefined ? {} : { call_monitor_timeout };
          const { result } = await conductor.ask({ do: 'call', method, task, timeout: 120, ...options });
          expect(result, method).to.include({ method, status: 'succeeded', node_uuid: task.node.uuid });
          expect(await statusOn(expected[method]?.network() ?? tenant), method).to.deep.equal(expected[method]?.shows);
        }
      });
    }
  });

  it("casts every method of version 1.0 with Ironic's versioned objects, and gets port_binding_result", async () => {
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
    for (const method of BASE_METHOD_NAMES) {
      expect(await conductor.ask({ do: 'cast', method, task, objects: true })).to.deep.equal({ sent: true });
      const answer = await conductor.next();
      const result = answer['port_binding_result'] as OperationResult;
      expect(result, method).to.include({ method, status: 'succeeded', network_provider: 'neutron', error: null });
      expect(answer['request_id']).to.equal('req-conductor');
      // A ramdisk is on the members, each by itself; the tenant's VIF is on the portgroup.
      const made = method.startsWith('add')
        ? members.map(({ uuid }) => ({ port_uuid: uuid, status: 'ACTIVE' }))
        : method.startsWith('configure')
          ? [{ portgroup_uuid: portgroup.uuid, status: 'ACTIVE' }]
          : [];
      const bound = result.bindings.map(({ port_uuid, portgroup_uuid, status }) =>
        portgroup_uuid == null ? { port_uuid, status } : { portgroup_uuid, status },
      );
      expect(bound, method).to.have.deep.members(made);
    }
  });

  it("is served by the network_interface of Ironic's node when the node is not on record", async () => {
    const { node, ports } = await makeTask();
    const move = (method: string, network_interface: string): Promise<Answer> => {
      const task = { node: { uuid: node.uuid, name: node['name'], network_interface }, ports };
      return conductor.ask({ do: 'call', method, task, objects: true, timeout: 120 });
    };
    const added = await move('add_provisioning_network', 'neutron');
    expect(added['result']).to.include({ status: 'succeeded', network_provider: 'neutron' });
    expect(await statusOn(provisioning)).to.deep.equal(['other ACTIVE', 'other ACTIVE']);
    await move('remove_provisioning_network', 'neutron');
    expect(await statusOn(provisioning)).to.deep.equal([]);
    expect((await move('add_provisioning_network', 'noop'))['result']).to.include({ network_provider: 'none' });
    const { raised } = await move('add_provisioning_network', 'neutorn');
    expect((raised as Answer)['message']).to.include('"neutorn" is unknown; known names: none, neutron, flat');
  });

  describe('with the methods of version 1.1', () => {
    let task: ReturnType<typeof sampleTask>;
    /** The task as Ironic's objects, which do not know network_provider: the stored one is used. */
    const ask = async (method: string, args: Answer = {}): Promise<Answer> => {
      const { node, ...others } = task;
      const known = { ...others, node: { uuid: node.uuid, name: node['name'], provision_state: 'deploying' } };
      const request = { do: 'call', version: '1.1', method, task: known, args, objects: true, timeout: 120 };
      return conductor.ask(request);
    };
    const done = async (method: string, args: Answer = {}): Promise<OperationResult> => {
      const { result, raised } = await ask(method, args);
      expect(raised, method).to.equal(undefined);
      expect(result, method).to.include({ method, status: 'succeeded', network_provider: 'neutron' });
      return result as OperationResult;
    };
    const refused = async (method: string, args: Answer): Promise<Answer> =>
      (await ask(method, args))['raised'] as Answer;
    const makeVif = async (): Promise<string> => (await neutron.makePort(tenant.id)).id;

    beforeEach(async () => {
      task = sampleTask({ network_provider: 'neutron' });
      await agents.report(task.node.uuid);
      await conductor.ask({ do: 'call', method: 'remove_cleaning_network', task });
    });

    it("moves a node through them, as Ironic's objects describe it", async () => {
      const [first, second] = task.ports;
      if (!first || !second) throw new Error('no ports');
      await done('validate', { network_type: 'rescuing' });
      expect(await done('need_power_on')).to.include({ need_power_on: false });

      const [vif, other] = [await makeVif(), await makeVif()];
      await done('vif_attach', { vif_info: { id: vif, port_uuid: second.uuid } });
      await done('vif_attach', { vif_info: { id: other } });
      const { vifs } = await done('vif_list');
      expect(vifs).to.deep.equal([
        { id: other, port_uuid: first.uuid },
        { id: vif, port_uuid: second.uuid },
      ]);
      expect(await done('get_current_vif', { port_uuid: second.uuid })).to.include({ current_vif: vif });
      await done('configure_tenant_networks');
      expect(await statusOn(tenant)).to.deep.equal(['other ACTIVE', 'other ACTIVE']);
      expect(await neutron.port(vif)).to.include({ mac_address: second.address });

      const options = [{ opt_name: '67', opt_value: 'bootx64.efi', ip_version: 4 }];
      await done('update_dhcp_options', { options });
      expect((await neutron.port(vif))?.extra_dhcp_opts).to.deep.equal(options);
      const { network_data } = await done('get_node_network_data');
      expect(network_data?.['links']).to.have.length(2);
      const address = samplePort().address;
      await done('port_changed', { port_obj: { ...second, address } });
      task.ports[1] = { ...second, address };
      expect(await neutron.port(vif)).to.include({ mac_address: address, 'binding:vif_type': 'other' });
      await done('reattach');
      expect(await statusOn(tenant)).to.deep.equal(['other ACTIVE', 'other ACTIVE']);

      await done('unconfigure_tenant_networks');
      for (const type of ['rescuing', 'inspection', 'servicing']) {
        await done(`add_${type}_network`);
        expect(await statusOn(cleaning), type).to.deep.equal(['other ACTIVE', 'other ACTIVE']);
        await done(`remove_${type}_network`);
        expect(await statusOn(cleaning), type).to.deep.equal([]);
      }
      expect((await done('vif_detach', { vif_id: vif })).vifs).to.deep.equal([{ id: other, port_uuid: first.uuid }]);
    });

    it("raises Ironic's exceptions of these methods", async () => {
      const [first, second] = task.ports;
      const [vif, other, third] = [await makeVif(), await makeVif(), await makeVif()];
      await done('vif_attach', { vif_info: { id: vif } });
      expect(await refused('vif_attach', { vif_info: { id: vif } })).to.include({
        class: 'VifAlreadyAttached_Remote',
        code: 409,
      });
      expect(await refused('vif_detach', { vif_id: other })).to.include({ class: 'VifNotAttached_Remote', code: 400 });
      await done('vif_attach', { vif_info: { id: other } });
      expect(await refused('vif_attach', { vif_info: { id: third } })).to.include({
        class: 'NoFreePhysicalPorts_Remote',
        code: 400,
      });
      const address = samplePort().address;
      await neutron.makePort(tenant.id, { mac_address: address });
      const taken = await refused('port_changed', { port_obj: { ...first, address } });
      expect(taken).to.include({ class: 'FailedToUpdateMacOnPort_Remote' });
      expect(taken['message']).to.contain(vif).and.to.contain(address);

      const group = { uuid: samplePort().uuid, name: 'bond0', address: null, mode: '802.3ad', properties: {} };
      task.portgroups = [{ ...group, standalone_ports_supported: false }];
      const joined = await refused('port_changed', { port_obj: { ...second, portgroup_uuid: group.uuid } });
      expect(joined).to.include({ class: 'Conflict_Remote', code: 409 });
    });
  });

  it("raises Ironic's own exceptions", async () => {
    const nobody = sampleTask({ network_provider: 'neutron' });
    const failed = await conductor.ask({ do: 'call', method: 'add_cleaning_network', task: nobody });
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
