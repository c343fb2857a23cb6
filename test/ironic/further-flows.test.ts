import { expect } from 'chai';

import { SimulatedInspector } from '../../testkit/fakes/simulated-inspector.js';
import { type EnrolledNode, macs } from '../../testkit/fixtures/ironic-commands.js';
import { CONDUCTOR, IronicFixture } from '../../testkit/fixtures/ironic-fixture.js';
import { until } from '../../testkit/fixtures/poll.js';
import { randomMac } from '../../testkit/fixtures/samples.js';

describe("further flows of a real Ironic with the network interface netprov, and Ironic's PXE boot", () => {
  let inspector: SimulatedInspector;
  const f = IronicFixture.inSuite(async () => {
    inspector = await SimulatedInspector.start();
    const sections = `
[inspector]
auth_type = none
endpoint_override = ${inspector.url}
# Default 60: the test waits for as long.
status_check_period = 1
# Only ramdisks would use it. Ironic refuses an address of this machine.
callback_endpoint_override = http://192.0.2.1:5050
`;
    return { sections };
  });

  after(async () => {
    await inspector.stop();
  });

  /** PXE has a DHCP server, Neutron, find the node's ports by what Ironic notes of them. */
  function enroll(...options: string[]): Promise<EnrolledNode> {
    const { kernel, ramdisk } = f.ironic.images;
    const images = ['deploy', 'rescue'].flatMap((mode) => [`${mode}_kernel=${kernel}`, `${mode}_ramdisk=${ramdisk}`]);
    const info = images.flatMap((image) => ['--driver-info', image]);
    const interfaces = { boot: 'pxe', inspect: 'inspector', management: 'noop', rescue: 'agent' };
    const chosen = Object.entries(interfaces).flatMap(([name, value]) => [`--${name}-interface`, value]);
    return f.enroll(...chosen, ...info, ...options);
  }

  const dhcpOptionsOn = async (kind: 'cleaning' | 'rescuing' | 'inspection'): Promise<number[]> => {
    const ports = await f.neutron.portsOn(f.networks[kind].id);
    return ports.map((port) => (port as unknown as { extra_dhcp_opts: object[] }).extra_dhcp_opts.length);
  };

  it('rescue an instance, and unrescue it', async () => {
    const node = await enroll();
    await f.provide(node);
    const vif = await f.attachVif(node);
    await f.deploy(node);

    await f.baremetal('node', 'rescue', node.uuid, '--rescue-password', 'secret');
    await f.reaches(node, 'rescue wait');
    expect(await f.whereIs(node)).to.deep.equal({ rescuing: macs(node) });
    for (const notes of await f.notes(node)) expect(notes).to.include.keys('rescuing_vif_port_id');
    for (const options of await dhcpOptionsOn('rescuing')) expect(options, 'options for PXE').to.be.greaterThan(0);
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

  it('inspect a node on the inspection network, and leave it on none', async () => {
    const node = await enroll();
    await f.manage(node);
    await f.baremetal('node', 'inspect', node.uuid);
    await f.reaches(node, 'inspect wait');
    expect(inspector.started.at(-1)).to.deep.equal({ node: node.uuid, managesBoot: false });
    expect(await f.whereIs(node)).to.deep.equal({ inspection: macs(node) });
    for (const notes of await f.notes(node)) expect(notes).to.have.all.keys('inspection_vif_port_id');
    for (const options of await dhcpOptionsOn('inspection')) expect(options, 'options for PXE').to.be.greaterThan(0);

    inspector.finish(node.uuid);
    await f.reaches(node, 'manageable');
    expect(await f.whereIs(node)).to.deep.equal({});
    expect(await f.notes(node)).to.deep.equal([{}, {}]);
    expect(await f.runs(node)).to.deep.equal(['ramdisk on inspection']);
  });

  it('leave a node on no network when its inspection fails', async () => {
    const node = await enroll();
    await f.manage(node);
    await f.baremetal('node', 'inspect', node.uuid);
    await f.reaches(node, 'inspect wait');
    inspector.finish(node.uuid, 'no disk');
    expect(await f.fails(node, 'inspect failed')).to.include('no disk');
    expect(await f.whereIs(node)).to.deep.equal({});
    expect(await f.notes(node)).to.deep.equal([{}, {}]);
  });

  it('leave a node on the inspection network when its inspection is aborted, as Ironic does, until the next one', async () => {
    const node = await enroll();
    await f.manage(node);
    for (const end of ['aborted', 'finished']) {
      await f.baremetal('node', 'inspect', node.uuid);
      await f.reaches(node, 'inspect wait');
      expect(await f.whereIs(node), end).to.deep.equal({ inspection: macs(node) });
      if (end === 'finished') break;
      await f.baremetal('node', 'abort', node.uuid);
      await f.fails(node, 'inspect failed');
      expect(await f.whereIs(node)).to.deep.equal({ inspection: macs(node) });
    }
    inspector.finish(node.uuid);
    await f.reaches(node, 'manageable');
    expect(await f.whereIs(node)).to.deep.equal({});
  });

  it('leave the network to ironic-inspector where Ironic cannot boot the ramdisk', async () => {
    const node = await f.enroll('--inspect-interface', 'inspector');
    await f.manage(node);
    await f.baremetal('node', 'inspect', node.uuid);
    await f.reaches(node, 'inspect wait');
    await until('ironic-inspector is asked', () => inspector.started.at(-1)?.node === node.uuid);
    expect(inspector.started.at(-1)).to.deep.equal({ node: node.uuid, managesBoot: true });
    expect(await f.whereIs(node)).to.deep.equal({});
    inspector.finish(node.uuid);
    await f.reaches(node, 'manageable');
  });

  it('take over a node that runs an instance already, and clean it at the end', async () => {
    const node = await enroll();
    await f.manage(node);
    const vif = await f.attachVif(node);
    await f.baremetal('node', 'adopt', node.uuid);
    await f.reaches(node, 'active');
    expect(await f.json('node', 'vif', 'list', node.uuid)).to.deep.equal([{ ID: vif }]);
    await f.undeploy(node);
    expect((await f.neutron.port(vif))?.['binding:host_id']).to.equal('');
    expect(await f.whereIs(node)).to.deep.equal({});
    expect(await f.notes(node)).to.deep.equal([{}, {}]);
    expect(await f.runs(node)).to.deep.equal(['ramdisk on cleaning']);
  });

  it('deploy a node with a link aggregation, of which the tenant has one port', async () => {
    const node = await enroll();
    const group = await f.json<{ uuid: string }>(
      ...['port', 'group', 'create', '--node', node.uuid, '--address', randomMac(), '--mode', '802.3ad'],
    );
    for (const { uuid } of node.ports) await f.baremetal('port', 'set', uuid, '--port-group', group.uuid);
    await f.beginCleaning(node);
    expect(await f.whereIs(node)).to.deep.equal({ cleaning: macs(node) });
    for (const options of await dhcpOptionsOn('cleaning')) expect(options, 'options for PXE').to.be.greaterThan(0);
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
    const node = await enroll();
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
