import { expect } from 'chai';

import { type EnrolledNode, macs } from '../../testkit/fixtures/ironic-commands.js';
import { IronicFixture } from '../../testkit/fixtures/ironic-fixture.js';
import { until } from '../../testkit/fixtures/poll.js';

const CASTS = 'conductor-1';
const CALLS = 'conductor-2';

describe('two conductors of one Ironic, one that casts and one that calls, with a worker each and one on standby', () => {
  const f = IronicFixture.inSuite({
    conductors: { [CASTS]: '', [CALLS]: '[netprov]\nmode = call' },
    sections: `
# Default 15: how long the API may believe that a conductor is there.
hash_ring_reset_interval = 1
[conductor]
# Default 10 and 60: the test waits until a killed conductor counts as gone.
heartbeat_interval = 1
heartbeat_timeout = 10
`,
  });

  /** Ironic spreads nodes over its conductors by their UUIDs. */
  async function enrollOn(conductor: string): Promise<EnrolledNode> {
    for (;;) {
      const node = await f.enroll();
      if ((await f.shown(node, 'conductor')).conductor === conductor) return node;
    }
  }

  for (const conductor of [CASTS, CALLS]) {
    it(`move a node of ${conductor}, whose worker is killed, by the worker on standby`, async () => {
      const node = await enrollOn(conductor);
      await f.provide(node);
      const vif = await f.attachVif(node);
      await f.baremetal('node', 'deploy', node.uuid);
      await f.reaches(node, 'wait call-back');
      expect(await f.whereIs(node)).to.deep.equal({ provisioning: macs(node) });

      const standby = await f.startWorker(CASTS, CALLS);
      await f.killWorkersOf(conductor);
      await f.ramdiskRuns(node, 'active');
      expect((await f.neutron.port(vif))?.['binding:host_id']).to.equal(node.uuid);
      await f.startWorker(conductor);
      expect((await standby.stop()).code).to.equal(0);
      await f.undeploy(node);
      expect(await f.whereIs(node)).to.deep.equal({});
      expect(await f.runs(node)).to.deep.equal([
        'ramdisk on cleaning',
        'ramdisk on provisioning',
        'instance on tenant',
        'ramdisk on cleaning',
      ]);
    });
  }

  it('go on with a node whose conductor has died, on the other one', async () => {
    const node = await enrollOn(CASTS);
    await f.beginCleaning(node);
    await f.ironic.killConductor(CASTS);
    try {
      await until('the other conductor has the node', async () => {
        return (await f.shown(node, 'conductor')).conductor === CALLS;
      });
      await f.ramdiskRuns(node, 'available');
      expect(await f.whereIs(node)).to.deep.equal({});
      expect(await f.notes(node)).to.deep.equal([{}, {}]);
      expect(await f.runs(node)).to.deep.equal(['ramdisk on cleaning']);
    } finally {
      await f.ironic.restartConductor(CASTS);
    }
  });

  it('clean a node anew whose conductor died while it waited for the worker', async () => {
    const node = await enrollOn(CASTS);
    await f.beginCleaning(node);
    await f.killWorkersOf(CASTS);
    const cleaned = f.ramdiskRuns(node, 'available').catch(() => 'its conductor is dead');
    await until('the request to leave the network waits', async () => {
      return (await f.ironic.broker.counts(`ironic.network_provider.${CASTS}`)).ready > 0;
    });
    await f.ironic.killConductor(CASTS);
    expect(await cleaned).to.equal('its conductor is dead');
    await f.startWorker(CASTS);
    await until('the worker has done it', async () => !('cleaning' in (await f.whereIs(node))));
    await f.ironic.restartConductor(CASTS);
    // That conductor when it comes back, or the other one before: one of them gives the cleaning up.
    await f.fails(node, 'clean failed');
    expect(await f.whereIs(node)).to.deep.equal({});

    await f.baremetal('node', 'maintenance', 'unset', node.uuid);
    await f.beginCleaning(node);
    expect(await f.whereIs(node)).to.deep.equal({ cleaning: macs(node) });
    await f.ramdiskRuns(node, 'available');
    expect(await f.whereIs(node)).to.deep.equal({});
    expect(await f.notes(node)).to.deep.equal([{}, {}]);
  });
});
