import { expect } from 'chai';

import type { NetworkType } from '../../src/contract/methods.js';
import { Inspections } from '../../testkit/fixtures/inspections.js';
import { type EnrolledNode, macs } from '../../testkit/fixtures/ironic-commands.js';
import { CONDUCTOR, IronicFixture } from '../../testkit/fixtures/ironic-fixture.js';
import { until } from '../../testkit/fixtures/poll.js';
import { ironicAbilities } from '../../testkit/servers/ironic-release.js';

/** Where a node may be: on no network, on one with all NICs, or on the tenant's with the one that has the VIF. */
type Place = NetworkType | null;

/** A conductor that dies while it waits for the worker. */
interface Death {
  /** Brings the node to where that is possible. */
  prepare: (node: EnrolledNode) => Promise<unknown>;
  /** Begins what the conductor dies in. */
  begin: (node: EnrolledNode) => Promise<unknown>;
  /** The requests to Neutron in which the conductor dies. Default: the first one about a port. */
  holding?: 'POST' | 'PUT';
  /** The state in which the conductor dies. */
  state: string;
  /** Where the worker brings the node meanwhile. */
  left: Place;
  /** What Ironic makes of the state when it is back. */
  failed: string;
  /** What an operator does then. */
  then: (node: EnrolledNode) => Promise<void>;
}

describe("a real Ironic's conductor that dies while the worker moves a node", () => {
  let inspections: Inspections;
  const f = IronicFixture.inSuite(async () => {
    inspections = await Inspections.start();
    return { sections: inspections.sections };
  });

  after(async () => {
    await inspections.stop();
  });

  async function expectAt(node: EnrolledNode, place: Place): Promise<void> {
    const found = await f.whereIs(node);
    expect(Object.keys(found)).to.deep.equal(place === null ? [] : [place]);
    if (place !== null && place !== 'tenant') expect(found[place]).to.deep.equal(macs(node));
  }

  const isAt = async (node: EnrolledNode, place: Place): Promise<boolean> =>
    Object.keys(await f.whereIs(node)).join() === (place ?? '');

  async function deployed(node: EnrolledNode): Promise<void> {
    await f.provide(node);
    await f.attachVif(node);
    await f.deploy(node);
  }

  async function rescued(node: EnrolledNode): Promise<void> {
    await deployed(node);
    await f.baremetal('node', 'rescue', node.uuid, '--rescue-password', 'secret');
    await f.reaches(node, 'rescue wait');
    await f.ramdiskRuns(node, 'rescue');
  }

  /** Waits until Ironic cleans the node, and until it is clean. */
  async function isCleaned(node: EnrolledNode): Promise<void> {
    await f.reaches(node, 'clean wait');
    await expectAt(node, 'cleaning');
    await f.ramdiskRuns(node, 'available');
    await expectAt(node, null);
    expect(await f.notes(node)).to.deep.equal([{}, {}]);
  }

  async function cleanAnew(node: EnrolledNode): Promise<void> {
    await f.baremetal('node', 'maintenance', 'unset', node.uuid);
    await f.manage(node);
    await f.baremetal('node', 'provide', node.uuid);
    await isCleaned(node);
  }

  async function tearDown(node: EnrolledNode): Promise<void> {
    await f.baremetal('node', 'undeploy', node.uuid);
    await isCleaned(node);
  }

  async function deployAnew(node: EnrolledNode): Promise<void> {
    await f.deploy(node);
    await expectAt(node, 'tenant');
    await tearDown(node);
  }

  async function unrescue(node: EnrolledNode): Promise<void> {
    await f.baremetal('node', 'unrescue', node.uuid);
    await f.reaches(node, 'active');
    await expectAt(node, 'tenant');
    await tearDown(node);
  }

  const run = (verb: string, ...options: string[]) => {
    return (node: EnrolledNode) => f.baremetal('node', verb, node.uuid, ...options);
  };
  const withVif = async (node: EnrolledNode) => {
    await f.provide(node);
    await f.attachVif(node);
  };
  const waitingForRamdisk = async (node: EnrolledNode) => {
    await withVif(node);
    await run('deploy')(node);
    await f.reaches(node, 'wait call-back');
  };
  const deployment = { state: 'deploying', failed: 'deploy failed' };
  const rescue = { begin: run('rescue', '--rescue-password', 'secret'), state: 'rescuing', failed: 'rescue failed' };
  const managed = (node: EnrolledNode) => f.manage(node);
  const steps = JSON.stringify([{ interface: 'deploy', step: 'burnin_memory' }]);

  const deaths: Record<string, Death> = {
    'a cleaning, and is cleaned anew': {
      ...{ prepare: managed, begin: run('provide'), state: 'cleaning', left: 'cleaning', failed: 'clean failed' },
      then: cleanAnew,
    },
    'an inspection, and is cleaned on the cleaning network alone': {
      ...{ prepare: managed, begin: run('inspect'), state: 'inspecting', left: 'inspection', failed: 'inspect failed' },
      then: cleanAnew,
    },
    'a deployment, and is torn down': {
      ...{ ...deployment, prepare: withVif, begin: run('deploy'), holding: 'POST', left: 'provisioning' },
      then: tearDown,
    },
    'a deployment, and is deployed again': {
      ...{ ...deployment, prepare: withVif, begin: run('deploy'), holding: 'POST', left: 'provisioning' },
      then: deployAnew,
    },
    'the end of a deployment, and is torn down': {
      ...{ ...deployment, prepare: waitingForRamdisk, holding: 'PUT', left: 'tenant' },
      begin: (node) => {
        f.ramdiskRuns(node, 'active').catch(() => 'its conductor is dead');
        return Promise.resolve();
      },
      then: tearDown,
    },
    'the start of a rescue, and is unrescued': {
      ...rescue,
      prepare: deployed,
      holding: 'PUT',
      left: null,
      then: unrescue,
    },
    'a rescue, and is torn down': { ...rescue, prepare: deployed, holding: 'POST', left: 'rescuing', then: tearDown },
    'an unrescue, and is unrescued again': {
      ...{ prepare: rescued, begin: run('unrescue'), state: 'unrescuing', left: 'tenant', failed: 'unrescue failed' },
      then: unrescue,
    },
    'a tear-down, and is torn down again': {
      ...{ prepare: deployed, begin: run('undeploy'), holding: 'PUT', state: 'deleting', left: null, failed: 'error' },
      then: tearDown,
    },
    ...(ironicAbilities().service && {
      'a service, and is torn down': {
        ...{ prepare: deployed, begin: run('service', '--service-steps', steps), state: 'servicing' },
        ...{ holding: 'POST', left: 'servicing', failed: 'service failed' },
        then: tearDown,
      },
    }),
  };

  for (const [title, { prepare, begin, holding, state, left, failed, then }] of Object.entries(deaths)) {
    it(`leaves it where the worker has brought it, in ${title}`, async () => {
      const node = await f.enrollToBoot();
      await prepare(node);
      const tenant = (await f.notes(node)).map(({ tenant_vif_port_id: vif }) => vif);

      const { arrived, release } = f.audit.hold(holding);
      try {
        await begin(node);
        await f.reaches(node, state);
        await arrived();
        await f.ironic.killConductor(CONDUCTOR);
      } finally {
        release();
      }
      await until('the worker has moved it', () => isAt(node, left));
      await f.ironic.restartConductor(CONDUCTOR);
      await f.fails(node, failed);

      await expectAt(node, left);
      const notes = await f.notes(node);
      expect(notes.flatMap((own) => Object.keys(own).filter((key) => key !== 'tenant_vif_port_id'))).to.deep.equal([]);
      expect(notes.map(({ tenant_vif_port_id: vif }) => vif)).to.deep.equal(tenant);
      await then(node);
    });
  }
});
