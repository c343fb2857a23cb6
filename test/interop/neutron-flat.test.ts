import { expect } from 'chai';

import { NetworkError } from '../../src/contract/errors.js';
import type { MethodName } from '../../src/contract/methods.js';
import type { PortBinding, Task } from '../../src/contract/types.js';
import { createFlatProvider } from '../../src/providers/flat.js';
import type { NetworkProvider, ProviderContext } from '../../src/providers/provider.js';
import { NodeChecks, UNBOUND } from '../../testkit/fixtures/node-checks.js';
import { ProviderFixture } from '../../testkit/fixtures/provider-fixture.js';
import { rejection } from '../../testkit/fixtures/rejection.js';
import {
  makeContext,
  makeLagTask,
  makeNode,
  makePort,
  makeTask,
  record,
  runMethod,
  withVif,
} from '../../testkit/fixtures/tasks.js';

describe('the flat provider, on a real Neutron', () => {
  let f: ProviderFixture;
  let provider: NetworkProvider;

  before(async () => {
    f = await ProviderFixture.start();
    provider = f.make(createFlatProvider, { inspection_network: f.provisioning.id });
  });

  beforeEach(() => {
    f.proxy.reset();
  });

  after(async () => {
    await f.stop();
  });

  const run = (method: MethodName, task: Task, fields: Partial<ProviderContext> = {}) =>
    runMethod(provider, method, makeContext(task, fields));

  const idsOf = (bindings: readonly PortBinding[]) => bindings.map(({ neutron_port_id: id }) => id);

  for (const [add, remove, type] of [
    ['add_provisioning_network', 'remove_provisioning_network', 'provisioning'],
    ['add_rescuing_network', 'remove_rescuing_network', 'rescuing'],
    ['add_servicing_network', 'remove_servicing_network', 'servicing'],
    ['configure_tenant_networks', 'unconfigure_tenant_networks', 'tenant'],
  ] as const) {
    it(`${add} binds the node's VIFs and makes nothing; ${remove} unbinds them`, async () => {
      const uncabled = makePort({ local_link_connection: {} });
      const task = await f.alive(await f.attachVifs(makeTask({ ports: [makePort(), uncabled] })));
      const bound = await run(add, task);
      expect(bound.failures).to.deep.equal([]);
      const vifs = await f.vifsOf(task);
      expect(idsOf(bound.bindings)).to.have.members(vifs.map((vif) => vif?.id));
      for (const [index, vif] of vifs.entries()) {
        expect(vif).to.include({
          'binding:host_id': task.node.uuid,
          'binding:vnic_type': 'baremetal',
          'binding:vif_type': 'other',
          mac_address: task.ports[index]?.address,
        });
        expect(vif?.['binding:profile']).to.deep.equal({});
      }
      const recorded = record(type, bound.bindings);
      expect(await run(remove, task, { recorded })).to.deep.equal({ bindings: [], failures: [] });
      for (const vif of await f.vifsOf(task)) expect(vif).to.include({ 'binding:host_id': '' });
      expect(f.proxy.summary().filter((line) => line.startsWith('POST'))).to.deep.equal([]);
    });
  }

  it('a VIF that is bound for two network types is unbound with the last of them', async () => {
    const task = await f.alive(await f.attachVifs(makeTask()));
    const provisioning = record('provisioning', (await run('add_provisioning_network', task)).bindings);
    const tenant = record(
      'tenant',
      (await run('configure_tenant_networks', task, { recorded: provisioning })).bindings,
    );
    await run('remove_provisioning_network', task, { recorded: [...provisioning, ...tenant] });
    for (const vif of await f.vifsOf(task)) expect(vif).to.include({ 'binding:host_id': task.node.uuid });
    await run('unconfigure_tenant_networks', task, { recorded: tenant });
    for (const vif of await f.vifsOf(task)) expect(vif).to.include({ 'binding:host_id': '' });
  });

  it('a node without VIFs cannot be bound, because Neutron would not serve its NICs', async () => {
    for (const method of [
      'add_provisioning_network',
      'add_rescuing_network',
      'add_servicing_network',
      'configure_tenant_networks',
    ] as const) {
      const error = await rejection(run(method, makeTask()));
      expect(error).to.be.instanceOf(NetworkError);
      expect(error?.message).to.include('no VIF to bind');
    }
    expect(f.proxy.summary()).to.deep.equal([]);
    for (const method of ['remove_provisioning_network', 'unconfigure_tenant_networks'] as const) {
      expect(await run(method, makeTask())).to.deep.equal({ bindings: [], failures: [] });
    }
  });

  it('the VIF of a port in a portgroup is bound, repaired and unbound, too', async () => {
    const lag = makeLagTask();
    const [member = makePort(), other = makePort()] = lag.ports;
    const task = await f.alive({ ...lag, ports: [withVif(member, (await f.neutron.makePort(f.tenant.id)).id), other] });
    const { bindings } = await run('configure_tenant_networks', task);
    expect(bindings[0]).to.include({ port_uuid: member.uuid, host_id: task.node.uuid, mac_address: member.address });
    const [vif = ''] = idsOf(bindings);
    const recorded = record('tenant', bindings);
    await f.neutron.changePort(vif, UNBOUND);
    const { findings } = await new NodeChecks(f, provider).fix(task, recorded);
    expect(findings.map(({ kind, repaired }) => [kind, repaired])).to.deep.equal([['wrong_host', true]]);
    await run('unconfigure_tenant_networks', task, { recorded });
    expect(await f.neutron.port(vif)).to.include({ 'binding:host_id': '' });
  });

  for (const [type, network] of [
    ['cleaning', () => f.cleaning],
    ['inspection', () => f.provisioning],
  ] as const) {
    it(`${type}: ports are made, cabled or not, and removed`, async () => {
      const task = await f.alive(makeTask({ ports: [makePort(), makePort({ local_link_connection: {} })] }));
      const { bindings, failures } = await run(`add_${type}_network`, task);
      expect(failures).to.deep.equal([]);
      const shown = await f.portsOf(task, network());
      expect(idsOf(bindings)).to.have.members(shown.map(({ id }) => id));
      for (const port of shown) {
        expect(port).to.include({ device_owner: 'baremetal:none', 'binding:host_id': task.node.uuid });
      }
      await run(`remove_${type}_network`, task, { recorded: record(type, bindings) });
      expect(await f.portsOf(task, network())).to.deep.equal([]);
    });
  }

  it('never removes a VIF, though it is on record and on the network that is removed', async () => {
    const own = f.make(createFlatProvider, { cleaning_network: f.tenant.id });
    const task = await f.alive(await f.attachVifs(makeTask()));
    const { bindings } = await run('add_provisioning_network', task);
    const detached = { ...task, ports: task.ports.map((port) => ({ ...port, internal_info: {} })) };
    const recorded = record('provisioning', bindings);
    await runMethod(own, 'remove_cleaning_network', makeContext(detached, { recorded }));
    expect((await f.vifsOf(task)).map((vif) => vif?.id)).to.have.members(idsOf(bindings));
  });

  it('a failed binding is a warning, unless driver_info makes it a failure', async () => {
    const task = await f.attachVifs(makeTask());
    const { error, warnings } = await run('configure_tenant_networks', task);
    expect(error).to.equal(undefined);
    expect(warnings?.map((warning) => warning.port_uuid)).to.have.members(task.ports.map(({ uuid }) => uuid));
    const strict = { ...task, node: makeNode({ ...task.node, driver_info: { fail_on_binding_failure: true } }) };
    expect((await run('configure_tenant_networks', strict)).error).to.be.instanceOf(NetworkError);
    for (const vif of await f.vifsOf(task)) expect(vif).to.include({ 'binding:host_id': '' });
  });
});
