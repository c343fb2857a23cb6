import { expect } from 'chai';

import { NO_ARGUMENTS } from '../../src/contract/arguments.js';
import type { MethodName } from '../../src/contract/methods.js';
import type { Json, RecordedBinding, Task } from '../../src/contract/types.js';
import { createNeutronProvider } from '../../src/providers/neutron/index.js';
import type { NetworkProvider, ProviderContext, ProviderOutcome } from '../../src/providers/provider.js';
import { NodeChecks } from '../../testkit/fixtures/node-checks.js';
import { ProviderFixture } from '../../testkit/fixtures/provider-fixture.js';
import { makeContext, makePort, makeTask, record, runMethod } from '../../testkit/fixtures/tasks.js';
import { oneNic } from '../../testkit/fixtures/vif-tasks.js';
import { SWITCH_DRIVER, SwitchedNeutron } from '../../testkit/servers/switched-neutron.js';

describe('a removal that Neutron cannot prove, on a real Neutron with a driver that binds and plugs', () => {
  let switched: SwitchedNeutron;
  let f: ProviderFixture;
  let provider: NetworkProvider;
  let on: NodeChecks;

  before(async () => {
    switched = await SwitchedNeutron.start({ binds: true });
    f = await ProviderFixture.start({ binding_timeout: 10 }, switched.endpoint);
  });
  beforeEach(() => {
    // As after the start of a worker: nothing is known of the switch.
    provider = f.make(createNeutronProvider);
    on = new NodeChecks(f, provider);
  });
  afterEach(() => {
    switched.setReachable(true);
    f.proxy.reset();
  });
  after(async () => {
    await f.stop();
    await switched.stop();
  });

  const inUse = (task: Task): string | null => switched.networkOf(portId(task));
  const portId = (task: Task): Json | undefined => task.ports[0]?.local_link_connection['port_id'];
  const run = (method: MethodName, task: Task, fields: Partial<ProviderContext> = {}): Promise<ProviderOutcome> =>
    runMethod(provider, method, makeContext(task, fields));
  const remove = (task: Task, recorded: RecordedBinding[]): Promise<ProviderOutcome> =>
    run('remove_provisioning_network', task, { recorded, fresh: true });
  const kinds = ({ warnings = [] }: Partial<ProviderOutcome>): (string | undefined)[] =>
    warnings.map(({ kind }) => kind);

  it('succeeds with a warning that names the driver, and the NIC is still on its old network', async () => {
    const task = oneNic();
    const recorded = await on.provision(task);
    switched.setReachable(false);
    f.proxy.reset();
    const outcome = await remove(task, recorded);
    expect(outcome).to.deep.include({ bindings: [], failures: [] });
    expect(outcome).to.not.have.property('error');
    expect(await f.portsOf(task)).to.deep.equal([]);
    expect(inUse(task), 'the premise: the driver could not unplug').to.equal(f.provisioning.id);
    const [warning, ...others] = outcome.warnings ?? [];
    expect(others).to.deep.equal([]);
    expect(warning).to.include({ kind: 'removal_unproven', port_uuid: task.ports[0]?.uuid, portgroup_uuid: null });
    expect(warning?.reason).to.contain(SWITCH_DRIVER).and.contain(f.provisioning.id).and.contain('quarantine_network');
    expect(f.proxy.requests.map(({ method }) => method)).to.deep.equal(['DELETE']);
  });

  it('has the warning also if the driver could unplug: Neutron answers the same', async () => {
    const task = oneNic();
    const recorded = await on.provision(task);
    expect(kinds(await remove(task, recorded))).to.deep.equal(['removal_unproven']);
    expect(inUse(task)).to.equal(null);
  });

  it('has it for a VIF that is unbound, but not for one that is bound again at once', async () => {
    const task = await f.attachVifs(oneNic());
    const recorded = await on.deploy(task);
    expect(kinds(await run('reattach', task, { recorded }))).to.deep.equal([]);
    expect(inUse(task)).to.equal(f.tenant.id);
    switched.setReachable(false);
    expect(kinds(await run('unconfigure_tenant_networks', task, { recorded }))).to.deep.equal(['removal_unproven']);
    expect(inUse(task)).to.equal(f.tenant.id);
  });

  it('has it only for NICs that are not plugged in elsewhere in the same operation', async () => {
    const task = makeTask({ ports: [makePort(), makePort()] });
    const recorded = await on.provision(task);
    const [boots, waits] = task.ports;
    const ports = [boots, { ...waits, pxe_enabled: false }] as Task['ports'];
    const outcome = await run('add_cleaning_network', { ...task, ports }, { recorded });
    expect(outcome.bindings.map(({ port_uuid: uuid }) => uuid)).to.deep.equal([boots?.uuid]);
    expect(outcome.warnings?.map(({ port_uuid: uuid }) => uuid)).to.deep.equal([waits?.uuid]);
    expect(inUse(task)).to.equal(f.cleaning.id);
    await run('remove_cleaning_network', task, { recorded: record('cleaning', outcome.bindings) });
  });

  it('has it for a repeat that finds the port gone, because Neutron may have failed to unplug it before', async () => {
    const task = oneNic();
    const recorded = await on.provision(task);
    switched.setReachable(false);
    await f.neutron.removePort(recorded[0]?.neutron_port_id ?? '');
    expect(kinds(await remove(task, recorded))).to.deep.equal(['removal_unproven']);
    provider = f.make(createNeutronProvider);
    const [warning] = (await remove(task, recorded)).warnings ?? [];
    expect(warning?.reason, 'a worker that knows nothing of the switch').to.contain('says neither which');
  });

  it('has it when reconcile deletes a stray port, and when a repair after an operation does', async () => {
    const stray = (task: Task): object => ({
      device_owner: 'baremetal:none',
      device_id: task.node.uuid,
      mac_address: task.ports[0]?.address,
      'binding:host_id': task.node.uuid,
      'binding:vnic_type': 'baremetal',
      'binding:profile': { local_link_information: [task.ports[0]?.local_link_connection] },
    });
    const [one, other] = [oneNic(), oneNic()];
    for (const task of [one, other]) await f.neutron.makePort(f.provisioning.id, stray(task));
    const outcome = await run('reconcile', one, { args: { ...NO_ARGUMENTS, fix: true } });
    expect(outcome.findings?.map(({ kind, repaired }) => [kind, repaired])).to.deep.equal([['stray_port', true]]);
    expect(kinds(outcome)).to.deep.equal(['removal_unproven']);
    const repaired = await provider.repair?.(makeContext(other), []);
    expect(kinds(repaired ?? {})).to.deep.equal(['removal_unproven']);
  });

  it('does not have it with a quarantine network', async () => {
    const quarantine = await f.neutron.makeNetwork();
    provider = f.make(createNeutronProvider, { quarantine_network: quarantine.id });
    const task = oneNic();
    const recorded = await on.provision(task);
    expect(kinds(await remove(task, recorded))).to.deep.equal([]);
    expect(await f.portsOf(task, quarantine)).to.deep.equal([]);
  });
});
