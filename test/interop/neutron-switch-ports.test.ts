import { expect } from 'chai';

import type { Json, Task } from '../../src/contract/types.js';
import type { NeutronPort } from '../../src/neutron/resources.js';
import { firstPort, NodeChecks, portIds } from '../../testkit/fixtures/node-checks.js';
import { ProviderFixture } from '../../testkit/fixtures/provider-fixture.js';
import { makeContext, makePort, makeTask, record, vifOf } from '../../testkit/fixtures/tasks.js';
import { active, oneNic, toDetach } from '../../testkit/fixtures/vif-tasks.js';
import type { Fate } from '../../testkit/proxies/http-proxy.js';
import { SwitchedNeutron } from '../../testkit/servers/switched-neutron.js';

describe('a switch port that another port leaves, on a real Neutron with a driver that unplugs it', () => {
  let switched: SwitchedNeutron;
  let f: ProviderFixture;
  let on: NodeChecks;

  before(async () => {
    switched = await SwitchedNeutron.start();
    f = await ProviderFixture.start({}, switched.endpoint);
    on = new NodeChecks(f);
  });
  beforeEach(() => {
    f.proxy.reset();
  });
  after(async () => {
    await f.stop();
    await switched.stop();
  });

  const switchPort = (task: Task, nic = 0): Json | undefined => task.ports[nic]?.local_link_connection['port_id'];
  const inUse = (task: Task): string | null => switched.networkOf(switchPort(task));
  const plugged = (task: Task, fields: object = {}): object => ({
    device_owner: 'baremetal:none',
    device_id: task.node.uuid,
    'binding:host_id': task.node.uuid,
    'binding:vnic_type': 'baremetal',
    'binding:profile': { local_link_information: [task.ports[0]?.local_link_connection] },
    ...fields,
  });

  /** The port is ACTIVE, and was unbound and bound again after the switch port had last been unplugged for another. */
  const expectPlugged = async (task: Task, port: string): Promise<void> => {
    const stands = await f.neutron.port(port);
    expect(stands).to.include({ status: 'ACTIVE', 'binding:host_id': task.node.uuid });
    const changes = switched.changesOf(switchPort(task));
    expect(changes.at(-1), JSON.stringify(changes)).to.include({ change: 'plug', port });
  };

  it('is unplugged by the driver although its VIF stays ACTIVE, which is the premise of these tests', async () => {
    const task = await f.attachVifs(oneNic());
    await on.deploy(task);
    expect(inUse(task)).to.equal(f.tenant.id);
    const stray = await f.neutron.makePort(f.provisioning.id, plugged(task));
    await f.neutron.removePort(stray.id);
    expect(inUse(task)).to.equal(null);
    expect((await f.vifsOf(task))[0]).to.include({ status: 'ACTIVE' });
  });

  it("has the tenant's VIF bound anew when reconcile deletes a stray port", async () => {
    const task = await f.attachVifs(oneNic());
    const recorded = await on.deploy(task);
    await f.neutron.makePort(f.provisioning.id, plugged(task));
    f.proxy.reset();
    expect(await on.repair(task, recorded, ['stray_port', 'two_networks'])).to.deep.equal(recorded);
    await expectPlugged(task, vifOf(task.ports[0] ?? makePort()));
    expect(f.proxy.requests.map(({ method }) => method).filter((method) => method !== 'GET')).to.deep.equal([
      'PUT',
      'DELETE',
      'PUT',
    ]);
  });

  it('has a VIF bound anew of a node that was in use before it came to us', async () => {
    const task = active(await f.attachVifs(oneNic()));
    await on.deploy(task);
    await f.neutron.makePort(f.provisioning.id, plugged(task));
    await on.repair(task, [], ['stray_port']);
    await expectPlugged(task, vifOf(task.ports[0] ?? makePort()));
  });

  it('has its port bound anew when reconcile unbinds a VIF that is not attached', async () => {
    const task = oneNic();
    const recorded = await on.provision(task);
    await f.neutron.makePort(f.tenant.id, plugged(task, { device_owner: 'compute:nova', device_id: 'other' }));
    await on.repair(task, recorded, ['stray_binding', 'two_networks']);
    await expectPlugged(task, firstPort(recorded));
  });

  it('has its port bound anew after a takeover', async () => {
    const task = await f.attachVifs(oneNic());
    const recorded = await on.deploy(task);
    await f.neutron.makePort(f.provisioning.id, plugged(task));
    const repairedNode = await f.provider.repair?.(makeContext(task, { recorded: [] }), recorded);
    expect(repairedNode?.bindings).to.deep.equal(recorded);
    await expectPlugged(task, firstPort(recorded));
  });

  it('has what stands on another management network bound anew when one is removed, leftovers too', async () => {
    const task = oneNic();
    const cleaning = await on.move('add_cleaning_network', 'cleaning', task);
    await f.neutron.makePort(f.provisioning.id, plugged(task, { mac_address: task.ports[0]?.address }));
    const { error } = await f.run('remove_provisioning_network', task, { recorded: cleaning });
    expect(error).to.equal(undefined);
    expect(await f.portsOf(task)).to.deep.equal([]);
    await expectPlugged(task, firstPort(cleaning));
  });

  it('has its port bound anew when an earlier one of another network is removed', async () => {
    const task = oneNic();
    const provisioning = await on.provision(task);
    const elsewhere = await f.neutron.makePort(f.tenant.id, plugged(task));
    const outdated = provisioning.map((one) => ({ ...one, neutron_port_id: elsewhere.id, network_id: f.tenant.id }));
    const recorded = [...outdated, ...provisioning];
    const { bindings, error } = await f.run('add_provisioning_network', task, { recorded });
    expect(error).to.equal(undefined);
    expect(portIds(record('provisioning', bindings))).to.deep.equal(portIds(provisioning));
    await expectPlugged(task, firstPort(provisioning));
  });

  it('has another VIF bound anew when one is detached', async () => {
    const link = makePort().local_link_connection;
    const lag = makeTask({
      ports: [makePort({ local_link_connection: link }), makePort({ local_link_connection: link })],
    });
    const task = await f.attachVifs(active(lag));
    const recorded = await on.deploy(task);
    const [gone = '', stays = ''] = portIds(recorded);
    const { error } = await f.run('vif_detach', task, { recorded, ...toDetach(gone) });
    expect(error).to.equal(undefined);
    await expectPlugged(task, stays);
  });

  it('leaves other switch ports alone', async () => {
    const task = await f.attachVifs(makeTask());
    const recorded = await on.deploy(task);
    await f.neutron.makePort(f.provisioning.id, plugged(task));
    await on.repair(task, recorded, ['stray_port', 'two_networks']);
    expect(switched.changesOf(switchPort(task, 1)).map(({ change }) => change)).to.deep.equal(['plug']);
  });

  describe('when it cannot be plugged again', () => {
    const strayBeside = async (): Promise<{ task: Task; stray: NeutronPort; vif: string }> => {
      const task = await f.attachVifs(oneNic());
      const stray = await f.neutron.makePort(f.provisioning.id, plugged(task, { mac_address: task.ports[0]?.address }));
      return { task, stray, vif: vifOf(task.ports[0] ?? makePort()) };
    };

    it('says so, and keeps the binding on record', async () => {
      const { task, stray, vif } = await strayBeside();
      const recorded = await on.deploy(task);
      f.proxy.fate = async ({ method }): Promise<Fate> => {
        if (method === 'DELETE') await f.agents.forget(task.node.uuid);
        return 'pass';
      };
      const { bindings, failures, error } = await f.run('remove_provisioning_network', task, { recorded });
      expect(bindings).to.deep.equal([]);
      expect(failures.map(({ port_uuid }) => port_uuid)).to.deep.equal([task.ports[0]?.uuid]);
      expect(error?.message).to.contain(vif).and.to.contain('binding_failed');
      expect(await f.neutron.port(stray.id)).to.equal(null);
      f.proxy.reset();
      await f.agents.report(task.node.uuid);
      await on.repair(task, recorded, ['binding_failed']);
      await expectPlugged(task, vif);
    });

    it('is found unbound after a crash, and bound again', async () => {
      const { task, vif } = await strayBeside();
      const recorded = await on.deploy(task);
      f.proxy.reset();
      f.proxy.fate = ({ method }) =>
        method === 'PUT' && f.proxy.requests.some((earlier) => earlier.method === 'DELETE') ? 'cut before' : 'pass';
      const error: unknown = await f
        .run('remove_provisioning_network', task, { recorded })
        .catch((fault: unknown) => fault);
      expect(error).to.be.instanceOf(Error).with.property('name', 'TransientError');
      f.proxy.reset();
      await on.repair(task, recorded, ['wrong_host']);
      await expectPlugged(task, vif);
    });
  });
});
