import { randomUUID } from 'node:crypto';

import { expect } from 'chai';

import {
  InvalidParameterValue,
  NetworkError,
  NoFreePhysicalPorts,
  VifAlreadyAttached,
  VifInvalidForAttach,
} from '../../src/contract/errors.js';
import type { NeutronPort } from '../../src/neutron/resources.js';
import { createFlatProvider } from '../../src/providers/flat.js';
import { idsOf, ProviderFixture } from '../../testkit/fixtures/provider-fixture.js';
import { rejection } from '../../testkit/fixtures/rejection.js';
import { makeContext, makeLagTask, makePort, record, runMethod, vifOf } from '../../testkit/fixtures/tasks.js';
import { active, given, oneNic, taskAfter, toAttach, toDetach } from '../../testkit/fixtures/vif-tasks.js';

describe('attached VIFs, on a real Neutron', () => {
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

  const makeVif = (attributes: object = {}): Promise<NeutronPort> => f.neutron.makePort(f.tenant.id, attributes);

  describe('attached to a node that is not in use', () => {
    it("gets the NIC's MAC address and is left unbound; configure_tenant_networks binds it", async () => {
      const vif = await makeVif({ device_owner: 'compute:nova', device_id: 'an-instance' });
      const task = await f.alive(oneNic());
      const outcome = await f.run('vif_attach', task, toAttach(vif.id));
      const vifs = [{ id: vif.id, port_uuid: task.ports[0]?.uuid, portgroup_uuid: null }];
      expect(outcome).to.deep.equal({ bindings: [], failures: [], vifs });
      expect(f.proxy.summary()).to.deep.equal(['GET /v2.0/ports', 'GET /v2.0/networks', `PUT /v2.0/ports/${vif.id}`]);
      const shown = { device_owner: 'compute:nova', device_id: 'an-instance', mac_address: task.ports[0]?.address };
      expect(await f.neutron.port(vif.id)).to.include({
        ...shown,
        'binding:host_id': '',
        'binding:vif_type': 'unbound',
      });
      await f.run('configure_tenant_networks', taskAfter(task, outcome));
      expect(await f.neutron.port(vif.id)).to.include({
        ...shown,
        status: 'ACTIVE',
        'binding:host_id': task.node.uuid,
      });
    });

    it('must be of the project that vif_info names; another one is refused as nonexistent', async () => {
      const project_id = randomUUID().replaceAll('-', '');
      const hyphenated = project_id.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
      const vif = await makeVif({ tenant_id: project_id });
      const task = await f.alive(oneNic());
      for (const own of [project_id, hyphenated, project_id.toUpperCase()]) {
        const { vifs } = await f.run('vif_attach', task, toAttach(vif.id, { project_id: own }));
        expect(vifs?.map(({ id }) => id)).to.deep.equal([vif.id]);
      }
      f.proxy.reset();
      for (const id of [vif.id, randomUUID()]) {
        const other = randomUUID();
        const error = await rejection(f.run('vif_attach', oneNic(), toAttach(id, { project_id: other })));
        expect(error).to.be.instanceOf(InvalidParameterValue);
        expect(error?.message).to.include(`vif_info.id ${id} is not a Neutron port of project ${other}`);
        expect(error?.message).to.not.include(project_id);
      }
      expect(f.proxy.summary()).to.deep.equal(['GET /v2.0/ports', 'GET /v2.0/ports']);
    });

    it('costs one list and one update where no physical network matters, and no update when it was done before', async () => {
      const vif = await makeVif();
      const task = await f.alive(oneNic({ physical_network: null }));
      const first = await f.run('vif_attach', task, toAttach(vif.id));
      expect(f.proxy.summary()).to.deep.equal(['GET /v2.0/ports', `PUT /v2.0/ports/${vif.id}`]);
      f.proxy.reset();
      expect(await f.run('vif_attach', task, toAttach(vif.id))).to.deep.equal(first);
      expect(f.proxy.summary()).to.deep.equal(['GET /v2.0/ports']);
    });

    it('keeps its MAC address on a portgroup that has none', async () => {
      const vif = await makeVif();
      const task = makeLagTask();
      const { vifs } = await f.run('vif_attach', task, toAttach(vif.id));
      expect(vifs).to.deep.equal([{ id: vif.id, port_uuid: null, portgroup_uuid: task.portgroups[0]?.uuid }]);
      expect(await f.neutron.port(vif.id)).to.include({ mac_address: vif.mac_address, 'binding:host_id': '' });
      const named = makeLagTask({ address: '52:ff:00:00:00:01' });
      await f.run('vif_attach', named, toAttach(vif.id, { portgroup_uuid: named.portgroups[0]?.uuid ?? null }));
      expect(await f.neutron.port(vif.id)).to.include({ mac_address: '52:ff:00:00:00:01' });
    });

    it('is refused when Neutron does not have it, when the node has it, and when there is no place for it', async () => {
      const vif = await makeVif();
      const missing = await rejection(f.run('vif_attach', oneNic(), toAttach(randomUUID())));
      expect(missing).to.be.instanceOf(InvalidParameterValue);
      expect(missing?.message).to.include('vif_info.id').and.include('does not exist in Neutron');
      f.proxy.reset();
      const has = oneNic({ internal_info: { tenant_vif_port_id: vif.id } });
      expect(await rejection(f.run('vif_attach', has, toAttach(vif.id)))).to.be.instanceOf(VifAlreadyAttached);
      expect(f.proxy.requests).to.deep.equal([]);
      const uncabled = oneNic({ local_link_connection: {} });
      const refused = await rejection(f.run('vif_attach', uncabled, toAttach(vif.id)));
      expect(refused).to.be.instanceOf(NoFreePhysicalPorts);
      expect(refused?.message).to.include('local_link_connection');
      expect(await f.neutron.port(vif.id)).to.deep.equal(vif);
      // An InfiniBand port need not say where it is cabled, and under flat none need.
      const infiniband = {
        ...uncabled,
        ports: uncabled.ports.map((port) => ({ ...port, extra: { 'client-id': 'ff' } })),
      };
      expect((await f.run('vif_attach', infiniband, toAttach(vif.id))).vifs).to.have.length(1);
      const context = makeContext(uncabled, toAttach(vif.id));
      const flat = await runMethod(f.make(createFlatProvider), 'vif_attach', context);
      expect(flat.vifs).to.have.length(1);
    });

    it('may be on the network that the ramdisk boots on, and gets the MAC address back after it', async () => {
      const vif = await f.neutron.makePort(f.provisioning.id, {
        device_owner: 'compute:nova',
        device_id: 'an-instance',
      });
      const attach = await f.alive(oneNic());
      const task = taskAfter(attach, await f.run('vif_attach', attach, toAttach(vif.id)));
      const mac_address = task.ports[0]?.address;
      expect(await f.neutron.port(vif.id)).to.include({ mac_address });
      for (const attempt of ['first', 'again']) {
        const added = await f.run('add_provisioning_network', task);
        expect(added.failures, attempt).to.deep.equal([]);
        const recorded = record('provisioning', added.bindings);
        expect(added.bindings.map((binding) => binding.mac_address)).to.deep.equal([mac_address]);
        expect(added.bindings[0]?.neutron_port_id).to.not.equal(vif.id);
        const { fixed_ips } = vif;
        const waits = await f.neutron.port(vif.id);
        expect(waits).to.include({ 'binding:host_id': '', device_id: 'an-instance' }).and.deep.include({ fixed_ips });
        const removed = await f.run('remove_provisioning_network', task, { recorded });
        expect(removed.error).to.equal(undefined);
      }
      const bound = await f.run('configure_tenant_networks', task);
      expect(bound.failures).to.deep.equal([]);
      expect(await f.neutron.port(vif.id)).to.include({ status: 'ACTIVE', mac_address });
      await f.run('unconfigure_tenant_networks', task, { recorded: record('tenant', bound.bindings) });
    });

    it('is attached while the ramdisk runs on its network, and gets the MAC address after it', async () => {
      const task = await f.alive(oneNic());
      const recorded = record('provisioning', (await f.run('add_provisioning_network', task)).bindings);
      const vif = await f.neutron.makePort(f.provisioning.id);
      const attached = taskAfter(task, await f.run('vif_attach', task, { ...toAttach(vif.id), recorded }));
      expect(await f.neutron.port(vif.id)).to.include({ mac_address: vif.mac_address });
      await f.run('remove_provisioning_network', attached, { recorded });
      const bound = await f.run('configure_tenant_networks', attached);
      expect(bound.bindings.map((one) => one.mac_address)).to.deep.equal([task.ports[0]?.address]);
    });

    it("is refused when somebody else has the NIC's MAC address: the error names who", async () => {
      const vif = await makeVif();
      const task = oneNic();
      const holder = await makeVif({ mac_address: task.ports[0]?.address, device_id: 'holder' });
      const error = await rejection(f.run('vif_attach', task, toAttach(vif.id)));
      expect(error).to.be.instanceOf(NetworkError);
      expect(error?.message).to.include(holder.id).and.include('"holder"').and.include(task.ports[0]?.address);
      expect(await f.neutron.port(vif.id)).to.include({ mac_address: vif.mac_address });
    });

    it('is unbound from the host that somebody bound it to', async () => {
      const elsewhere = await f.alive(oneNic());
      const plain = await f.alive(oneNic());
      const profile = { local_link_information: [plain.ports[0]?.local_link_connection] };
      const bound = (host: string, more: object = {}): object => ({
        'binding:host_id': host,
        'binding:vnic_type': 'baremetal',
        ...more,
      });
      const instance_uuid = randomUUID();
      const task = { ...plain, node: { ...plain.node, instance_uuid } };
      const early: [object, string, number][] = [
        [bound(elsewhere.node.uuid, { device_owner: 'compute:nova', device_id: instance_uuid }), 'other', 2],
        [bound(plain.node.uuid, { 'binding:profile': profile }), 'other', 2],
        [bound('nova-compute-1'), 'binding_failed', 1],
      ];
      for (const [attributes, vifType, updates] of early) {
        const vif = await makeVif(attributes);
        expect(vif).to.include({ 'binding:vif_type': vifType });
        f.proxy.reset();
        await f.run('vif_attach', task, toAttach(vif.id));
        expect(f.proxy.summary().filter((line) => line.startsWith('PUT'))).to.have.length(updates);
        const shown = await f.neutron.port(vif.id);
        expect(shown).to.include({ 'binding:host_id': '', mac_address: task.ports[0]?.address });
        expect(shown?.['binding:profile']).to.deep.equal({});
        await f.neutron.removePort(vif.id);
      }
    });

    it('is refused when another host has it bound, and is unchanged', async () => {
      const elsewhere = await f.alive(oneNic());
      const host = { 'binding:host_id': elsewhere.node.uuid, 'binding:vnic_type': 'baremetal' };
      for (const owner of [{}, { device_owner: 'compute:nova', device_id: randomUUID() }]) {
        const vif = await makeVif({ ...host, ...owner });
        for (const task of [await f.alive(oneNic()), active(await f.alive(oneNic()))]) {
          const error = await rejection(f.run('vif_attach', task, toAttach(vif.id)));
          expect(error).to.be.instanceOf(VifInvalidForAttach);
          expect(error?.message).to.contain(vif.id).and.to.contain(`bound to host ${elsewhere.node.uuid}`);
        }
        const { device_id, mac_address } = vif;
        expect(await f.neutron.port(vif.id)).to.include({
          'binding:host_id': elsewhere.node.uuid,
          device_id,
          mac_address,
        });
        expect(f.proxy.requests.map(({ method }) => method)).to.not.include('PUT');
      }
    });

    it('replaces a VIF that is still bound but no longer in the task', async () => {
      const task = await f.alive(await f.attachVifs(oneNic()));
      const recorded = record('tenant', (await f.run('configure_tenant_networks', task)).bindings);
      const vif = await makeVif();
      const outcome = await f.run(
        'vif_attach',
        { ...task, ports: task.ports.map((port) => ({ ...port, internal_info: {} })) },
        { ...toAttach(vif.id), recorded },
      );
      expect(outcome.bindings).to.deep.equal([]);
      expect(await f.neutron.port(vif.id)).to.include({ mac_address: task.ports[0]?.address });
      const former = await f.neutron.port(idsOf(recorded)[0] ?? '');
      expect(former).to.include({ 'binding:host_id': '', 'binding:vif_type': 'unbound' });
    });
  });

  describe('attached to an active node', () => {
    it('is bound at once, beside those on record', async () => {
      const task = active(await f.alive(await f.attachVifs(oneNic())));
      const recorded = record('tenant', (await f.run('configure_tenant_networks', task)).bindings);
      const vif = await makeVif();
      const second = makePort();
      const larger = { ...task, ports: [...task.ports, second] };
      f.proxy.reset();
      const outcome = await f.run('vif_attach', larger, { ...toAttach(vif.id), recorded });
      expect(outcome.vifs?.map(({ id }) => id)).to.deep.equal([vifOf(task.ports[0] ?? second), vif.id]);
      expect(idsOf(outcome.bindings)).to.deep.equal([...idsOf(recorded), vif.id].sort());
      expect(f.proxy.summary().filter((line) => line.startsWith('PUT'))).to.deep.equal([`PUT /v2.0/ports/${vif.id}`]);
      const shown = await f.neutron.port(vif.id);
      expect(shown).to.include({ status: 'ACTIVE', mac_address: second.address, 'binding:host_id': task.node.uuid });
      expect(shown?.['binding:profile']).to.deep.equal({
        local_link_information: [second.local_link_connection],
        physical_network: 'physnet1',
      });
    });

    it('is left unbound and not attached when it cannot be bound; what is on record stands', async () => {
      const task = active(oneNic());
      const vif = await makeVif();
      const recorded = record(
        'tenant',
        (await f.run('configure_tenant_networks', await f.alive(await f.attachVifs(oneNic())))).bindings,
      );
      const outcome = await f.run('vif_attach', task, { ...toAttach(vif.id), recorded });
      expect(outcome.error).to.be.instanceOf(NetworkError);
      expect(outcome.error?.message).to.include(vif.id).and.include('binding_failed');
      expect(outcome).to.not.have.property('vifs');
      expect(idsOf(outcome.bindings)).to.deep.equal(idsOf(recorded));
      const shown = await f.neutron.port(vif.id);
      expect(shown).to.include({ 'binding:host_id': '', 'binding:vif_type': 'unbound' });
      expect(shown?.mac_address).to.not.equal(task.ports[0]?.address);
    });

    it('is refused while the node is on a management network', async () => {
      const task = active(await f.alive(oneNic()));
      const recorded = record('provisioning', (await f.run('add_provisioning_network', task)).bindings);
      const vif = await makeVif();
      const error = await rejection(f.run('vif_attach', task, { ...toAttach(vif.id), recorded }));
      expect(error).to.be.instanceOf(NetworkError);
      expect(error?.message).to.include('provisioning');
      expect(await f.neutron.port(vif.id)).to.deep.equal(vif);
      await f.run('remove_provisioning_network', task, { recorded });
    });
  });

  it('are bound at once under flat too, on an active node, where no switch port matters', async () => {
    const flat = f.make(createFlatProvider);
    const task = active(await f.alive(oneNic({ local_link_connection: {} })));
    const vif = await makeVif();
    const outcome = await runMethod(flat, 'vif_attach', makeContext(task, toAttach(vif.id)));
    expect(outcome.bindings.map(({ neutron_port_id }) => neutron_port_id)).to.deep.equal([vif.id]);
    const shown = await f.neutron.port(vif.id);
    expect(shown).to.include({ mac_address: task.ports[0]?.address, 'binding:host_id': task.node.uuid });
    expect(shown?.['binding:profile']).to.deep.equal({});
    const attached = taskAfter(task, outcome);
    const recorded = record('tenant', outcome.bindings);
    const address = '52:ff:00:00:00:02';
    const [port_obj = null] = attached.ports.map((port) => ({ ...port, address }));
    await runMethod(flat, 'port_changed', makeContext(attached, { ...given({ port_obj }), recorded }));
    expect(await f.neutron.port(vif.id)).to.include({ mac_address: address, 'binding:host_id': task.node.uuid });
    const detached = await runMethod(flat, 'vif_detach', makeContext(attached, { ...toDetach(vif.id), recorded }));
    expect(detached).to.deep.equal({ bindings: [], failures: [], vifs: [] });
    expect(await f.neutron.port(vif.id)).to.include({ 'binding:host_id': '', 'binding:vif_type': 'unbound' });
  });

  it("are listed, and the current one of a port is the ramdisk's port before the VIF", async () => {
    const task = await f.alive(await f.attachVifs(oneNic()));
    const [port = makePort()] = task.ports;
    const { args } = given({ port_uuid: port.uuid });
    expect((await f.run('vif_list', task)).vifs).to.deep.equal([
      { id: vifOf(port), port_uuid: port.uuid, portgroup_uuid: null },
    ]);
    expect((await f.run('get_current_vif', task, { args })).current_vif).to.equal(vifOf(port));
    const recorded = record('cleaning', (await f.run('add_cleaning_network', task)).bindings);
    expect((await f.run('get_current_vif', task, { args, recorded })).current_vif).to.equal(idsOf(recorded)[0]);
    await f.run('remove_cleaning_network', task, { recorded });
  });
});
