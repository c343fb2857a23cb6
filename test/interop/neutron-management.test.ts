import { expect } from 'chai';

import { InvalidParameterValue, MissingParameterValue, NetworkError } from '../../src/contract/errors.js';
import { silentLogger } from '../../src/log/log.js';
import { createNeutronProvider } from '../../src/providers/neutron/index.js';
import { idsOf, ProviderFixture } from '../../testkit/fixtures/provider-fixture.js';
import { rejection } from '../../testkit/fixtures/rejection.js';
import { makeContext, makeNode, makePort, makeTask, record } from '../../testkit/fixtures/tasks.js';
import { providerOptions } from '../../testkit/servers/neutron.js';

describe('management networks of the neutron provider, on a real Neutron', () => {
  let f: ProviderFixture;

  before(async () => {
    f = await ProviderFixture.start();
  });

  beforeEach(() => {
    f.proxy.reset();
  });

  after(async () => {
    await f.stop();
  });

  it('gives Neutron the numbers of a cable as they are, whatever their size, and finds them unchanged', async () => {
    const local_link_connection = {
      switch_id: '00:11:22:33:44:55',
      port_id: 18446744073709551615n,
      vlan: 9007199254740993n,
    };
    const task = await f.alive(makeTask({ ports: [makePort({ local_link_connection })] }));
    const added = await f.run('add_provisioning_network', task);
    const { body = '' } = f.proxy.requests.find(({ method }) => method === 'POST') ?? {};
    expect(body).to.contain('"port_id":18446744073709551615').and.to.contain('"vlan":9007199254740993');
    const [port] = await f.portsOf(task);
    expect(port?.['binding:profile']['local_link_information']).to.deep.equal([local_link_connection]);
    expect(added.bindings[0]?.profile['local_link_information']).to.deep.equal([local_link_connection]);
    const before = f.proxy.requests.filter(({ method }) => method !== 'GET').length;
    await f.run('add_provisioning_network', task, { recorded: record('provisioning', added.bindings) });
    expect(f.proxy.requests.filter(({ method }) => method !== 'GET').length, 'nothing to change').to.equal(before);
    await f.run('remove_provisioning_network', task, { recorded: record('provisioning', added.bindings) });
  });

  it('makes bound ports, waits for ACTIVE, and removes them', async () => {
    const task = await f.alive(makeTask({ node: makeNode({ instance_uuid: 'b5ee0a0c-45b9-4e01-a5a1-21b0e0a5e8d5' }) }));
    const added = await f.run('add_provisioning_network', task);

    const shown = await f.portsOf(task);
    expect(shown).to.have.length(2);
    for (const ironicPort of task.ports) {
      const port = shown.find((one) => one.mac_address === ironicPort.address);
      expect(port).to.include({
        network_id: f.provisioning.id,
        admin_state_up: true,
        status: 'ACTIVE',
        device_owner: 'baremetal:none',
        device_id: task.node.instance_uuid,
        'binding:host_id': task.node.uuid,
        'binding:vnic_type': 'baremetal',
        'binding:vif_type': 'other',
      });
      expect(port?.['binding:profile']).to.deep.equal({
        local_link_information: [ironicPort.local_link_connection],
        physical_network: 'physnet1',
      });
      const binding = added.bindings.find((one) => one.port_uuid === ironicPort.uuid);
      expect(binding).to.deep.equal({
        port_uuid: ironicPort.uuid,
        portgroup_uuid: null,
        neutron_port_id: port?.id,
        network_id: f.provisioning.id,
        host_id: task.node.uuid,
        vnic_type: 'baremetal',
        vif_type: 'other',
        status: 'ACTIVE',
        mac_address: ironicPort.address,
        fixed_ips: port?.fixed_ips,
        profile: port?.['binding:profile'],
      });
      expect(binding?.fixed_ips).to.have.length(1);
    }
    expect(added.failures).to.deep.equal([]);

    const recorded = record('provisioning', added.bindings);
    const removed = await f.run('remove_provisioning_network', task, { recorded });
    expect(removed).to.deep.equal({ bindings: [], failures: [] });
    expect(await f.portsOf(task)).to.deep.equal([]);
  });

  it('costs one list and one create per NIC, one list beside one delete per NIC, and the polls', async () => {
    const task = await f.alive(makeTask());
    const added = await f.run('add_provisioning_network', task);
    const adding = f.proxy.summary();
    expect(adding.filter((line) => line === 'POST /v2.0/ports')).to.have.length(2);
    expect(adding.indexOf('POST /v2.0/ports')).to.equal(1);
    expect(adding.slice(3).every((line) => line === 'GET /v2.0/ports')).to.equal(true);
    expect(new Set(f.proxy.requests.map(({ headers }) => headers['x-openstack-request-id'])).size).to.equal(1);

    f.proxy.reset();
    await f.run('remove_provisioning_network', task, { recorded: record('provisioning', added.bindings) });
    expect(f.proxy.requests.map(({ method }) => method)).to.have.members(['GET', 'DELETE', 'DELETE']);
  });

  it('looks a network up by name once', async () => {
    const task = await f.alive(makeTask());
    await f.run('add_cleaning_network', task);
    await f.run('remove_cleaning_network', task);
    const lookups = f.proxy.summary().filter((line) => line === 'GET /v2.0/networks');
    expect(lookups.length).to.be.at.most(1);
    expect(await f.portsOf(task, f.cleaning)).to.deep.equal([]);
  });

  it('takes only ports that boot from the network', async () => {
    const task = await f.alive(makeTask({ ports: [makePort(), makePort({ pxe_enabled: false })] }));
    const added = await f.run('add_provisioning_network', task);
    expect(added.bindings.map(({ port_uuid }) => port_uuid)).to.deep.equal([task.ports[0]?.uuid]);

    const none = makeTask({ ports: [makePort({ pxe_enabled: false })] });
    expect(await rejection(f.run('add_provisioning_network', none))).to.be.instanceOf(NetworkError);
  });

  it('ends with the same ports when it is done again, with and without a record', async () => {
    const task = await f.alive(makeTask());
    const first = await f.run('add_provisioning_network', task);
    const second = await f.run('add_provisioning_network', task);
    const third = await f.run('add_provisioning_network', task, { recorded: record('provisioning', first.bindings) });
    expect(idsOf(second.bindings)).to.deep.equal(idsOf(first.bindings));
    expect(idsOf(third.bindings)).to.deep.equal(idsOf(first.bindings));
    expect((await f.portsOf(task)).map(({ id }) => id).sort()).to.deep.equal(idsOf(first.bindings));

    expect(await f.run('remove_provisioning_network', task)).to.deep.equal({ bindings: [], failures: [] });
    const recorded = record('provisioning', first.bindings);
    expect(await f.run('remove_provisioning_network', task, { recorded })).to.deep.equal({
      bindings: [],
      failures: [],
    });
    expect(await f.portsOf(task)).to.deep.equal([]);
  });

  it('adopts a port of ours and sets right what is wrong with it', async () => {
    const task = await f.alive(makeTask({ ports: [makePort()] }));
    const left = await f.neutron.makePort(f.provisioning.id, {
      mac_address: task.ports[0]?.address,
      device_owner: 'baremetal:none',
      device_id: task.node.uuid,
      'binding:vnic_type': 'baremetal',
      'binding:host_id': 'another-host',
      'binding:profile': { local_link_information: [{ port_id: 'elsewhere' }] },
    });
    expect(left['binding:vif_type']).to.equal('binding_failed');
    const added = await f.run('add_provisioning_network', task);
    expect(idsOf(added.bindings)).to.deep.equal([left.id]);
    const port = await f.neutron.port(left.id);
    expect(port).to.include({ status: 'ACTIVE', 'binding:host_id': task.node.uuid });
    expect(port?.['binding:profile']['local_link_information']).to.deep.equal([task.ports[0]?.local_link_connection]);
  });

  it('binds again what failed to bind before the agent was there', async () => {
    const task = makeTask({ ports: [makePort()] });
    const made = await f.neutron.makePort(f.provisioning.id, {
      mac_address: task.ports[0]?.address,
      device_owner: 'baremetal:none',
      device_id: task.node.uuid,
      'binding:vnic_type': 'baremetal',
      'binding:host_id': task.node.uuid,
      'binding:profile': {
        local_link_information: [task.ports[0]?.local_link_connection],
        physical_network: 'physnet1',
      },
    });
    expect(made['binding:vif_type']).to.equal('binding_failed');
    await f.alive(task);
    const added = await f.run('add_provisioning_network', task);
    expect(added.bindings[0]).to.include({ neutron_port_id: made.id, vif_type: 'other', status: 'ACTIVE' });
  });

  it('binds a port of ours again that Neutron had bound and never brought up', async () => {
    const task = await f.alive(makeTask({ ports: [makePort(), makePort()] }));
    const { bindings } = await f.run('add_provisioning_network', task);
    const [lost = ''] = idsOf(bindings);
    await f.neutron.loseProgress(lost);
    f.proxy.reset();
    const again = await f.run('add_provisioning_network', task);
    expect(again.bindings).to.have.deep.members(bindings);
    expect(await f.neutron.port(lost)).to.include({ status: 'ACTIVE', 'binding:host_id': task.node.uuid });
    const changes = f.proxy.summary().filter((line) => !line.startsWith('GET'));
    expect(changes, 'the other one is left alone').to.deep.equal(Array(2).fill(`PUT /v2.0/ports/${lost}`));
  });

  it('fails at once when no port can be bound, and leaves nothing', async () => {
    const task = makeTask();
    const outcome = await f.run('add_provisioning_network', task);
    expect(f.proxy.requests.filter(({ path }) => path.includes('?id='))).to.deep.equal([]);
    expect(outcome.error).to.be.instanceOf(NetworkError);
    expect(outcome.error?.message).to.include('binding_failed').and.include(task.node.uuid);
    expect(outcome.bindings).to.deep.equal([]);
    expect(outcome.failures.map(({ port_uuid }) => port_uuid)).to.have.members(task.ports.map(({ uuid }) => uuid));
    expect(await f.portsOf(task)).to.deep.equal([]);
  });

  it('keeps the ports that could be bound when others could not, and says which', async () => {
    const task = await f.alive(makeTask({ ports: [makePort(), makePort({ local_link_connection: {} })] }));
    const outcome = await f.run('add_provisioning_network', task);
    expect(outcome.error).to.equal(undefined);
    expect(outcome.bindings.map(({ port_uuid }) => port_uuid)).to.deep.equal([task.ports[0]?.uuid]);
    expect(outcome.failures).to.have.length(1);
    expect(outcome.failures[0]?.port_uuid).to.equal(task.ports[1]?.uuid);
    expect(outcome.failures[0]?.reason).to.include('local_link_connection');
    expect(await f.portsOf(task)).to.have.length(1);
  });

  it('never touches a port that is not ours, and names it', async () => {
    const task = await f.alive(makeTask());
    const foreign = await f.neutron.makePort(f.provisioning.id, {
      mac_address: task.ports[0]?.address,
      device_owner: 'compute:nova',
      device_id: 'somebody',
    });
    const added = await f.run('add_provisioning_network', task);
    expect(added.bindings).to.have.length(1);
    expect(added.failures[0]?.reason).to.include(foreign.id).and.include('compute:nova').and.include('somebody');

    const removed = await f.run('remove_provisioning_network', task);
    expect(removed.error?.message).to.include(foreign.id);
    expect((await f.portsOf(task)).map(({ id }) => id)).to.deep.equal([foreign.id]);
    expect(await f.neutron.port(foreign.id)).to.deep.equal(foreign);
    await f.neutron.removePort(foreign.id);
  });

  it('moves to another network when the setting changed meanwhile', async () => {
    const task = await f.alive(makeTask());
    const before = await f.run('add_provisioning_network', task);
    const driver_info = { provisioning_network: f.tenant.name };
    const moved = { ...task, node: { ...task.node, driver_info } };
    const recorded = record('provisioning', before.bindings);
    const after = await f.run('add_provisioning_network', moved, { recorded });
    expect(new Set(after.bindings.map(({ network_id }) => network_id))).to.deep.equal(new Set([f.tenant.id]));
    expect(await f.portsOf(task)).to.deep.equal([]);

    await f.run('remove_provisioning_network', task, { recorded: record('provisioning', after.bindings) });
    expect(await f.portsOf(task, f.tenant)).to.deep.equal([]);
  });

  it('shares the port where provisioning and cleaning are one network, and removes it with the last', async () => {
    const driver_info = { cleaning_network: f.provisioning.id };
    const task = await f.alive(makeTask({ node: makeNode({ driver_info }) }));
    const first = await f.run('add_provisioning_network', task);
    const recorded = record('provisioning', first.bindings);
    const second = await f.run('add_cleaning_network', task, { recorded });
    expect(idsOf(second.bindings)).to.deep.equal(idsOf(first.bindings));
    recorded.push(...record('cleaning', second.bindings));
    await f.run('remove_provisioning_network', task, { recorded });
    expect((await f.portsOf(task)).map(({ id }) => id).sort()).to.deep.equal(idsOf(first.bindings));
    await f.run('remove_cleaning_network', task, { recorded: record('cleaning', second.bindings) });
    expect(await f.portsOf(task)).to.deep.equal([]);
  });

  it('refuses networks that are not set, not there or not unique, and changes nothing', async () => {
    const twin = await f.neutron.makeNetwork(f.tenant.name);
    const withNetwork = (provisioning_network: string | number) =>
      makeTask({ node: makeNode({ driver_info: { provisioning_network } }) });
    const several = await rejection(f.run('add_provisioning_network', withNetwork(f.tenant.name)));
    // The name was unique when a test before looked it up; a name is trusted for a while.
    if (several !== null) expect(several).to.be.instanceOf(InvalidParameterValue);
    await f.neutron.removeNetwork(twin);

    const name = (await f.neutron.makeNetwork()).name;
    await f.neutron.makeNetwork(name);
    const ambiguous = await rejection(f.run('add_provisioning_network', withNetwork(name)));
    expect(ambiguous).to.be.instanceOf(InvalidParameterValue);
    expect(ambiguous?.message).to.include('several').and.include(name);

    const unknown = await rejection(f.run('add_provisioning_network', withNetwork('no-such-network')));
    expect(unknown).to.be.instanceOf(InvalidParameterValue);
    expect(unknown?.message).to.include('no-such-network');

    const missing = '11111111-2222-4333-8444-555555555555';
    const gone = await f.run('add_provisioning_network', withNetwork(missing));
    expect(gone.error).to.be.instanceOf(InvalidParameterValue);
    expect(gone.error?.message).to.include(missing);

    expect(await rejection(f.run('add_provisioning_network', withNetwork(7)))).to.be.instanceOf(InvalidParameterValue);
  });

  it('refuses a network that is set nowhere', async () => {
    const options = providerOptions({}, { endpoint_override: f.proxy.url });
    const unset = createNeutronProvider({ log: silentLogger(), neutron: f.client, options });
    const error = await rejection(unset.add_provisioning_network(makeContext(makeTask())));
    expect(error).to.be.instanceOf(MissingParameterValue);
    expect(f.proxy.requests).to.deep.equal([]);
  });
});
