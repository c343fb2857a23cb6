import { expect } from 'chai';

import { type EnrolledNode, macs } from '../../testkit/fixtures/ironic-commands.js';
import { IronicFixture } from '../../testkit/fixtures/ironic-fixture.js';
import { ironicAbilities } from '../../testkit/servers/ironic-release.js';

const STEPS = JSON.stringify([{ interface: 'deploy', step: 'burnin_memory' }]);

describe('service of an instance by a real Ironic with the network interface netprov', () => {
  // Ironic 29 does not answer a ramdisk that looks up a node in service, unless it answers all.
  const f = IronicFixture.inSuite({ sections: '[api]\nrestrict_lookup = false' });

  /** A node with an instance, and its VIF. */
  async function deployed(): Promise<{ node: EnrolledNode; vif: string }> {
    const node = await f.enrollToBoot();
    await f.provide(node);
    const vif = await f.attachVif(node);
    await f.deploy(node);
    return { node, vif };
  }

  async function beginService(node: EnrolledNode): Promise<void> {
    await f.baremetal('node', 'service', node.uuid, '--service-steps', STEPS);
    await f.reaches(node, 'service wait');
    expect(await f.whereIs(node)).to.deep.equal({ servicing: macs(node) });
    for (const notes of await f.notes(node)) expect(notes).to.include.keys('servicing_vif_port_id');
    for (const options of await f.dhcpOptionsOn('servicing')) expect(options, 'for PXE').to.be.greaterThan(0);
  }

  async function expectOnTenant(node: EnrolledNode, vif: string): Promise<void> {
    expect(Object.keys(await f.whereIs(node))).to.deep.equal(['tenant']);
    expect((await f.neutron.port(vif))?.['binding:host_id']).to.equal(node.uuid);
    expect((await f.notes(node)).flatMap((notes) => Object.keys(notes))).to.deep.equal(['tenant_vif_port_id']);
  }

  const DEPLOYED = ['ramdisk on cleaning', 'ramdisk on provisioning', 'instance on tenant'];

  const flows: Record<string, () => Promise<void>> = {
    'takes it to the servicing network, and back to the tenant': async () => {
      const { node, vif } = await deployed();
      await beginService(node);
      await f.ramdiskRuns(node, 'active');
      expect(node.ramdisk.done).to.include('burnin_memory');
      await expectOnTenant(node, vif);
      expect(await f.runs(node)).to.deep.equal([...DEPLOYED, 'ramdisk on servicing', 'instance on tenant']);
    },
    'leaves nothing behind that a cleaning would add a second network to, when it is aborted': async () => {
      const { node } = await deployed();
      await beginService(node);
      await f.baremetal('node', 'abort', node.uuid);
      // Ironic 29 changes no more than the state.
      const { abortsService } = ironicAbilities();
      await f.settles(node, abortsService ? 'active' : 'service failed');
      expect(Object.keys(await f.whereIs(node))).to.deep.equal([abortsService ? 'tenant' : 'servicing']);
      await f.baremetal('node', 'undeploy', node.uuid);
      await f.reaches(node, 'clean wait');
      expect(await f.whereIs(node)).to.deep.equal({ cleaning: macs(node) });
      await f.ramdiskRuns(node, 'available');
      expect(await f.whereIs(node)).to.deep.equal({});
      expect(await f.notes(node)).to.deep.equal([{}, {}]);
    },
  };

  // Ironic has the command from 23.0 on.
  if (ironicAbilities().service) for (const [title, flow] of Object.entries(flows)) it(title, flow);
});
