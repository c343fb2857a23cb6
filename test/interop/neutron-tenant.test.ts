import { expect } from 'chai';

import { NetworkError, TransientError } from '../../src/contract/errors.js';
import type { NeutronPort } from '../../src/neutron/resources.js';
import { idsOf, ProviderFixture } from '../../testkit/fixtures/provider-fixture.js';
import { rejection } from '../../testkit/fixtures/rejection.js';
import { makeLagTask, makeNode, makePort, makeTask, record, vifOf, withVif } from '../../testkit/fixtures/tasks.js';
import type { Fate, ProxiedRequest } from '../../testkit/proxies/http-proxy.js';

describe('tenant networks of the neutron provider, on a real Neutron', () => {
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

  it('binds the VIFs that the user made, and unbinds them again', async () => {
    const owner = { device_owner: 'compute:nova', device_id: 'an-instance', name: 'vif' };
    const task = await f.alive(await f.attachVifs(makeTask(), owner));
    const vifs = task.ports.map((port) => vifOf(port));
    const configured = await f.run('configure_tenant_networks', task);
    expect(configured.failures).to.deep.equal([]);
    expect(idsOf(configured.bindings)).to.deep.equal([...vifs].sort());
    for (const port of task.ports) {
      const shown = await f.neutron.port(vifOf(port));
      expect(shown).to.include({
        ...owner,
        status: 'ACTIVE',
        mac_address: port.address,
        'binding:host_id': task.node.uuid,
        'binding:vnic_type': 'baremetal',
        'binding:vif_type': 'other',
      });
      expect(shown?.['binding:profile']).to.deep.equal({
        local_link_information: [port.local_link_connection],
        physical_network: 'physnet1',
      });
    }

    const recorded = record('tenant', configured.bindings);
    const unconfigured = await f.run('unconfigure_tenant_networks', task, { recorded });
    expect(unconfigured).to.deep.equal({ bindings: [], failures: [] });
    for (const port of task.ports) {
      const shown = await f.neutron.port(vifOf(port));
      expect(shown).to.include({ ...owner, 'binding:host_id': '', 'binding:vif_type': 'unbound' });
      expect(shown?.['binding:profile']).to.deep.equal({});
      expect(shown?.mac_address).to.not.equal(port.address);
    }
  });

  it('costs one list and one update per VIF, and two updates per VIF to unbind', async () => {
    const task = await f.alive(await f.attachVifs(makeTask()));
    await f.run('configure_tenant_networks', task);
    expect(f.proxy.summary().filter((line) => line.startsWith('PUT'))).to.have.length(2);
    expect(f.proxy.summary()[0]).to.equal('GET /v2.0/ports');
    f.proxy.reset();
    await f.run('unconfigure_tenant_networks', task);
    expect(f.proxy.summary().map((line) => line.split(' ')[0])).to.deep.equal(['GET', 'PUT', 'PUT', 'PUT', 'PUT']);
  });

  it("leaves the tenant's port without what the NIC gave it: MAC address and DHCP client id, whatever the NIC has now", async () => {
    const own = { extra_dhcp_opts: [{ opt_name: 'domain-name', opt_value: 'example.org' }] };
    const nic = makePort({ extra: { 'client-id': 'ff:00:11' } });
    const task = await f.alive(await f.attachVifs(makeTask({ ports: [nic] }), own));
    const before = await f.vifsOf(task);
    const recorded = record('tenant', (await f.run('configure_tenant_networks', task)).bindings);
    const optionsOf = (vif: NeutronPort | null | undefined): unknown[] =>
      (vif?.extra_dhcp_opts ?? []).map(({ opt_name, opt_value }) => [opt_name, opt_value]).sort();
    expect(optionsOf((await f.vifsOf(task))[0])).to.deep.equal([
      ['61', 'ff:00:11'],
      ['domain-name', 'example.org'],
    ]);
    const replaced = { ...task, ports: task.ports.map((port) => ({ ...port, address: makePort().address })) };
    expect(await f.run('unconfigure_tenant_networks', replaced, { recorded })).to.include.keys('bindings');
    const [vif] = await f.vifsOf(task);
    expect(vif).to.include({ 'binding:host_id': '', 'binding:vif_type': 'unbound' });
    expect(vif?.mac_address).to.not.equal(nic.address);
    expect(optionsOf(vif)).to.deep.equal(optionsOf(before[0]));
    const { fixed_ips, security_groups, device_id, device_owner, name, admin_state_up } = before[0] ?? {};
    expect(vif).to.deep.include({ fixed_ips, security_groups, device_id, device_owner, name, admin_state_up });
  });

  it('leaves a VIF as it is that is bound with the right data', async () => {
    const task = await f.alive(await f.attachVifs(makeTask()));
    const first = await f.run('configure_tenant_networks', task);
    f.proxy.reset();
    const second = await f.run('configure_tenant_networks', task, { recorded: record('tenant', first.bindings) });
    expect(idsOf(second.bindings)).to.deep.equal(idsOf(first.bindings));
    expect(f.proxy.summary()).to.deep.equal(['GET /v2.0/ports']);
    await f.run('unconfigure_tenant_networks', task);
    f.proxy.reset();
    expect(await f.run('unconfigure_tenant_networks', task)).to.deep.equal({ bindings: [], failures: [] });
    expect(f.proxy.summary()).to.deep.equal(['GET /v2.0/ports']);
  });

  it('binds a VIF again that Neutron had bound and never brought up', async () => {
    const task = await f.alive(await f.attachVifs(makeTask()));
    const { bindings } = await f.run('configure_tenant_networks', task);
    const [lost = ''] = idsOf(bindings);
    await f.neutron.loseProgress(lost);
    f.proxy.reset();
    const again = await f.run('configure_tenant_networks', task, { recorded: record('tenant', bindings) });
    expect(again.bindings).to.have.deep.members(bindings);
    expect(await f.neutron.port(lost)).to.include({ status: 'ACTIVE', 'binding:host_id': task.node.uuid });
    const changes = f.proxy.summary().filter((line) => !line.startsWith('GET'));
    expect(changes, 'the other one is left alone').to.deep.equal(Array(2).fill(`PUT /v2.0/ports/${lost}`));
  });

  it('looks anew at a VIF that a late request binds while it is being bound', async () => {
    const task = await f.alive(await f.attachVifs(makeTask({ ports: [makePort()] })));
    const [port] = task.ports;
    const vif = port === undefined ? '' : vifOf(port);
    let late = true;
    f.proxy.fate = async ({ method }): Promise<Fate> => {
      if (method === 'PUT' && late) {
        late = false;
        await f.neutron.changePort(vif, {
          'binding:host_id': task.node.uuid,
          'binding:vnic_type': 'baremetal',
          'binding:profile': { local_link_information: [port?.local_link_connection] },
        });
      }
      return 'pass';
    };
    const error = await rejection(f.run('configure_tenant_networks', task));
    expect(error).to.be.instanceOf(TransientError);
    expect(error?.message).to.include(`${vif} was bound while`);
    const { bindings } = await f.run('configure_tenant_networks', task);
    expect(idsOf(bindings)).to.deep.equal([vif]);
    expect(await f.neutron.port(vif)).to.include({ status: 'ACTIVE', mac_address: port?.address });
  });

  it('binds VIFs that an older Nova tried to bind to its own host', async () => {
    const task = await f.alive(await f.attachVifs(makeTask(), { 'binding:host_id': 'nova-compute-1' }));
    const configured = await f.run('configure_tenant_networks', task);
    expect(configured.bindings.map(({ host_id }) => host_id)).to.deep.equal([task.node.uuid, task.node.uuid]);
    await f.run('unconfigure_tenant_networks', task);
  });

  it('unbinds a VIF first where Neutron changes vnic_type on unbound ports alone, as from Neutron 26 on', async () => {
    const task = await f.alive(await f.attachVifs(makeTask(), { 'binding:host_id': 'nova-compute-1' }));
    f.proxy.fate = asNewerNeutron;
    const configured = await f.run('configure_tenant_networks', task);
    expect(configured.failures).to.deep.equal([]);
    for (const vif of await f.vifsOf(task)) {
      expect(vif).to.include({ status: 'ACTIVE', 'binding:vnic_type': 'baremetal', 'binding:host_id': task.node.uuid });
    }
    await f.run('unconfigure_tenant_networks', task);
  });

  /** Refuses what Neutron 26 and later refuse, in their words. Source: plugins/ml2/plugin.py, _validate_port_update. */
  async function asNewerNeutron({ method, path, body }: ProxiedRequest): Promise<Fate> {
    const wanted = method === 'PUT' ? (JSON.parse(body) as { port: Partial<NeutronPort> }).port : {};
    const vnicType = wanted['binding:vnic_type'];
    const port = vnicType === undefined ? null : await f.neutron.port(path.split('/').at(-1) ?? '');
    if (port === null || port['binding:vnic_type'] === vnicType || port['binding:vif_type'] === 'unbound')
      return 'pass';
    const message = `Unable to complete operation on port ${port.id} for network ${port.network_id}.`;
    return { status: 409, body: { NeutronError: { type: 'PortInUse', message, detail: '' } } };
  }

  it('takes over a VIF that is bound to another host, although its MAC address changes', async () => {
    const elsewhere = await f.alive(makeTask({ ports: [makePort()] }));
    const vif = await f.neutron.makePort(f.tenant.id, {
      'binding:host_id': elsewhere.node.uuid,
      'binding:vnic_type': 'baremetal',
    });
    expect(vif['binding:vif_type']).to.equal('other');
    const task = await f.alive(makeTask({ ports: [withVif(makePort(), vif.id)] }));
    await f.run('configure_tenant_networks', task);
    expect(await f.neutron.port(vif.id)).to.include({
      status: 'ACTIVE',
      mac_address: task.ports[0]?.address,
      'binding:host_id': task.node.uuid,
    });
    // The other node has lost it, and must not unbind it.
    const other = { ...elsewhere, ports: elsewhere.ports.map((port) => withVif(port, vif.id)) };
    await f.run('unconfigure_tenant_networks', other);
    expect(await f.neutron.port(vif.id)).to.include({ 'binding:host_id': task.node.uuid, status: 'ACTIVE' });
    await f.run('unconfigure_tenant_networks', task);
  });

  it('binds the VIF of a portgroup, which keeps its MAC address where the portgroup has none', async () => {
    const vif = await f.neutron.makePort(f.tenant.id);
    const lag = makeLagTask();
    const task = await f.alive({ ...lag, portgroups: lag.portgroups.map((group) => withVif(group, vif.id)) });
    const configured = await f.run('configure_tenant_networks', task);
    expect(configured.bindings).to.have.length(1);
    expect(configured.bindings[0]).to.include({ portgroup_uuid: task.portgroups[0]?.uuid, port_uuid: null });
    const shown = await f.neutron.port(vif.id);
    expect(shown).to.include({ status: 'ACTIVE', mac_address: vif.mac_address });
    expect(shown?.['binding:profile']['local_link_information']).to.have.length(2);
    expect(shown?.['binding:profile']).to.have.nested.property('local_group_information.bond_mode', '802.3ad');
    await f.run('unconfigure_tenant_networks', task, { recorded: record('tenant', configured.bindings) });
    expect(await f.neutron.port(vif.id)).to.include({ 'binding:host_id': '', mac_address: vif.mac_address });
  });

  it('fails when there is no VIF, and when one does not exist; then the others are unbound again', async () => {
    expect(await rejection(f.run('configure_tenant_networks', makeTask()))).to.be.instanceOf(NetworkError);

    const half = await f.attachVifs(makeTask({ ports: [makePort()] }));
    const missing = '99999999-2222-4333-8444-555555555555';
    const task = await f.alive({ ...half, ports: [...half.ports, withVif(makePort(), missing)] });
    const outcome = await f.run('configure_tenant_networks', task);
    expect(outcome.error).to.be.instanceOf(NetworkError);
    expect(outcome.error?.message).to.include(missing);
    expect(outcome.failures.map(({ port_uuid }) => port_uuid)).to.deep.equal([task.ports[1]?.uuid]);
    expect(outcome.bindings).to.deep.equal([]);
    const [vif] = await f.vifsOf(half);
    expect(vif).to.include({ 'binding:host_id': '', 'binding:vif_type': 'unbound' });
    expect(vif?.mac_address).to.not.equal(task.ports[0]?.address);
  });

  it('unbinds VIFs that could not be bound', async () => {
    const task = await f.attachVifs(makeTask());
    const outcome = await f.run('configure_tenant_networks', task);
    expect(outcome.error?.message).to.include('binding_failed');
    for (const port of task.ports) {
      const vif = await f.neutron.port(vifOf(port));
      expect(vif).to.include({ 'binding:host_id': '', 'binding:vif_type': 'unbound' });
    }
  });

  it('unbinds a VIF on record that was detached meanwhile, and binds the one attached in its place', async () => {
    const task = await f.alive(await f.attachVifs(makeTask({ ports: [makePort()] })));
    const first = await f.run('configure_tenant_networks', task);
    const other = await f.attachVifs({ ...task, ports: task.ports });
    const recorded = record('tenant', first.bindings);
    const second = await f.run('configure_tenant_networks', other, { recorded });
    expect(idsOf(second.bindings)).to.not.deep.equal(idsOf(first.bindings));
    expect(await f.neutron.port(idsOf(first.bindings)[0] ?? '')).to.include({ 'binding:host_id': '' });
    expect(await f.neutron.port(idsOf(second.bindings)[0] ?? '')).to.include({ status: 'ACTIVE' });

    // Nothing in the task any more, but on record: it is unbound all the same.
    const detached = { ...task, ports: task.ports.map((port) => ({ ...port, internal_info: {} })) };
    await f.run('unconfigure_tenant_networks', detached, { recorded: record('tenant', second.bindings) });
    expect(await f.neutron.port(idsOf(second.bindings)[0] ?? '')).to.include({ 'binding:host_id': '' });
  });

  it('names who holds the MAC address that a VIF needs', async () => {
    const task = await f.alive(await f.attachVifs(makeTask({ ports: [makePort()] })));
    const holder = await f.neutron.makePort(f.tenant.id, { mac_address: task.ports[0]?.address, device_id: 'holder' });
    const outcome = await f.run('configure_tenant_networks', task);
    expect(outcome.error?.message).to.include(holder.id).and.include('"holder"');
    await f.neutron.removePort(holder.id);
  });

  it('accepts that a VIF no longer exists when it is unbound', async () => {
    const task = await f.alive(await f.attachVifs(makeTask({ ports: [makePort()] })));
    const configured = await f.run('configure_tenant_networks', task);
    await f.neutron.removePort(idsOf(configured.bindings)[0] ?? '');
    const recorded = record('tenant', configured.bindings);
    expect(await f.run('unconfigure_tenant_networks', task, { recorded })).to.deep.equal({
      bindings: [],
      failures: [],
    });
  });

  describe('a management and a tenant network at once', () => {
    it('refuses tenant bindings beside management bindings, and the other way round', async () => {
      const task = await f.alive(await f.attachVifs(makeTask({ ports: [makePort()] })));
      const managed = await f.run('add_provisioning_network', task);
      const beside = record('provisioning', managed.bindings);
      const refused = await rejection(f.run('configure_tenant_networks', task, { recorded: beside }));
      expect(refused).to.be.instanceOf(NetworkError);
      expect(refused?.message).to.include(idsOf(managed.bindings)[0]).and.include('provisioning');
      await f.run('remove_provisioning_network', task, { recorded: beside });

      const configured = await f.run('configure_tenant_networks', task);
      const recorded = record('tenant', configured.bindings);
      f.proxy.reset();
      for (const method of ['add_provisioning_network', 'add_cleaning_network'] as const) {
        const error = await rejection(f.run(method, task, { recorded }));
        expect(error).to.be.instanceOf(NetworkError);
        expect(error?.message).to.include(idsOf(configured.bindings)[0]).and.include('tenant');
      }
      expect(f.proxy.requests).to.deep.equal([]);
      await f.run('unconfigure_tenant_networks', task, { recorded });
    });

    it('does not remove a VIF that is on the removed network', async () => {
      const driver_info = { cleaning_network: f.tenant.id };
      const task = await f.alive(
        await f.attachVifs(makeTask({ node: makeNode({ driver_info }), ports: [makePort()] })),
      );
      const configured = await f.run('configure_tenant_networks', task);
      const recorded = record('tenant', configured.bindings);
      expect(await f.run('remove_cleaning_network', task, { recorded })).to.deep.equal({ bindings: [], failures: [] });
      expect(await f.neutron.port(idsOf(configured.bindings)[0] ?? '')).to.include({ status: 'ACTIVE' });
      await f.run('unconfigure_tenant_networks', task, { recorded });
    });
  });
});
