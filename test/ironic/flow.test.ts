import { expect } from 'chai';

import { macs } from '../../testkit/fixtures/ironic-commands.js';
import { CONDUCTOR, IronicFixture } from '../../testkit/fixtures/ironic-fixture.js';
import { randomMac } from '../../testkit/fixtures/samples.js';
import { json } from '../../testkit/servers/netprov.js';

describe("a real Ironic's flows with the network interface netprov", () => {
  const f = IronicFixture.inSuite();

  it('clean a node on the cleaning network, and leave it on none', async () => {
    const node = await f.enroll();
    await f.beginCleaning(node);
    expect(await f.whereIs(node)).to.deep.equal({ cleaning: macs(node) });
    for (const notes of await f.notes(node)) expect(notes).to.have.all.keys('cleaning_vif_port_id');

    await f.ramdiskRuns(node, 'available');
    expect(node.ramdisk.done).to.deep.equal(['erase_devices_metadata']);
    expect(await f.whereIs(node)).to.deep.equal({});
    expect(await f.notes(node)).to.deep.equal([{}, {}]);
    expect(await f.runs(node)).to.deep.equal(['ramdisk on cleaning']);
  });

  it('leave a node on no network when its cleaning is aborted', async () => {
    const node = await f.enroll();
    await f.beginCleaning(node);
    await f.baremetal('node', 'abort', node.uuid);
    await f.fails(node, 'clean failed');
    expect(await f.whereIs(node)).to.deep.equal({});
    expect(await f.notes(node)).to.deep.equal([{}, {}]);
  });

  it('deploy a node on the provisioning network, run it on the tenant network, rebuild it, and clean it again', async () => {
    const node = await f.enroll();
    await f.provide(node);
    // Without an image, a rebuild ends in an UnboundLocalError of Ironic since 26.1 (start_deploy, `auto_lessee`). Nobody
    // looks for an image whose type is known.
    const image = [`image_source=${f.ironic.images.kernel}`, 'image_type=whole-disk'];
    // Old flavors set this boot option. Ironic ignores it, and boots the instance from its disk.
    const info = [...image, 'capabilities={"boot_option": "netboot"}'];
    await f.baremetal('node', 'set', node.uuid, ...info.flatMap((item) => ['--instance-info', item]));
    const vif = await f.attachVif(node);
    expect(await f.vifs(node)).to.deep.equal([vif]);

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
    expect(await f.vifs(node)).to.deep.equal([]);
    await f.ramdiskRuns(node, 'available');
    expect(await f.whereIs(node)).to.deep.equal({});
    expect(await f.notes(node)).to.deep.equal([{}, {}]);
    const deployed = ['ramdisk on provisioning', 'instance on tenant'];
    const cleaned = 'ramdisk on cleaning';
    expect(await f.runs(node)).to.deep.equal([cleaned, ...deployed, ...deployed, cleaned]);
  });

  it('go on when the worker is killed in the middle and another one comes', async () => {
    const node = await f.enroll();
    await f.beginCleaning(node);
    await f.killWorkersOf(CONDUCTOR);
    const cleaned = f.ramdiskRuns(node, 'available');
    // Cleaning is over, and the request to leave the network waits in the queue.
    await f.reaches(node, 'cleaning');
    await f.startWorker(CONDUCTOR);
    await cleaned;
    expect(await f.whereIs(node)).to.deep.equal({});
    expect(await f.notes(node)).to.deep.equal([{}, {}]);
  });

  it('go on when the result of a request is lost', async () => {
    const node = await f.enroll();
    await f.provide(node);
    const { durable } = await f.ironic.broker.queue(`ironic.network_provider_results.${CONDUCTOR}`);
    expect(durable, 'the queue of results goes with RabbitMQ').to.equal(false);
    await f.attachVif(node);
    await f.loseResults();
    try {
      await f.baremetal('node', 'deploy', node.uuid);
      await f.reaches(node, 'wait call-back');
    } finally {
      await f.bindResults();
    }
    expect(await f.whereIs(node)).to.deep.equal({ provisioning: macs(node) });
    for (const notes of await f.notes(node)) expect(notes).to.include.keys('provisioning_vif_port_id');
    await f.ramdiskRuns(node, 'active');
    expect(Object.keys(await f.whereIs(node))).to.deep.equal(['tenant']);
    await f.baremetal('node', 'undeploy', node.uuid);
    await f.reaches(node, 'clean wait');
  });

  it('fail at once when nobody serves the conductor, and say which queue and what to do', async () => {
    const node = await f.enroll();
    await f.manage(node);
    await f.forgetQueue();
    try {
      await f.baremetal('node', 'provide', node.uuid);
      const error = await f.fails(node, 'clean failed');
      expect(error).to.include('Nobody serves the queue ironic.network_provider.conductor-1');
      expect(error).to.include('Start a netprov worker with this conductor among its hosts');
    } finally {
      await f.startWorker(CONDUCTOR);
    }
    await f.beginCleaning(node);
    await f.baremetal('node', 'abort', node.uuid);
    await f.fails(node, 'clean failed');
  });

  it('refuse a VIF that Neutron does not show to the user', async () => {
    const node = await f.enroll();
    const unknown = '99999999-9999-4999-8999-999999999999';
    expect(await f.refused('node', 'vif', 'attach', node.uuid, unknown)).to.include('cannot be read with the token');
    expect(await f.vifs(node)).to.deep.equal([]);
  });

  it('have a port without local_link_connection repaired', async () => {
    const node = await f.enroll();
    const address = randomMac();
    const { uuid } = await f.json<{ uuid: string }>('port', 'create', '--node', node.uuid, address);
    const link = ['switch_id=00:11:22:33:44:55', 'port_id=eth9'].flatMap((item) => ['--local-link-connection', item]);
    await f.baremetal('port', 'set', uuid, ...link);
    const port = await f.json<{ local_link_connection: object }>('port', 'show', uuid);
    expect(port.local_link_connection).to.deep.equal({ switch_id: '00:11:22:33:44:55', port_id: 'eth9' });
  });

  it('have Neutron follow a change of a port that has a VIF', async () => {
    const node = await f.enroll();
    await f.provide(node);
    const vif = await f.attachVif(node);
    const [port] = node.ports;
    if (!port) throw new Error('a node without ports');
    const address = randomMac();
    await f.baremetal('port', 'set', port.uuid, '--address', address);
    expect((await f.neutron.port(vif))?.mac_address).to.equal(address);
    await f.baremetal('node', 'vif', 'detach', node.uuid, vif);
    expect(await f.notes(node)).to.deep.equal([{}, {}]);
  });

  it('have netprov reconcile name the side that differs: Ironic, Neutron or the record', async () => {
    const node = await f.enroll();
    await f.beginCleaning(node);
    const [first, second] = (await f.notes(node)).map(({ cleaning_vif_port_id: id }) => id ?? '');
    const compare = async () => {
      const ended = await f.netprov('reconcile', '--node', node.uuid, '--json');
      const { differences, compared_with_ironic } = json(ended) as {
        compared_with_ironic: number;
        differences: { findings: { kind: string; neutron_port_id: string }[] }[];
      };
      expect(compared_with_ironic).to.equal(1);
      const findings = differences.flatMap((one) => one.findings);
      return findings
        .filter(({ kind }) => kind.endsWith('_differs'))
        .map(({ kind, neutron_port_id: id }) => [kind, id]);
    };
    expect(await compare()).to.deep.equal([]);

    await f.neutron.removePort(first ?? '');
    expect(await compare()).to.deep.equal([['neutron_differs', first]]);
    const removed = await f.netprov('call', 'remove_cleaning_network', '--node-id', node.uuid, '--host', CONDUCTOR);
    expect(removed.code, removed.stderr).to.equal(0);
    expect(await compare()).to.have.deep.members([
      ['ironic_differs', first],
      ['ironic_differs', second],
    ]);
    // Ironic's next change of the node puts it right.
    await f.baremetal('node', 'abort', node.uuid);
    await f.fails(node, 'clean failed');
    expect(await compare()).to.deep.equal([]);
  });
});
