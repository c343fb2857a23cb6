import { expect } from 'chai';

import { type EnrolledNode, macs } from '../../testkit/fixtures/ironic-commands.js';
import { CONDUCTOR, IronicFixture } from '../../testkit/fixtures/ironic-fixture.js';
import { until } from '../../testkit/fixtures/poll.js';
import { PythonScript } from '../../testkit/servers/python.js';

/** Seconds that an API request waits for the worker. */
const API_DEADLINE = 20;

describe('faults, and the errors that a real Ironic shows with the network interface netprov', () => {
  const f = IronicFixture.inSuite({ sections: `[netprov]\napi_deadline = ${API_DEADLINE}` });

  /** Each worker declares the queues and exchanges of the topic in its own way. */
  async function forgetQueues(): Promise<void> {
    await f.forgetQueue();
    await f.ironic.broker.onChannel(async (channel) => {
      await channel.deleteQueue('ironic.network_provider');
      await channel.deleteExchange('ironic.network_provider_fanout');
    });
  }

  /** Has another worker serve the conductor while the work is done. */
  async function servedBy(age: { newer: boolean }, work: () => Promise<void>): Promise<void> {
    await forgetQueues();
    const place = { exchange: 'ironic', topic: 'ironic.network_provider', server: CONDUCTOR };
    const other = new PythonScript('other_worker.py', { transport_url: f.ironic.broker.url(), ...place, ...age });
    try {
      expect(await other.next()).to.deep.equal({ ready: true });
      await work();
    } finally {
      await other.stop();
      await forgetQueues();
      await f.startWorker(CONDUCTOR);
    }
  }

  it('name an older worker (contract 1.0), and what to do', async () => {
    const node = await f.enroll();
    await f.manage(node);
    await servedBy({ newer: false }, async () => {
      const reason = `The netprov worker of the queue ironic.network_provider.${CONDUCTOR} is too old for validate`;
      expect(await f.validated(node))
        .to.include(reason)
        .and.include('Upgrade the worker');
      await f.baremetal('node', 'provide', node.uuid);
      expect(await f.fails(node, 'clean failed')).to.include(reason);
    });
  });

  it('need none where the worker is newer, and its results have fields that nobody knows', async () => {
    const node = await f.enroll();
    await f.manage(node);
    await servedBy({ newer: true }, async () => {
      expect(await f.validated(node)).to.equal(true);
      await f.baremetal('node', 'provide', node.uuid);
      await f.reaches(node, 'clean wait');
      await f.ramdiskRuns(node, 'available');
    });
  });

  it('say which queue did not answer, when the worker is dead and its queue is there', async () => {
    const node = await f.enroll();
    await f.killWorkersOf(CONDUCTOR);
    try {
      const reason = `No netprov worker answered validate within ${API_DEADLINE} s`;
      expect(await f.validated(node))
        .to.include(reason)
        .and.include(`ironic.network_provider.${CONDUCTOR}`);
    } finally {
      await f.startWorker(CONDUCTOR);
    }
  });

  it('say that a node has no port to move', async () => {
    const node = await f.enroll();
    for (const { uuid } of node.ports) await f.baremetal('port', 'delete', uuid);
    await f.manage(node);
    expect(await f.validated(node), 'Ironic checks no more than the networks').to.equal(true);
    await f.baremetal('node', 'provide', node.uuid);
    expect(await f.fails(node, 'clean failed')).to.include(`node ${node.uuid} has no port`);
  });

  it('name each port without local_link_connection, and none once it is repaired', async () => {
    const enrolled = await f.enroll();
    const ports: EnrolledNode['ports'] = [];
    for (const { uuid, address } of enrolled.ports) {
      await f.baremetal('port', 'delete', uuid);
      const made = await f.json<{ uuid: string }>('port', 'create', '--node', enrolled.uuid, address);
      ports.push({ ...made, address });
    }
    const node = { ...enrolled, ports };
    await f.manage(node);
    await f.baremetal('node', 'provide', node.uuid);
    const error = await f.fails(node, 'clean failed');
    for (const { uuid } of node.ports) expect(error).to.include(uuid);
    expect(error).to.include('local_link_connection');

    await f.manage(node);
    for (const [index, { uuid }] of node.ports.entries()) {
      const link = ['switch_id=00:11:22:33:44:55', `port_id=${node.uuid.slice(0, 8)}/${index}`];
      await f.baremetal('port', 'set', uuid, ...link.flatMap((item) => ['--local-link-connection', item]));
    }
    await f.baremetal('node', 'provide', node.uuid);
    await f.reaches(node, 'clean wait');
    expect(await f.whereIs(node)).to.deep.equal({ cleaning: macs(node) });
    await f.ramdiskRuns(node, 'available');
  });

  it('let a node leave a network that vanished in the middle, and name it when the node is to go there again', async () => {
    const network = await f.neutron.makeNetwork();
    const node = await f.enroll('--driver-info', `cleaning_network=${network.id}`);
    await f.beginCleaning(node);
    expect(await f.neutron.portsOn(network.id)).to.have.length(2);
    await f.neutron.removeNetwork(network);
    await f.ramdiskRuns(node, 'available');
    expect(await f.notes(node)).to.deep.equal([{}, {}]);

    const reason = `driver_info.cleaning_network of node ${node.uuid} "${network.id}": Neutron has no such network`;
    expect(await f.validated(node)).to.include(reason);
    await f.manage(node);
    await f.baremetal('node', 'provide', node.uuid);
    expect(await f.fails(node, 'clean failed')).to.include(reason);
  });

  it('say that an API request has outlived its deadline, and let it be repeated without a second effect', async () => {
    const node = await f.enroll();
    await f.provide(node);
    const { id: vif } = await f.neutron.makePort(f.networks.tenant.id, { 'binding:vnic_type': 'baremetal' });
    const { arrived, release } = f.audit.hold('PUT');
    try {
      const refused = f.refused('node', 'vif', 'attach', node.uuid, vif);
      await arrived();
      expect(await refused).to.include(`No netprov worker answered vif_attach within ${API_DEADLINE} s`);
    } finally {
      release();
    }
    expect(await f.notes(node), 'Ironic does not know how it ended').to.deep.equal([{}, {}]);
    const address = await until('the worker has attached it', async () => {
      const port = await f.neutron.port(vif);
      return macs(node).includes(port?.mac_address ?? '') && port?.mac_address;
    });

    await f.baremetal('node', 'vif', 'attach', node.uuid, vif);
    expect(await f.vifs(node)).to.deep.equal([vif]);
    expect((await f.notes(node)).filter((notes) => 'tenant_vif_port_id' in notes)).to.have.length(1);
    expect((await f.neutron.port(vif))?.mac_address, 'on the same NIC').to.equal(address);
    await f.deploy(node);
    await f.undeploy(node);
  });
});
