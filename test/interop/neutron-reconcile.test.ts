import { randomUUID } from 'node:crypto';

import { expect } from 'chai';

import type { NetworkType } from '../../src/contract/methods.js';
import type { RecordedBinding, Task } from '../../src/contract/types.js';
import type { NeutronPort } from '../../src/neutron/resources.js';
import { createFlatProvider } from '../../src/providers/flat.js';
import { firstPort, kindsOf, NodeChecks, portIds, UNBOUND } from '../../testkit/fixtures/node-checks.js';
import { ProviderFixture } from '../../testkit/fixtures/provider-fixture.js';
import { makePort, makeTask, withVif } from '../../testkit/fixtures/tasks.js';
import { oneNic } from '../../testkit/fixtures/vif-tasks.js';

const ELSEWHERE = { 'binding:host_id': randomUUID() };
const OTHER_LINK = { 'binding:profile': { local_link_information: [{ switch_id: 'x' }] } };
const NEW_MAC = '52:54:00:fe:dc:ba';

describe('a node that differs from its record, on a real Neutron', () => {
  let f: ProviderFixture;
  let on: NodeChecks;
  let flat: NodeChecks;

  before(async () => {
    f = await ProviderFixture.start();
    on = new NodeChecks(f);
    flat = new NodeChecks(f, f.make(createFlatProvider));
  });
  beforeEach(() => {
    f.proxy.reset();
  });
  after(() => f.stop());

  const portOf = async (id: string): Promise<NeutronPort> => {
    const port = await f.neutron.port(id);
    if (port === null) throw new Error(`no port ${id}`);
    return port;
  };

  it('costs two requests when all is right, or nothing is on record', async () => {
    const task = await f.attachVifs(makeTask());
    expect(await on.look(task, [])).to.deep.equal([]);
    const recorded = await on.deploy(task);
    f.proxy.reset();
    expect(await on.look(task, recorded)).to.deep.equal([]);
    expect(f.proxy.summary()).to.deep.equal(['GET /v2.0/ports', 'GET /v2.0/ports']);
  });

  describe('on a management network', () => {
    it('gets its deleted ports again, and the others stay', async () => {
      const task = makeTask();
      const recorded = await on.provision(task);
      await f.neutron.removePort(firstPort(recorded));
      const bindings = await on.repair(task, recorded, ['missing_port']);
      expect(bindings).to.have.length(2);
      expect(portIds(bindings)[0]).to.not.equal(portIds(recorded)[0]);
      expect(bindings[1]).to.deep.equal(recorded[1]);
      expect((await f.portsOf(task)).map(({ id, status }) => [id, status])).to.have.deep.members(
        portIds(bindings).map((id) => [id, 'ACTIVE']),
      );
    });

    it('adopts a port that was made in place of one', async () => {
      const task = oneNic();
      const recorded = await on.provision(task);
      await f.neutron.removePort(firstPort(recorded));
      const marks = { device_owner: 'baremetal:none', device_id: task.node.uuid, mac_address: task.ports[0]?.address };
      const { id } = await f.neutron.makePort(f.provisioning.id, marks);
      const { findings, bindings } = await on.fix(task, recorded);
      expect(findings.every(({ repaired }) => repaired)).to.equal(true);
      expect(kindsOf(findings)).to.have.members(['missing_port', 'stray_port']);
      expect(portIds(bindings)).to.deep.equal([id]);
      expect((await f.portsOf(task)).map((port) => [port.id, port.status])).to.deep.equal([[id, 'ACTIVE']]);
    });

    it('has ports bound again that have another host, none, another profile, MAC address or status', async () => {
      const task = makeTask({ ports: Array.from({ length: 5 }, () => makePort()) });
      const recorded = await on.provision(task);
      const [host = '', none = '', profile = '', mac = '', status = ''] = portIds(recorded);
      await f.neutron.changePort(host, ELSEWHERE);
      await f.neutron.changePort(none, UNBOUND);
      await f.neutron.changePort(profile, OTHER_LINK);
      await f.neutron.changePort(mac, UNBOUND);
      await f.neutron.changePort(mac, { mac_address: NEW_MAC });
      const { 'binding:host_id': own, 'binding:profile': links } = await portOf(status);
      await f.neutron.changePort(status, { admin_state_up: false, ...UNBOUND });
      await f.neutron.changePort(status, { 'binding:host_id': own, 'binding:profile': links });

      const kinds = ['wrong_host', 'wrong_host', 'wrong_profile', 'wrong_mac', 'wrong_host', 'not_active'];
      const bindings = await on.repair(task, recorded, kinds);
      expect(portIds(bindings).filter((id) => id !== mac)).to.include.members([host, none, profile, status]);
      expect(portIds(bindings), 'another MAC address is no use to the ramdisk').to.not.include(mac);
      for (const [index, id] of portIds(bindings).entries()) {
        const port = await portOf(id);
        expect(port).to.include({ status: 'ACTIVE', 'binding:host_id': task.node.uuid, admin_state_up: true });
        expect(port['binding:profile']).to.deep.equal(recorded[index]?.profile);
        expect(port.mac_address).to.equal(recorded[index]?.mac_address);
      }
      expect(await f.portsOf(task)).to.have.length(5);
      expect(await f.neutron.port(mac)).to.equal(null);
    });

    it('has a binding tried again that failed, and stays on record while it fails', async () => {
      const task = oneNic();
      const recorded = await on.provision(task);
      const port = await portOf(firstPort(recorded));
      await f.neutron.changePort(port.id, UNBOUND);
      await f.agents.forget(task.node.uuid);
      await f.neutron.changePort(port.id, {
        'binding:host_id': task.node.uuid,
        'binding:profile': port['binding:profile'],
      });
      expect(await portOf(port.id)).to.include({ 'binding:vif_type': 'binding_failed' });

      const { findings, bindings } = await on.fix(task, recorded);
      expect(kindsOf(findings)).to.deep.equal(['binding_failed']);
      expect(findings[0]?.repaired).to.equal(false);
      expect(findings[0]?.reason).to.contain('not repaired');
      expect(bindings).to.deep.equal(recorded);

      await f.agents.report(task.node.uuid);
      expect(portIds(await on.repair(task, recorded, ['binding_failed']))).to.deep.equal([port.id]);
    });

    it('keeps a missing port on record that cannot be made again', async () => {
      const task = oneNic();
      const recorded = await on.provision(task);
      await f.neutron.removePort(firstPort(recorded));
      await f.agents.forget(task.node.uuid);
      const { findings, bindings } = await on.fix(task, recorded);
      expect(kindsOf(findings)).to.deep.equal(['missing_port']);
      expect(findings[0]?.repaired).to.equal(false);
      expect(bindings).to.deep.equal(recorded);
      expect(await f.portsOf(task)).to.deep.equal([]);
    });

    it('says that a NIC no longer exists, and changes nothing', async () => {
      const task = makeTask();
      const recorded = await on.provision(task);
      await f.neutron.removePort(firstPort(recorded));
      const { findings, bindings } = await on.fix({ ...task, ports: task.ports.slice(1) }, recorded);
      expect(findings[0]?.reason).to.contain(`the node no longer has port ${String(task.ports[0]?.uuid)}`);
      expect(bindings).to.deep.equal(recorded);
    });
  });

  describe('on tenant networks', () => {
    it('has VIFs bound again that have another host, none, another profile or MAC address', async () => {
      const task = await f.attachVifs(makeTask({ ports: Array.from({ length: 4 }, () => makePort()) }));
      const recorded = await on.deploy(task);
      const [host = '', none = '', profile = '', mac = ''] = portIds(recorded);
      await f.neutron.changePort(host, ELSEWHERE);
      await f.neutron.changePort(none, UNBOUND);
      await f.neutron.changePort(profile, OTHER_LINK);
      await f.neutron.changePort(mac, UNBOUND);
      await f.neutron.changePort(mac, { mac_address: NEW_MAC });
      await on.repair(task, recorded, ['wrong_host', 'wrong_host', 'wrong_profile', 'wrong_mac', 'wrong_host']);
      for (const [index, vif] of (await f.vifsOf(task)).entries()) {
        expect(vif).to.include({ status: 'ACTIVE', 'binding:host_id': task.node.uuid });
        expect(vif?.mac_address).to.equal(task.ports[index]?.address);
        expect(vif?.['binding:profile']).to.deep.equal(recorded[index]?.profile);
      }
    });

    it('does not take back a VIF that another host has bound meanwhile', async () => {
      const task = await f.attachVifs(oneNic());
      const recorded = await on.deploy(task);
      const other = await f.alive(oneNic());
      await f.neutron.changePort(firstPort(recorded), UNBOUND);
      const host = { 'binding:host_id': other.node.uuid };
      expect(await f.neutron.changePort(firstPort(recorded), host)).to.include({ 'binding:vif_type': 'other' });
      const { findings, bindings } = await on.fix(task, recorded);
      expect(findings.map(({ kind, repaired }) => [kind, repaired])).to.deep.equal([['wrong_host', false]]);
      expect(findings[0]?.reason).to.contain(`another client bound it to host ${other.node.uuid}`);
      expect(bindings).to.deep.equal(recorded);
      expect(await f.neutron.port(firstPort(recorded))).to.include(host);
    });

    it('cannot get back a VIF that its owner deleted', async () => {
      const task = await f.attachVifs(oneNic());
      const recorded = await on.deploy(task);
      await f.neutron.removePort(firstPort(recorded));
      const { findings, bindings } = await on.fix(task, recorded);
      expect(findings.map(({ kind, repaired }) => [kind, repaired])).to.deep.equal([['missing_port', false]]);
      expect(findings[0]?.reason).to.contain(`VIF ${firstPort(recorded)} does not exist in Neutron`);
      expect(bindings).to.deep.equal(recorded);
    });

    it('has a failed binding left as it is while it fails, and other VIFs bound', async () => {
      const task = await f.attachVifs(makeTask());
      const recorded = await on.deploy(task);
      for (const id of portIds(recorded)) await f.neutron.changePort(id, UNBOUND);
      await f.agents.forget(task.node.uuid);
      const { findings, bindings } = await on.fix(task, recorded);
      expect(kindsOf(findings.filter(({ repaired }) => !repaired))).to.deep.equal(['binding_failed', 'binding_failed']);
      expect(findings.at(-1)?.reason).to.contain('not repaired: Neutron could not bind');
      expect(bindings).to.deep.equal(recorded);
      expect((await f.vifsOf(task)).map((vif) => vif?.['binding:host_id'])).to.deep.equal([
        task.node.uuid,
        task.node.uuid,
      ]);
      await f.agents.report(task.node.uuid);
      await on.repair(task, recorded, ['binding_failed', 'binding_failed']);
    });
  });

  describe('under flat', () => {
    const bind = (task: Task, type: NetworkType = 'tenant'): Promise<RecordedBinding[]> =>
      flat.move(type === 'tenant' ? 'configure_tenant_networks' : 'add_rescuing_network', type, task);

    it('has VIFs bound again, on every type of network that they serve', async () => {
      const task = await f.attachVifs(oneNic());
      const recorded = [...(await bind(task)), ...(await bind(task, 'rescuing'))];
      expect(await flat.look(task, recorded)).to.deep.equal([]);
      await f.neutron.changePort(firstPort(recorded), UNBOUND);
      const { findings, bindings } = await flat.fix(task, recorded);
      expect(findings.map(({ kind, repaired }) => [kind, repaired])).to.deep.equal([['wrong_host', true]]);
      expect(bindings.map((one) => one.network_type)).to.deep.equal(['tenant', 'rescuing']);
      expect((await f.vifsOf(task))[0]).to.include({ 'binding:host_id': task.node.uuid });
    });

    it('has cleaning ports made again, and may have a VIF bound beside them', async () => {
      const task = await f.attachVifs(oneNic());
      const recorded = await flat.move('add_cleaning_network', 'cleaning', task);
      await f.neutron.removePort(firstPort(recorded));
      const { findings, bindings } = await flat.fix(task, recorded);
      expect(findings.map(({ kind, repaired }) => [kind, repaired])).to.deep.equal([['missing_port', true]]);
      expect(await f.neutron.port(firstPort(bindings))).to.not.equal(null);
    });
  });

  it('names a VIF on a NIC that has another one now', async () => {
    const task = await f.attachVifs(oneNic());
    const recorded = await on.deploy(task);
    await f.neutron.changePort(firstPort(recorded), UNBOUND);
    const other = await f.neutron.makePort(f.tenant.id);
    const changed = { ...task, ports: task.ports.map((port) => withVif(port, other.id)) };
    const { findings } = await on.fix(changed, recorded);
    expect(findings[0]?.reason).to.contain(`has another VIF now, ${other.id}`);
  });
});
