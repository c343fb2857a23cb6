import { expect } from 'chai';

import { macs } from '../../testkit/fixtures/ironic-commands.js';
import { IronicFixture } from '../../testkit/fixtures/ironic-fixture.js';
import { Baremetal } from '../../testkit/servers/baremetal.js';
import { KeystoneAccess, type KeystoneAccount, loginOf } from '../../testkit/servers/ironic-access.js';
import { json } from '../../testkit/servers/netprov.js';

describe('a real Ironic, a real Neutron and netprov with a real Keystone', () => {
  let access: KeystoneAccess;
  const f = IronicFixture.inSuite(async () => {
    access = await KeystoneAccess.start();
    return { access };
  });

  /** A tenant: a project, and a user who may do there what members may. */
  async function makeTenant(): Promise<KeystoneAccount & { projectId: string }> {
    const project = await access.keystone.makeProject();
    const { name, password } = await access.keystone.makeUser('member', { project: project.name });
    return { name, password, project: project.name, projectId: project.id };
  }

  /** A VIF of a tenant. */
  async function makeVif({ projectId }: { projectId: string }): Promise<string> {
    const attributes = { project_id: projectId, 'binding:vnic_type': 'baremetal' };
    return (await f.neutron.makePort(f.networks.tenant.id, attributes)).id;
  }

  it('go through cleaning, a deployment and a tear-down', async () => {
    const node = await f.enroll();
    await f.beginCleaning(node);
    expect(await f.whereIs(node)).to.deep.equal({ cleaning: macs(node) });
    await f.ramdiskRuns(node, 'available');
    const vif = await f.attachVif(node);
    await f.deploy(node);
    expect((await f.neutron.port(vif))?.['binding:host_id']).to.equal(node.uuid);
    const compared = await f.netprov('reconcile', '--node', node.uuid, '--json');
    expect(json(compared), compared.stderr).to.include({ compared_with_ironic: 1 });
    await f.undeploy(node);
    expect(await f.whereIs(node)).to.deep.equal({});
    expect(await f.notes(node)).to.deep.equal([{}, {}]);
  });

  it("refuse a VIF of another project to the node's owner, and take one of the own project", async () => {
    const [owner, other] = [await makeTenant(), await makeTenant()];
    const node = await f.enroll();
    await f.baremetal('node', 'set', node.uuid, '--owner', owner.projectId);
    const client = new Baremetal(f.ironic.endpoint, loginOf(owner));
    try {
      const [foreign, own] = [await makeVif(other), await makeVif(owner)];
      const refused = await client.run('node', 'vif', 'attach', node.uuid, foreign);
      expect(refused.code).to.not.equal(0);
      expect(refused.stderr).to.include(`The Neutron port ${foreign} cannot be read with the token of the request`);
      expect(refused.stderr).to.include('does not exist, or is of another project');
      expect(await f.vifs(node)).to.deep.equal([]);

      const taken = await client.run('node', 'vif', 'attach', node.uuid, own);
      expect(taken.code, taken.stderr).to.equal(0);
      expect(await f.vifs(node)).to.deep.equal([own]);
      const left = await client.run('node', 'vif', 'detach', node.uuid, own);
      expect(left.code, left.stderr).to.equal(0);
      expect(await f.vifs(node)).to.deep.equal([]);
    } finally {
      await client.stop();
    }
  });

  it("put on record by netprov adopt where Ironic's own interface has put a node, and have a worker remove it", async () => {
    const node = await f.enrollWith('neutron');
    await f.beginCleaning(node);
    const adopted = await f.netprov('adopt', '--node', node.uuid, '--json', '--apply', '--yes');
    expect(adopted.code, adopted.stderr).to.equal(0);
    expect(json(adopted)).to.deep.include({ nodes: 1 });
    expect((await f.netprov('reconcile', '--node', node.uuid)).code).to.equal(0);
    await f.baremetal('node', 'abort', node.uuid);
    await f.fails(node, 'clean failed');
  });

  it('say which option is wrong when netprov cannot log in', async () => {
    const wrong = { NETPROV_IRONIC_PASSWORD: 'wrong' };
    const ended = await f.netprovWith(wrong, 'adopt', '--all');
    expect(ended.code).to.not.equal(0);
    expect(ended.stderr).to.include('ironic.username, ironic.password').and.not.include(access.service.password);
  });
});
