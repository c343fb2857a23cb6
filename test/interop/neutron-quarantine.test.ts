import { expect } from 'chai';

import type { MethodName } from '../../src/contract/methods.js';
import type { Json, RecordedBinding, Task } from '../../src/contract/types.js';
import { createNeutronProvider } from '../../src/providers/neutron/index.js';
import type { NetworkProvider, ProviderOutcome } from '../../src/providers/provider.js';
import { firstPort, NodeChecks } from '../../testkit/fixtures/node-checks.js';
import { ProviderFixture } from '../../testkit/fixtures/provider-fixture.js';
import { makeContext, makePort, runMethod, vifOf } from '../../testkit/fixtures/tasks.js';
import { oneNic } from '../../testkit/fixtures/vif-tasks.js';
import { SwitchedNeutron } from '../../testkit/servers/switched-neutron.js';

describe('a quarantine network, on a real Neutron with a driver that plugs switch ports', () => {
  let switched: SwitchedNeutron;
  let f: ProviderFixture;
  let quarantine: { id: string };
  let provider: NetworkProvider;
  let on: NodeChecks;

  before(async () => {
    switched = await SwitchedNeutron.start();
    f = await ProviderFixture.start({}, switched.endpoint);
    quarantine = await f.neutron.makeNetwork();
    provider = f.make(createNeutronProvider, { quarantine_network: quarantine.id });
    on = new NodeChecks(f, provider);
  });
  afterEach(async () => {
    f.proxy.reset();
    for (const { id } of await f.neutron.portsOn(quarantine.id)) await f.neutron.removePort(id);
  });
  after(async () => {
    await f.stop();
    await switched.stop();
  });

  const switchPort = (task: Task): Json | undefined => task.ports[0]?.local_link_connection['port_id'];
  const changes = (task: Task): [string, string][] =>
    switched.changesOf(switchPort(task)).map(({ change, network }) => [change, network]);
  const run = (method: MethodName, task: Task, recorded: RecordedBinding[]): Promise<ProviderOutcome> =>
    runMethod(provider, method, makeContext(task, { recorded }));
  const fault = (method: MethodName, task: Task, recorded: RecordedBinding[]): Promise<unknown> =>
    run(method, task, recorded).catch((error: unknown) => error);

  it('has a NIC before its port is deleted, and nothing of it stays', async () => {
    const task = oneNic();
    const recorded = await on.provision(task);
    expect(await run('remove_provisioning_network', task, recorded)).to.deep.include({ bindings: [], failures: [] });
    expect(changes(task)).to.deep.equal([
      ['plug', f.provisioning.id],
      ['plug', quarantine.id],
      ['unplug', f.provisioning.id],
      ['unplug', quarantine.id],
    ]);
    expect(await f.portsOf(task)).to.deep.equal([]);
    expect(await f.portsOf(task, quarantine)).to.deep.equal([]);
  });

  it('has a NIC before its VIF is unbound', async () => {
    const task = await f.attachVifs(oneNic());
    const recorded = await on.deploy(task);
    await run('unconfigure_tenant_networks', task, recorded);
    expect(changes(task)).to.deep.equal([
      ['plug', f.tenant.id],
      ['plug', quarantine.id],
      ['unplug', f.tenant.id],
      ['unplug', quarantine.id],
    ]);
    expect((await f.neutron.port(vifOf(task.ports[0] ?? makePort())))?.['binding:vif_type']).to.equal('unbound');
  });

  it('has the NIC anew after a crash before the deletion', async () => {
    const task = oneNic();
    const recorded = await on.provision(task);
    f.proxy.fate = ({ method }) => (method === 'DELETE' ? 'cut before' : 'pass');
    expect(await fault('remove_provisioning_network', task, recorded)).to.have.property('name', 'TransientError');
    expect(await f.portsOf(task, quarantine)).to.have.lengthOf(1);
    f.proxy.reset();
    await run('remove_provisioning_network', task, recorded);
    expect(changes(task).slice(1)).to.deep.equal([
      ['plug', quarantine.id],
      ['unplug', quarantine.id],
      ['plug', quarantine.id],
      ['unplug', f.provisioning.id],
      ['unplug', quarantine.id],
    ]);
    expect(await f.portsOf(task, quarantine)).to.deep.equal([]);
  });

  it('is left by what a crash left there, even if the port is gone', async () => {
    const task = oneNic();
    const recorded = await on.provision(task);
    await run('remove_provisioning_network', task, recorded);
    const left = { mac_address: task.ports[0]?.address, device_owner: 'baremetal:none', device_id: task.node.uuid };
    await f.neutron.makePort(quarantine.id, left);
    await run('remove_provisioning_network', task, recorded);
    expect(await f.portsOf(task, quarantine)).to.deep.equal([]);
    expect(changes(task)).to.have.lengthOf(4);
  });

  it('keeps the NIC where it is if somebody else has its MAC address there', async () => {
    const task = oneNic();
    const recorded = await on.provision(task);
    const foreign = await f.neutron.makePort(quarantine.id, { mac_address: task.ports[0]?.address });
    const error = await fault('remove_provisioning_network', task, recorded);
    expect(error).to.have.property('name', 'NetworkError');
    expect(String(error)).to.contain(foreign.id);
    expect(switched.networkOf(switchPort(task))).to.equal(f.provisioning.id);
    expect((await f.neutron.port(firstPort(recorded)))?.status).to.equal('ACTIVE');
  });

  it('fails the removal if Neutron cannot bind there, and leaves nothing there', async () => {
    const task = oneNic();
    const recorded = await on.provision(task);
    await f.agents.forget(task.node.uuid);
    const error = await fault('remove_provisioning_network', task, recorded);
    expect(error).to.have.property('name', 'NetworkError');
    expect(String(error)).to.contain('cannot be put on the quarantine network').and.to.contain('binding_failed');
    expect(switched.networkOf(switchPort(task))).to.equal(f.provisioning.id);
    expect(await f.portsOf(task, quarantine)).to.deep.equal([]);
  });

  it('has a NIC once before two strays with its MAC address are removed', async () => {
    const task = oneNic();
    const stray = {
      ...{ mac_address: task.ports[0]?.address, device_owner: 'baremetal:none', device_id: task.node.uuid },
      ...{ 'binding:host_id': task.node.uuid, 'binding:vnic_type': 'baremetal' },
      'binding:profile': { local_link_information: [task.ports[0]?.local_link_connection] },
    };
    await f.agents.report(task.node.uuid);
    for (const { id } of [f.provisioning, f.cleaning]) await f.neutron.makePort(id, stray);
    const { findings } = await on.fix(task, []);
    expect(findings.filter(({ repaired }) => !repaired)).to.deep.equal([]);
    expect(changes(task).slice(0, 3)).to.deep.equal([
      ['plug', f.provisioning.id],
      ['plug', f.cleaning.id],
      ['plug', quarantine.id],
    ]);
    for (const network of [f.provisioning, f.cleaning, quarantine]) {
      expect(await f.portsOf(task, network)).to.deep.equal([]);
    }
  });

  it('is not used for a switch port on which another port stays', async () => {
    const task = await f.attachVifs(oneNic());
    const recorded = await on.deploy(task);
    await f.neutron.makePort(f.provisioning.id, {
      device_owner: 'baremetal:none',
      device_id: task.node.uuid,
      'binding:host_id': task.node.uuid,
      'binding:vnic_type': 'baremetal',
      'binding:profile': { local_link_information: [task.ports[0]?.local_link_connection] },
    });
    await on.repair(task, recorded, ['stray_port', 'two_networks']);
    expect(changes(task).map(([, network]) => network)).to.not.include(quarantine.id);
    expect(switched.networkOf(switchPort(task))).to.equal(f.tenant.id);
  });
});
