import { randomUUID } from 'node:crypto';

import { expect } from 'chai';

import { FailedToUpdateMacOnPort, NetworkError } from '../../src/contract/errors.js';
import { createNeutronProvider } from '../../src/providers/neutron/index.js';
import type { NetworkProvider } from '../../src/providers/provider.js';
import { SimulatedSmartNics } from '../../testkit/fakes/simulated-smart-nic.js';
import { ProviderFixture } from '../../testkit/fixtures/provider-fixture.js';
import { rejection } from '../../testkit/fixtures/rejection.js';
import { randomMac } from '../../testkit/fixtures/samples.js';
import { makeContext, record, runMethod } from '../../testkit/fixtures/tasks.js';
import { active, given, oneNic, taskAfter, toAttach, toDetach } from '../../testkit/fixtures/vif-tasks.js';

describe('the VIF of a smart NIC on an active node, on a real Neutron', () => {
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

  it('is bound to the NIC, follows its MAC address while its agent is up, and is unbound from it', async () => {
    const host = `smart-nic-${randomUUID()}`;
    await nics.powerOn(host);
    const task = active(oneNic({ is_smartnic: true, local_link_connection: { port_id: 'rep0-0', hostname: host } }));
    const { id } = await f.neutron.makePort(f.tenant.id);
    const outcome = await f.run('vif_attach', task, toAttach(id));
    const onNic = { 'binding:host_id': host, 'binding:vnic_type': 'smart-nic', status: 'ACTIVE' };
    expect(await f.neutron.port(id)).to.include({ ...onNic, mac_address: task.ports[0]?.address });

    const attached = taskAfter(task, outcome);
    const recorded = record('tenant', outcome.bindings);
    const address = randomMac();
    const [port_obj = null] = attached.ports.map((port) => ({ ...port, address }));
    const changed = await f.run('port_changed', attached, { ...given({ port_obj }), recorded });
    expect(changed.bindings[0]).to.include({ mac_address: address, host_id: host, status: 'ACTIVE' });
    expect(await f.neutron.port(id)).to.include({ ...onNic, mac_address: address });

    await nics.powerOff(host);
    const again = { ...given({ port_obj: attached.ports[0] ?? null }), recorded: record('tenant', changed.bindings) };
    const now = { ...attached, ports: port_obj === null ? [] : [port_obj] };
    const refused = await rejection(runMethod(hasty, 'port_changed', makeContext(now, again)));
    expect(refused).to.be.instanceOf(FailedToUpdateMacOnPort);
    expect(refused?.message).to.include(host).and.include('put back as it was');
    const detaching = makeContext(now, { ...toDetach(id), recorded: again.recorded });
    const left = await rejection(runMethod(hasty, 'vif_detach', detaching));
    expect(left).to.be.instanceOf(NetworkError);
    expect(left?.message).to.include(host);
    expect(await f.neutron.port(id)).to.include({ 'binding:host_id': host, mac_address: address });

    await nics.powerOn(host);
    const detached = await runMethod(f.provider, 'vif_detach', detaching);
    expect(detached).to.deep.equal({ bindings: [], failures: [], vifs: [] });
    expect(await f.neutron.port(id)).to.include({ 'binding:host_id': '', 'binding:vif_type': 'unbound' });
  });
});
