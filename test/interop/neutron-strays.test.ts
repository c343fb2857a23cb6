import { randomUUID } from 'node:crypto';

import { expect } from 'chai';

import type { Task } from '../../src/contract/types.js';
import { firstPort, kindsOf, NodeChecks, portIds } from '../../testkit/fixtures/node-checks.js';
import { ProviderFixture } from '../../testkit/fixtures/provider-fixture.js';
import { makeContext, makePort, makeTask, vifOf } from '../../testkit/fixtures/tasks.js';
import { active, oneNic } from '../../testkit/fixtures/vif-tasks.js';

describe('a node with ports that are not on record, on a real Neutron', () => {
  let f: ProviderFixture;
  let on: NodeChecks;

  before(async () => {
    f = await ProviderFixture.start();
    on = new NodeChecks(f);
  });
  beforeEach(() => {
    f.proxy.reset();
  });
  after(() => f.stop());

  describe('with stray ports or bindings', () => {
    const plugged = (task: Task): object => ({
      'binding:host_id': task.node.uuid,
      'binding:vnic_type': 'baremetal',
      'binding:profile': { local_link_information: [task.ports[0]?.local_link_connection] },
    });

    it('loses ports of ours that are not on record, on any of its management networks', async () => {
      const task = await f.alive(oneNic());
      const marks = { device_owner: 'baremetal:none', device_id: task.node.uuid };
      await f.neutron.makePort(f.provisioning.id, { ...marks, ...plugged(task) });
      await f.neutron.makePort(f.cleaning.id, marks);
      const elsewhere = await f.neutron.makePort(f.tenant.id, marks);
      const bound = await f.neutron.makePort(f.tenant.id, { ...marks, ...plugged(task) });
      const found = await on.look(task, []);
      expect(found.map(({ kind, network_type }) => [kind, network_type])).to.have.deep.members([
        ['stray_port', 'provisioning'],
        ['stray_port', 'cleaning'],
        ['stray_port', null],
      ]);
      expect(await on.repair(task, [], ['stray_port', 'stray_port', 'stray_port'])).to.deep.equal([]);
      expect(await f.neutron.port(bound.id)).to.equal(null);
      expect(await f.neutron.port(elsewhere.id), 'on a network that is none of ours').to.not.equal(null);
    });

    it('is moved off the tenant network that it is bound to beside a management network', async () => {
      const task = await f.attachVifs(oneNic());
      const recorded = await on.provision(task);
      const vif = vifOf(task.ports[0] ?? makePort());
      await f.neutron.changePort(vif, plugged(task));
      const found = await on.look(task, recorded);
      expect(found.map(({ reason }) => reason).join()).to.contain('at once');
      expect(await on.repair(task, recorded, ['stray_binding', 'two_networks'])).to.deep.equal(recorded);
      expect(await f.neutron.port(vif)).to.include({ 'binding:host_id': '' });
    });

    it('is moved off the management network that it is on beside a tenant network', async () => {
      const task = await f.attachVifs(oneNic());
      const recorded = await on.deploy(task);
      const marks = { device_owner: 'baremetal:none', device_id: task.node.uuid };
      const stray = await f.neutron.makePort(f.provisioning.id, { ...marks, ...plugged(task) });
      expect(await on.repair(task, recorded, ['stray_port', 'two_networks'])).to.deep.equal(recorded);
      expect(await f.neutron.port(stray.id)).to.equal(null);
    });

    it('has a VIF unbound that is not attached any more, with a MAC address of its own', async () => {
      const task = await f.alive(oneNic());
      const mac_address = task.ports[0]?.address;
      const vif = await f.neutron.makePort(f.tenant.id, { ...plugged(task), mac_address });
      await on.repair(task, [], ['stray_binding']);
      const unbound = await f.neutron.port(vif.id);
      expect(unbound).to.include({ 'binding:host_id': '' });
      expect(unbound?.mac_address).to.not.equal(mac_address);
    });

    it('is not changed when both are on record, because only an operator can decide', async () => {
      const task = await f.attachVifs(oneNic());
      const tenant = await on.deploy(task);
      const recorded = [...tenant, ...(await on.provision(task))];
      const { findings, bindings } = await on.fix(task, recorded);
      expect(findings.map(({ kind, repaired }) => [kind, repaired])).to.deep.equal([['two_networks', false]]);
      expect(bindings).to.deep.equal(recorded);
    });

    it('keeps ports that are not ours: seeded VIFs, other ports of the instance, and a node in use before', async () => {
      const instance = randomUUID();
      const plain = await f.alive(await f.attachVifs(oneNic()));
      const task = { ...plain, node: { ...plain.node, instance_uuid: instance } };
      const vif = vifOf(task.ports[0] ?? makePort());
      await f.neutron.changePort(vif, { 'binding:host_id': task.node.uuid, 'binding:vnic_type': 'baremetal' });
      await f.neutron.makePort(f.provisioning.id, { device_owner: 'compute:nova', device_id: instance });
      await f.neutron.makePort(f.provisioning.id, { device_owner: 'baremetal:none', device_id: randomUUID() });
      expect(await on.look(task, [])).to.deep.equal([]);
      await f.neutron.changePort(vif, plugged(task));
      expect(await on.look(active(task), [])).to.deep.equal([]);
      expect(kindsOf(await on.look(task, []))).to.deep.equal(['stray_binding']);
    });
  });

  describe('after a takeover', () => {
    it('is repaired to match the record of the operation, in use or not', async () => {
      const task = await f.attachVifs(oneNic());
      const recorded = await on.deploy(task);
      const context = makeContext(active(task), { recorded });
      // unconfigure_tenant_networks left nothing, and then came a late request of the former worker's.
      const repairedNode = await f.provider.repair?.(context, []);
      expect(kindsOf(repairedNode?.findings ?? [])).to.deep.equal(['stray_binding']);
      expect(repairedNode?.bindings).to.deep.equal([]);
      expect((await f.vifsOf(task)).map((vif) => vif?.['binding:host_id'])).to.deep.equal(['']);
    });

    it('costs two requests when all is right', async () => {
      const task = makeTask();
      const recorded = await on.provision(task);
      f.proxy.reset();
      const repairedNode = await f.provider.repair?.(makeContext(task, { recorded: [] }), recorded);
      expect(repairedNode).to.deep.equal({ bindings: recorded, findings: [] });
      expect(f.proxy.summary()).to.deep.equal(['GET /v2.0/ports', 'GET /v2.0/ports']);
    });

    it('is tried again after a fault that may pass', async () => {
      const task = oneNic();
      const recorded = await on.provision(task);
      await f.neutron.removePort(firstPort(recorded));
      f.proxy.fate = ({ method }) => (method === 'POST' ? 'cut after' : 'pass');
      const context = makeContext(task, { recorded });
      const error = await f.provider.repair?.(context, recorded).catch((fault: unknown) => fault);
      expect(error).to.be.instanceOf(Error).with.property('name', 'TransientError');
      f.proxy.reset();
      const repairedNode = await f.provider.repair?.(context, recorded);
      expect(repairedNode?.findings.every(({ repaired }) => repaired)).to.equal(true);
      expect((await f.portsOf(task)).map(({ id }) => id)).to.deep.equal(portIds(repairedNode?.bindings ?? []));
    });
  });
});
