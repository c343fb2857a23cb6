import { expect } from 'chai';

import type { MethodArguments } from '../../../src/contract/arguments.js';
import { InvalidParameterValue, NetworkError, TransientError } from '../../../src/contract/errors.js';
import type { MethodName } from '../../../src/contract/methods.js';
import type { Port, Task } from '../../../src/contract/types.js';
import { silentLogger } from '../../../src/log/log.js';
import { NeutronClient } from '../../../src/neutron/client.js';
import { createNeutronProvider } from '../../../src/providers/neutron/index.js';
import type { NetworkProvider, ProviderContext } from '../../../src/providers/provider.js';
import { SimulatedNeutron } from '../../../testkit/fakes/simulated-neutron.js';
import { idsOf } from '../../../testkit/fixtures/provider-fixture.js';
import { rejection } from '../../../testkit/fixtures/rejection.js';
import {
  makeContext,
  makeLagTask,
  makeNode,
  makePort,
  makePortgroup,
  makeTask,
  record,
  runMethod,
  vifOf,
  withVif,
} from '../../../testkit/fixtures/tasks.js';
import { given } from '../../../testkit/fixtures/vif-tasks.js';
import { type Fate, HttpProxy } from '../../../testkit/proxies/http-proxy.js';
import { providerOptions, TestNeutron } from '../../../testkit/servers/neutron.js';

/** What the real Neutron cannot be made to do at will; everything else is in test/interop/neutron-*.test.ts. */
describe('the neutron provider, on a simulated Neutron', () => {
  let simulated: SimulatedNeutron;
  let neutron: TestNeutron;
  let proxy: HttpProxy;
  let client: NeutronClient;
  let provider: NetworkProvider;
  let network: { id: string; name: string };
  let tenant: { id: string; name: string };

  async function start(activeAfter: number): Promise<void> {
    simulated = await SimulatedNeutron.start({ bindAll: true, activeAfter });
    neutron = new TestNeutron(simulated.url);
    proxy = await HttpProxy.start(simulated.url);
    network = await neutron.makeNetwork();
    tenant = await neutron.makeNetwork();
    const waiting = { binding_timeout: 0.5, poll_interval_min: 0.01, poll_interval_max: 0.1 };
    const settings = { provisioning_network: network.name, cleaning_network: network.id };
    const options = providerOptions(settings, { endpoint_override: proxy.url, ...waiting });
    client = new NeutronClient(options.neutron);
    provider = createNeutronProvider({ log: silentLogger(), neutron: client, options });
  }

  beforeEach(() => start(20));

  afterEach(stop);

  async function stop(): Promise<void> {
    await client.close();
    await proxy.stop();
    await simulated.stop();
  }

  const run = (method: MethodName, task: Task, fields: Partial<ProviderContext> = {}) =>
    runMethod(provider, method, makeContext(task, fields));

  it('takes a node around: clean, provision, tenant, and back', async () => {
    let task = makeTask();
    const cleaning = await run('add_cleaning_network', task);
    expect(cleaning.bindings.map(({ status }) => status)).to.deep.equal(['ACTIVE', 'ACTIVE']);
    await run('remove_cleaning_network', task, { recorded: record('cleaning', cleaning.bindings) });
    const deploying = await run('add_provisioning_network', task);
    expect(deploying.bindings).to.have.length(2);
    await run('remove_provisioning_network', task, { recorded: record('provisioning', deploying.bindings) });
    expect(await neutron.portsOn(network.id)).to.deep.equal([]);

    const ports = [];
    for (const port of task.ports) ports.push(withVif(port, (await neutron.makePort(tenant.id)).id));
    task = { ...task, ports };
    const configured = await run('configure_tenant_networks', task);
    expect(idsOf(configured.bindings)).to.deep.equal(ports.map(vifOf).sort());
    await run('unconfigure_tenant_networks', task, { recorded: record('tenant', configured.bindings) });
    for (const port of await neutron.portsOn(tenant.id)) expect(port).to.include({ 'binding:vif_type': 'unbound' });
  });

  it('does not look at ports that the answers already call ACTIVE', async () => {
    const id = (await neutron.makePort(tenant.id)).id;
    proxy.fate = ({ method, body }): Fate => {
      if (method === 'GET') return 'pass';
      const { port } = JSON.parse(body) as { port: object };
      const made = { id, network_id: tenant.id, admin_state_up: true, device_owner: '', device_id: '', fixed_ips: [] };
      return { status: 200, body: { port: { ...made, ...port, status: 'ACTIVE', 'binding:vif_type': 'other' } } };
    };
    const task = makeTask({ ports: [withVif(makePort(), id)] });
    await run('add_cleaning_network', task, { fresh: true });
    await run('configure_tenant_networks', task, { fresh: true });
    expect(proxy.summary()).to.deep.equal(['POST /v2.0/ports', `PUT /v2.0/ports/${id}`]);
  });

  it('gives up at the deadline when ports do not become ACTIVE, and leaves nothing', async () => {
    await stop();
    await start(60_000);
    const outcome = await run('add_provisioning_network', makeTask());
    expect(outcome.error).to.be.instanceOf(NetworkError);
    expect(outcome.error?.message).to.include('did not become ACTIVE within 0.5 s').and.include('status DOWN');
    expect(await neutron.portsOn(network.id)).to.deep.equal([]);
    const polls = proxy.requests.filter(({ path }) => path.includes('?id='));
    expect(polls.length).to.be.within(2, 15);
    expect(polls[0]?.path.match(/id=/g)).to.have.length(2);
  });

  it('fails when a port is deleted by somebody else while it is being bound', async () => {
    await stop();
    await start(60_000);
    proxy.fate = async ({ path }): Promise<Fate> => {
      if (!path.includes('?id=')) return 'pass';
      for (const port of await neutron.portsOn(network.id)) await neutron.removePort(port.id);
      return 'pass';
    };
    const outcome = await run('add_provisioning_network', makeTask());
    expect(outcome.error?.message).to.include('deleted by another client');
  });

  it('adopts its own port when a lost create is done after the list', async () => {
    const task = makeTask({ ports: [makePort()] });
    const { uuid } = task.node;
    let late: { id: string } | null = null;
    proxy.fate = async ({ method }): Promise<Fate> => {
      if (method === 'POST' && late === null) {
        const ours = { device_owner: 'baremetal:none', device_id: uuid, mac_address: task.ports[0]?.address };
        late = await neutron.makePort(network.id, ours);
      }
      return 'pass';
    };
    const added = await run('add_provisioning_network', task);
    expect(added.bindings).to.have.length(1);
    expect(added.bindings[0]).to.include({ status: 'ACTIVE', host_id: uuid });
    expect((await neutron.portsOn(network.id)).map(({ id }) => id)).to.deep.equal(idsOf(added.bindings));
  });

  it('names the holder when somebody else takes the MAC address after the list', async () => {
    const task = makeTask({ ports: [makePort()] });
    proxy.fate = async ({ method }): Promise<Fate> => {
      if (method === 'POST')
        await neutron.makePort(network.id, { device_id: 'a-thief', mac_address: task.ports[0]?.address });
      return 'pass';
    };
    const outcome = await run('add_provisioning_network', task);
    expect(outcome.error?.message).to.include('a-thief');
    expect(await neutron.portsOn(network.id)).to.have.length(1);
  });

  it('makes a port anew that is deleted between the list and its adoption', async () => {
    const task = makeTask({ ports: [makePort()] });
    const ours = { device_owner: 'baremetal:none', device_id: task.node.uuid, mac_address: task.ports[0]?.address };
    const left = await neutron.makePort(network.id, ours);
    proxy.fate = async ({ method }): Promise<Fate> => {
      if (method === 'PUT') await neutron.removePort(left.id);
      return 'pass';
    };
    const added = await run('add_provisioning_network', task);
    expect(idsOf(added.bindings)).to.not.include(left.id);
    expect(added.bindings).to.have.length(1);
  });

  it('forgets a name when its network is gone, and looks it up anew', async () => {
    const task = makeTask({ ports: [makePort()] });
    await run('remove_provisioning_network', task);
    await neutron.removeNetwork(network);
    expect(await rejection(run('add_provisioning_network', task))).to.be.instanceOf(TransientError);
    expect(await rejection(run('add_provisioning_network', task))).to.be.instanceOf(InvalidParameterValue);
    const again = await neutron.makeNetwork(network.name);
    const added = await run('add_provisioning_network', task);
    expect(added.bindings.map(({ network_id }) => network_id)).to.deep.equal([again.id]);
  });

  it('removes what is on record when the setting no longer names a network', async () => {
    const task = makeTask();
    const added = await run('add_provisioning_network', task);
    const lost = { ...task, node: makeNode({ ...task.node, driver_info: { provisioning_network: 'gone' } }) };
    expect(await rejection(run('remove_provisioning_network', lost))).to.be.instanceOf(InvalidParameterValue);
    const recorded = record('provisioning', added.bindings);
    expect(await run('remove_provisioning_network', lost, { recorded })).to.deep.include({
      bindings: [],
      failures: [],
    });
    expect(await neutron.portsOn(network.id)).to.deep.equal([]);
  });

  it('says of the port or portgroup whose address changes that a ramdisk booted with it, not of one with the same', async () => {
    const plain = makeLagTask();
    const [member = makePort()] = plain.ports;
    const [group = makePortgroup()] = plain.portgroups.map((own) => ({ ...own, address: member.address }));
    const task = { ...plain, portgroups: [group] };
    const { bindings } = await run('add_cleaning_network', task);
    const recorded = record('cleaning', bindings);
    const address = '52:54:00:00:00:01';
    const warned = async (method: MethodName, args: Partial<MethodArguments>): Promise<unknown> =>
      (await run(method, task, { recorded, ...given(args) })).warnings?.map(({ port_uuid }) => port_uuid);
    expect(await warned('port_changed', { port_obj: { ...member, address } })).to.deep.equal([member.uuid]);
    expect(await warned('portgroup_changed', { portgroup_obj: { ...group, address } })).to.deep.equal([]);
  });

  it('removes the port of a portgroup before its NICs get ports of their own, also one with the address of a NIC', async () => {
    const plain = makeLagTask();
    const driver_info = { one_port_per_portgroup: true };
    const grouped = { ...plain, node: { ...plain.node, driver_info } };
    const { bindings } = await run('add_cleaning_network', grouped);
    expect(bindings.map(({ portgroup_uuid }) => portgroup_uuid)).to.deep.equal([plain.portgroups[0]?.uuid]);
    proxy.reset();
    const after = await run('add_cleaning_network', plain, { recorded: record('cleaning', bindings) });
    expect(after.bindings.map(({ port_uuid }) => port_uuid)).to.deep.equal(plain.ports.map(({ uuid }) => uuid));
    const changes = proxy.requests.map(({ method }) => method).filter((method) => method !== 'GET');
    expect(changes).to.deep.equal(['DELETE', 'POST', 'POST']);
  });

  it('removes what carries the node when its ports are gone from Ironic', async () => {
    const task = makeTask();
    await run('add_provisioning_network', task);
    await run('remove_provisioning_network', { ...task, ports: [] });
    expect(await neutron.portsOn(network.id)).to.deep.equal([]);
  });

  it('refuses a VIF that is attached twice', async () => {
    const vif = (await neutron.makePort(tenant.id)).id;
    const twice = makeTask({ ports: [withVif(makePort(), vif), withVif(makePort(), vif)] });
    expect((await rejection(run('configure_tenant_networks', twice)))?.message).to.include(vif);
  });

  describe('a VIF of a port in a portgroup', () => {
    /** A portgroup whose first member has a VIF, and a port beside it. */
    async function memberWithVif(single: Port): Promise<{ task: Task; member: Port }> {
      const lag = makeLagTask();
      const [first = makePort(), ...others] = lag.ports;
      const member = withVif(first, (await neutron.makePort(tenant.id)).id);
      return { task: { ...lag, ports: [member, ...others, single] }, member };
    }

    it('is passed over with a warning, and unbound where it was bound before', async () => {
      const single = withVif(makePort(), (await neutron.makePort(tenant.id)).id);
      const { task, member } = await memberWithVif(single);
      const before = { ...task, ports: task.ports.map((port) => ({ ...port, portgroup_uuid: null })), portgroups: [] };
      const recorded = record('tenant', (await run('configure_tenant_networks', before)).bindings);
      expect(recorded).to.have.length(2);
      for (const method of ['configure_tenant_networks', 'reattach'] as const) {
        const { bindings, failures, warnings } = await run(method, task, { recorded });
        expect(bindings.map(({ port_uuid }) => port_uuid)).to.deep.equal([single.uuid]);
        expect(failures).to.deep.equal([]);
        expect(warnings?.map(({ port_uuid }) => port_uuid)).to.deep.equal([member.uuid]);
        expect(warnings?.[0]?.reason).to.include(vifOf(member)).and.include('attach it to the portgroup');
        expect(await neutron.port(vifOf(member))).to.include({ 'binding:host_id': '' });
      }
    });

    it('is no VIF to bind, when there is no other', async () => {
      const { task, member } = await memberWithVif(makePort());
      for (const method of ['configure_tenant_networks', 'reattach'] as const) {
        const error = await rejection(run(method, task));
        expect(error).to.be.instanceOf(NetworkError);
        expect(error?.message).to.include('has no VIF to bind').and.include(vifOf(member));
      }
      const { warnings } = await run('validate', task, given({ network_type: 'tenant' }));
      expect(warnings?.map(({ port_uuid }) => port_uuid)).to.deep.include(member.uuid);
    });
  });

  it('sets a VIF right that is bound to the node with another MAC address', async () => {
    const node = makeNode();
    const vif = await neutron.makePort(tenant.id, {
      'binding:host_id': node.uuid,
      'binding:profile': { local_link_information: [{ port_id: 'elsewhere' }] },
    });
    const task = makeTask({ node, ports: [withVif(makePort(), vif.id)] });
    const { bindings } = await run('configure_tenant_networks', task);
    expect(bindings[0]).to.include({ host_id: node.uuid, status: 'ACTIVE', mac_address: task.ports[0]?.address });
    expect(bindings[0]?.profile['local_link_information']).to.deep.equal([task.ports[0]?.local_link_connection]);
  });

  it('does not roll back what is no longer its own', async () => {
    const controller = new AbortController();
    const reason = new Error('no longer ours');
    proxy.fate = ({ path }) => {
      if (path.includes('?id=')) controller.abort(reason);
      return 'pass';
    };
    const signal = controller.signal;
    expect(await rejection(run('add_provisioning_network', makeTask(), { signal }))).to.equal(reason);
    expect(await neutron.portsOn(network.id)).to.have.length(2);
    expect(proxy.summary().filter((line) => line.startsWith('DELETE'))).to.deep.equal([]);
  });
});
