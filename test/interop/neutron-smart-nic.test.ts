import { randomUUID } from 'node:crypto';

import { expect } from 'chai';

import { NetworkError } from '../../src/contract/errors.js';
import { createNeutronProvider } from '../../src/providers/neutron/index.js';
import type { NetworkProvider } from '../../src/providers/provider.js';
import { SimulatedSmartNics } from '../../testkit/fakes/simulated-smart-nic.js';
import { ProviderFixture } from '../../testkit/fixtures/provider-fixture.js';
import { rejection } from '../../testkit/fixtures/rejection.js';
import { makeContext, makePort, makeTask, record, runMethod } from '../../testkit/fixtures/tasks.js';

describe('smart NICs under the neutron provider, on a real Neutron', () => {
  let f: ProviderFixture;
  /** Waits for what does not come, but not for long. */
  let hasty: NetworkProvider;
  let nics: SimulatedSmartNics;

  before(async () => {
    f = await ProviderFixture.start();
    hasty = f.make(createNeutronProvider, { neutron: { binding_timeout: 5 } });
    nics = new SimulatedSmartNics();
  });

  after(async () => {
    await nics.drop();
    await f.stop();
  });

  /** A node with one smart NIC; without the cable of one, if that is wanted. */
  function makeSmartNic(): { host: string; port: ReturnType<typeof makePort> } {
    const host = `smart-nic-${randomUUID()}`;
    return {
      host,
      port: makePort({ is_smartnic: true, local_link_connection: { port_id: 'rep0-0', hostname: host } }),
    };
  }

  it('are hosts of their own, on management networks', async () => {
    const { host, port } = makeSmartNic();
    await nics.powerOn(host);
    const plain = makePort();
    const task = await f.alive(makeTask({ ports: [port, plain] }));
    const added = await f.run('add_provisioning_network', task);
    expect(added.failures).to.deep.equal([]);
    const shown = await f.portsOf(task);
    expect(shown.find((one) => one.mac_address === port.address)).to.include({
      'binding:host_id': host,
      'binding:vnic_type': 'smart-nic',
      'binding:vif_type': 'ovs',
      status: 'ACTIVE',
    });
    expect(shown.find((one) => one.mac_address === plain.address)).to.include({
      'binding:host_id': task.node.uuid,
      'binding:vnic_type': 'baremetal',
      status: 'ACTIVE',
    });
    await f.run('remove_provisioning_network', task, { recorded: record('provisioning', added.bindings) });
    expect(await f.portsOf(task)).to.deep.equal([]);
  });

  it('are hosts of their own, on tenant networks', async () => {
    const { host, port } = makeSmartNic();
    await nics.powerOn(host);
    const task = await f.attachVifs(makeTask({ ports: [port] }));
    const { bindings } = await f.run('configure_tenant_networks', task);
    expect((await f.vifsOf(task))[0]).to.include({
      'binding:host_id': host,
      'binding:vnic_type': 'smart-nic',
      status: 'ACTIVE',
      mac_address: port.address,
    });
    const done = await f.run('unconfigure_tenant_networks', task, { recorded: record('tenant', bindings) });
    expect(done).to.deep.equal({ bindings: [], failures: [] });
    expect((await f.vifsOf(task))[0]).to.include({ 'binding:host_id': '', 'binding:vif_type': 'unbound' });
  });

  it('get no port before their agent is up, and are waited for', async () => {
    const { host, port } = makeSmartNic();
    const task = makeTask({ ports: [port] });
    const error = await rejection(runMethod(hasty, 'add_provisioning_network', makeContext(task)).then(failed));
    expect(error).to.be.instanceOf(NetworkError).and.have.property('message').that.includes(host);
    expect(await f.portsOf(task)).to.deep.equal([]);

    const adding = f.run('add_provisioning_network', task);
    adding.catch(() => undefined);
    await nics.powerOn(host);
    expect((await adding).bindings.map(({ status }) => status)).to.deep.equal(['ACTIVE']);
    await f.run('remove_provisioning_network', task);
  });

  it('keep their VIF while their agent is down, because nobody could unplug it', async () => {
    const { host, port } = makeSmartNic();
    await nics.powerOn(host);
    const task = await f.attachVifs(makeTask({ ports: [port] }));
    const { bindings } = await f.run('configure_tenant_networks', task);
    await nics.powerOff(host);
    const context = makeContext(task, { recorded: record('tenant', bindings) });
    const outcome = await runMethod(hasty, 'unconfigure_tenant_networks', context);
    expect(outcome.error).to.be.instanceOf(NetworkError).and.have.property('message').that.includes(host);
    expect(outcome.bindings.map(({ neutron_port_id: id }) => id)).to.deep.equal(
      bindings.map((one) => one.neutron_port_id),
    );
    expect((await f.vifsOf(task))[0]).to.include({ 'binding:host_id': host });
  });

  it('must have both is_smartnic and the link of a smart NIC', async () => {
    const { port } = makeSmartNic();
    const notSaid = { ...port, is_smartnic: false };
    const notCabled = makePort({ is_smartnic: true });
    const task = await f.alive(makeTask({ ports: [notSaid, notCabled, makePort()] }));
    const { failures, bindings } = await f.run('add_provisioning_network', task);
    expect(bindings).to.have.length(1);
    expect(failures.map(({ port_uuid: uuid }) => uuid)).to.deep.equal([notSaid.uuid, notCabled.uuid]);
    expect(failures[0]?.reason).to.include('set is_smartnic true');
    expect(failures[1]?.reason).to.include('hostname');
    expect(await f.portsOf(task)).to.have.length(1);
    await f.run('remove_provisioning_network', task, { recorded: record('provisioning', bindings) });
  });

  it('require that their node is powered on', async () => {
    const { port } = makeSmartNic();
    expect(await f.run('need_power_on', makeTask({ ports: [makePort(), port] }))).to.include({ need_power_on: true });
    expect(await f.run('need_power_on', makeTask())).to.include({ need_power_on: false });
  });
});

/** An outcome that failed, as the error that a caller gets. */
function failed({ error }: { error?: Error }): never {
  throw error ?? new Error('it did not fail');
}
