import { expect } from 'chai';

import { type EnrolledNode, IronicFixture } from '../../testkit/fixtures/ironic-fixture.js';

describe("a real Ironic's flows with the network interface netprov", () => {
  let f: IronicFixture;

  before(async () => {
    f = await IronicFixture.start();
  });

  after(async () => {
    await f.stop();
  });

  afterEach(async () => {
    await f.clear();
  });

  const macs = (node: EnrolledNode): string[] => node.ports.map(({ address }) => address).sort();

  it('clean a node on the cleaning network, and leave it on none', async () => {
    const node = await f.enroll();
    await f.baremetal('node', 'manage', node.uuid);
    await f.reaches(node, 'manageable');
    await f.baremetal('node', 'provide', node.uuid);
    await f.reaches(node, 'clean wait');
    expect(await f.whereIs(node)).to.deep.equal({ cleaning: macs(node) });
    for (const notes of await f.notes(node)) expect(notes).to.have.all.keys('cleaning_vif_port_id');

    await f.ramdiskRuns(node, 'available');
    expect(node.ramdisk.done).to.deep.equal(['erase_devices_metadata']);
    expect(await f.whereIs(node)).to.deep.equal({});
    expect(await f.notes(node)).to.deep.equal([{}, {}]);
  });

  it('leave a node on no network when its cleaning is aborted', async () => {
    const node = await f.enroll();
    await f.baremetal('node', 'manage', node.uuid);
    await f.reaches(node, 'manageable');
    await f.baremetal('node', 'provide', node.uuid);
    await f.reaches(node, 'clean wait');
    await f.baremetal('node', 'abort', node.uuid);
    await f.fails(node, 'clean failed');
    expect(await f.whereIs(node)).to.deep.equal({});
    expect(await f.notes(node)).to.deep.equal([{}, {}]);
  });

  it('deploy a node on the provisioning network, run it on the tenant network, rebuild it, and clean it again', async () => {
    const node = await f.enroll();
    await f.provide(node);
    const vif = await f.attachVif(node);
    expect(await f.json('node', 'vif', 'list', node.uuid)).to.deep.equal([{ ID: vif }]);

    for (const command of ['deploy', 'rebuild']) {
      await f.baremetal('node', command, node.uuid);
      await f.reaches(node, 'wait call-back');
      expect(await f.whereIs(node), command).to.deep.equal({ provisioning: macs(node) });
      await f.ramdiskRuns(node, 'active');
      const { tenant, ...others } = await f.whereIs(node);
      expect(others, command).to.deep.equal({});
      expect(macs(node), command).to.include.members(tenant ?? []);
      expect(tenant, command).to.have.length(1);
    }

    await f.baremetal('node', 'undeploy', node.uuid);
    await f.reaches(node, 'clean wait');
    expect(await f.whereIs(node)).to.deep.equal({ cleaning: macs(node) });
    expect((await f.neutron.port(vif))?.['binding:host_id']).to.equal('');
    expect(await f.json('node', 'vif', 'list', node.uuid)).to.deep.equal([]);
    await f.ramdiskRuns(node, 'available');
    expect(await f.whereIs(node)).to.deep.equal({});
    expect(await f.notes(node)).to.deep.equal([{}, {}]);
  });
});
