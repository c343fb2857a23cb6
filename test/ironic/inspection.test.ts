import { expect } from 'chai';

import { inspectInterfaces, Inspections } from '../../testkit/fixtures/inspections.js';
import { type EnrolledNode, macs } from '../../testkit/fixtures/ironic-commands.js';
import { IronicFixture } from '../../testkit/fixtures/ironic-fixture.js';
import { until } from '../../testkit/fixtures/poll.js';

describe('inspections of a real Ironic with the network interface netprov', () => {
  let inspections: Inspections;
  const f = IronicFixture.inSuite(async () => {
    inspections = await Inspections.start();
    return { sections: inspections.sections };
  });

  after(async () => {
    await inspections.stop();
  });

  async function beginInspection(node: EnrolledNode): Promise<void> {
    await f.baremetal('node', 'inspect', node.uuid);
    await f.reaches(node, 'inspect wait');
    expect(await f.whereIs(node)).to.deep.equal({ inspection: macs(node) });
  }

  /** Has the node cleaned, and looks where it is meanwhile and afterwards. */
  async function cleanIt(node: EnrolledNode): Promise<void> {
    await f.beginCleaning(node);
    expect(await f.whereIs(node)).to.deep.equal({ cleaning: macs(node) });
    for (const notes of await f.notes(node)) expect(notes).to.have.all.keys('cleaning_vif_port_id');
    await f.ramdiskRuns(node, 'available');
    expect(await f.whereIs(node)).to.deep.equal({});
    expect(await f.notes(node)).to.deep.equal([{}, {}]);
  }

  for (const by of inspectInterfaces()) {
    const enroll = (...options: string[]) => f.enrollToBoot('--inspect-interface', by, ...options);

    describe(`by the inspect interface ${by}`, () => {
      it('put a node on the inspection network, and leave it on none', async () => {
        const node = await enroll();
        await f.manage(node);
        await beginInspection(node);
        for (const notes of await f.notes(node)) expect(notes).to.have.all.keys('inspection_vif_port_id');
        for (const options of await f.dhcpOptionsOn('inspection')) expect(options, 'for PXE').to.be.greaterThan(0);
        if (by === 'inspector')
          expect(inspections.inspector.started.at(-1)).to.deep.equal({ node: node.uuid, managesBoot: false });

        await inspections.report(by, node);
        await f.reaches(node, 'manageable');
        expect(await f.whereIs(node)).to.deep.equal({});
        expect(await f.notes(node)).to.deep.equal([{}, {}]);
        expect(await f.runs(node)).to.deep.equal(['ramdisk on inspection']);
      });

      it('leave a node on no network when they fail', async () => {
        const node = await enroll();
        await f.manage(node);
        await beginInspection(node);
        await inspections.report(by, node, 'no disk');
        await f.fails(node, 'inspect failed');
        expect(await f.whereIs(node)).to.deep.equal({});
        expect(await f.notes(node)).to.deep.equal([{}, {}]);
      });

      it('leave nothing behind that a cleaning would add a second network to, when they are aborted', async () => {
        const node = await enroll();
        await f.manage(node);
        await beginInspection(node);
        await f.baremetal('node', 'abort', node.uuid);
        await f.fails(node, 'inspect failed');
        // Ironic does not remove the network when it has ironic-inspector abort.
        expect(await f.whereIs(node)).to.deep.equal(by === 'inspector' ? { inspection: macs(node) } : {});
        await cleanIt(node);
        // Nor does it switch the node off then: the ramdisk runs until cleaning reboots the node.
        const first = by === 'inspector' ? 'ramdisk on cleaning, inspection' : 'ramdisk on inspection';
        expect(await f.runs(node)).to.deep.equal([first, 'ramdisk on cleaning']);
      });

      it(`leave a node of Ironic's own interface neutron on ${by === 'inspector' ? 'two networks' : 'one network'} then`, async () => {
        const node = await enroll(...f.ownInterface('neutron'));
        await f.manage(node);
        await f.baremetal('node', 'inspect', node.uuid);
        await f.reaches(node, 'inspect wait');
        await f.baremetal('node', 'abort', node.uuid);
        await f.fails(node, 'inspect failed');
        await f.beginCleaning(node);
        const expected = by === 'inspector' ? ['cleaning', 'inspection'] : ['cleaning'];
        expect(Object.keys(await f.whereIs(node)).sort()).to.deep.equal(expected);
        await f.baremetal('node', 'abort', node.uuid);
        await f.fails(node, 'clean failed');
        expect(f.expectedFaults(node)).to.deep.equal(by === 'inspector' ? ['on cleaning and inspection at once'] : []);
      });
    });
  }

  if (inspectInterfaces().includes('inspector')) {
    it('leave the network to ironic-inspector where Ironic cannot boot the ramdisk', async () => {
      const node = await f.enroll('--inspect-interface', 'inspector');
      await f.manage(node);
      await f.baremetal('node', 'inspect', node.uuid);
      await f.reaches(node, 'inspect wait');
      const { inspector } = inspections;
      await until('ironic-inspector is asked', () => inspector.started.at(-1)?.node === node.uuid);
      expect(inspector.started.at(-1)).to.deep.equal({ node: node.uuid, managesBoot: true });
      expect(await f.whereIs(node)).to.deep.equal({});
      inspector.finish(node.uuid);
      await f.reaches(node, 'manageable');
    });
  }
});
