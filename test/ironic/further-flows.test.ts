import { expect } from 'chai';

import { macs } from '../../testkit/fixtures/ironic-commands.js';
import { CONDUCTOR, IronicFixture } from '../../testkit/fixtures/ironic-fixture.js';
import { randomMac } from '../../testkit/fixtures/samples.js';

describe("further flows of a real Ironic with the network interface netprov, and Ironic's PXE boot", () => {
  const f = IronicFixture.inSuite();

  it('rescue an instance, and unrescue it', async () => {
    const node = await f.enrollToBoot();
    await f.provide(node);
    const vif = await f.attachVif(node);
    await f.deploy(node);

    await f.baremetal('node', 'rescue', node.uuid, '--rescue-password', 'secret');
    await f.reaches(node, 'rescue wait');
    expect(await f.whereIs(node)).to.deep.equal({ rescuing: macs(node) });
    for (const notes of await f.notes(node)) expect(notes).to.include.keys('rescuing_vif_port_id');
    for (const options of await f.dhcpOptionsOn('rescuing')) expect(options, 'options for PXE').to.be.greaterThan(0);
    await f.ramdiskRuns(node, 'rescue');
    expect(Object.keys(await f.whereIs(node))).to.deep.equal(['tenant']);
    expect((await f.notes(node)).flatMap((notes) => Object.keys(notes))).to.deep.equal(['tenant_vif_port_id']);

    await f.baremetal('node', 'unrescue', node.uuid);
    await f.reaches(node, 'active');
    expect(Object.keys(await f.whereIs(node))).to.deep.equal(['tenant']);
    expect((await f.neutron.port(vif))?.['binding:host_id']).to.equal(node.uuid);
    expect(await f.runs(node)).to.deep.equal([
      'ramdisk on cleaning',
      'ramdisk on provisioning',
      'instance on tenant',
      'ramdisk on rescuing',
      'rescue on tenant',
      'instance on tenant',
    ]);
  });

  it('take over a node that runs an instance already, and clean it at the end', async () => {
    const node = await f.enrollToBoot();
    await f.manage(node);
    const vif = await f.attachVif(node);
    await f.baremetal('node', 'adopt', node.uuid);
    await f.reaches(node, 'active');
    expect(await f.vifs(node)).to.deep.equal([vif]);
    await f.undeploy(node);
    expect((await f.neutron.port(vif))?.['binding:host_id']).to.equal('');
    expect(await f.whereIs(node)).to.deep.equal({});
    expect(await f.notes(node)).to.deep.equal([{}, {}]);
    expect(await f.runs(node)).to.deep.equal(['ramdisk on cleaning']);
  });

  it('deploy a node with a link aggregation, of which the tenant has one port', async () => {
    const node = await f.enrollToBoot();
    const group = await f.json<{ uuid: string }>(
      ...['port', 'group', 'create', '--node', node.uuid, '--address', randomMac(), '--mode', '802.3ad'],
    );
    for (const { uuid } of node.ports) await f.baremetal('port', 'set', uuid, '--port-group', group.uuid);
    await f.beginCleaning(node);
    expect(await f.whereIs(node)).to.deep.equal({ cleaning: macs(node) });
    for (const options of await f.dhcpOptionsOn('cleaning')) expect(options, 'options for PXE').to.be.greaterThan(0);
    await f.ramdiskRuns(node, 'available');

    const vif = await f.attachVif(node);
    await f.deploy(node);
    const port = await f.neutron.port(vif);
    expect(port).to.include({ 'binding:host_id': node.uuid, status: 'ACTIVE' });
    expect(port?.['binding:profile']['local_link_information']).to.have.length(2);
    const shown = await f.json<{ internal_info: object }>('port', 'group', 'show', group.uuid);
    expect(shown.internal_info).to.deep.equal({ tenant_vif_port_id: vif });
    await f.undeploy(node);
    expect(await f.whereIs(node)).to.deep.equal({});
  });

  it('are seen by the audit when a node is moved while it runs', async () => {
    const node = await f.enrollToBoot();
    await f.provide(node);
    await f.attachVif(node);
    await f.deploy(node);
    for (const method of ['unconfigure_tenant_networks', 'add_provisioning_network']) {
      const said = await f.netprov('call', method, '--node-id', node.uuid, '--host', CONDUCTOR);
      expect(said.code, said.stderr).to.equal(0);
    }
    expect((await f.runs(node)).at(-1)).to.equal('instance on provisioning, tenant');
    expect(f.expectedFaults(node)).to.deep.equal(['instance on provisioning']);
  });
});
