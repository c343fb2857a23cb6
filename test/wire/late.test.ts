import { expect } from 'chai';

import { until } from '../../testkit/fixtures/poll.js';
import { expectNoLeak, expectRight } from '../../testkit/wire/expectations.js';
import { CLEANING, type Move, PROVISIONING, RESCUING, twoNics } from '../../testkit/wire/moves.js';
import { wrongPings } from '../../testkit/wire/table.js';
import { astray, pings, walk } from '../../testkit/wire/walk.js';
import { Wire } from '../../testkit/wire/wire.js';

/** Seconds for which an impatient worker waits for the answer to a change. */
const CHANGE_TIMEOUT = '8';
/** Seconds that each command of the switch takes, so that a change takes longer than that. */
const SLOW = 2;
/** Seconds for each command for which networking-generic-switch's driver for Open vSwitch does not wait. */
const VERY_SLOW = 30;

describe('a switch that takes its time, with a quarantine network', () => {
  let wire: Wire;

  before(async () => {
    wire = await Wire.start(3);
  });
  afterEach(() => {
    wire.rack.login.slow(0);
  });
  after(() => wire.stop());

  const startWorker = (further: Record<string, string> = {}): Promise<void> =>
    wire.startWorker({
      NETPROV_QUARANTINE_NETWORK: wire.networks['quarantine'] ?? '',
      NETPROV_WORKER_RETRY_MAX_DELAY: '2',
      NETPROV_WORKER_RETRY_MAX_ATTEMPTS: '20',
      ...further,
    });
  const impatient = { NETPROV_NEUTRON_TIMEOUT: CHANGE_TIMEOUT, NETPROV_NEUTRON_CHANGE_TIMEOUT: CHANGE_TIMEOUT };

  it(`${VERY_SLOW} s for each command: the driver does not wait, no frame goes astray, and later moves are right`, async () => {
    await startWorker();
    const { login } = wire.rack;
    const [add, remove] = CLEANING as readonly [Move, Move];
    const slow = new Set([0, 3]);
    let begun = 0;
    const moves = [add, remove, add, remove, ...PROVISIONING];
    const evidence = await walk(wire, [twoNics()], moves, async () => {
      login.slow(slow.has(begun++) ? VERY_SLOW : 0);
      await Promise.resolve();
    });
    // The first move is not made, and Neutron calls its port ACTIVE. The session ends before the switch is done.
    expectNoLeak(evidence);
    expect(wrongPings(evidence)).to.deep.equal(['node1 after add_cleaning_network: answered by nobody, not cleaning']);
  });

  it('a change takes longer than neutron.change_timeout: no frame goes astray, and every move succeeds', async () => {
    await startWorker({ ...impatient, NETPROV_WORKER_RETRY_MAX_ATTEMPTS: '2' });
    const { login } = wire.rack;
    const [add, remove] = CLEANING as readonly [Move, Move];
    // Frames may go either way while these are made.
    const slow = [add, remove].map((move) => ({ ...move, after: move.during })) as [Move, Move];
    const moves = [add, slow[1], remove, slow[0], remove, add, remove];
    const evidence = await walk(wire, [twoNics()], moves, async (move) => {
      login.slow(slow.includes(move) ? SLOW : 0);
      await Promise.resolve();
    });
    // The worker waits for the driver that plugs in, and does not disturb it.
    const [added] = evidence.steps.filter(({ move }) => move === slow[0]);
    expect([added?.result.status, added?.answered]).to.deep.equal(['succeeded', ['cleaning']]);
    expect(wire.workerLog).to.contain('but is binding the port; waiting for it');
    const quick = evidence.steps.filter(({ move }) => !slow.includes(move));
    expect(quick.map(({ result }) => result.status)).to.deep.equal(quick.map(() => 'succeeded'));
    expect(quick.map(({ answered }) => answered)).to.deep.equal([['cleaning'], [], [], ['cleaning'], []]);
    expect(astray(evidence)).to.deep.equal({});
    // Its deletion is repeated, and Neutron says that the port is gone. The quarantine network has proven the removal.
    const removed = evidence.steps[1];
    expect([removed?.result.status, removed?.answered]).to.deep.equal(['succeeded', []]);
    expect(wire.workerLog).to.contain('has no answer yet; waiting on');
  }).timeout(600_000);

  it('a late unplug after a new plug: the node reaches nobody, until it is moved again', async () => {
    await startWorker(impatient);
    const node = twoNics();
    const { login, leaf } = wire.rack;
    let unplug = Promise.resolve();
    let held = { release: (): void => undefined };
    const evidence = await walk(wire, [node], [...CLEANING, ...PROVISIONING, ...RESCUING], async ({ method }) => {
      if (method === 'remove_cleaning_network') unplug = holdUnplug();
      if (method !== 'remove_provisioning_network') return;
      await unplug;
      const before = leaf.settings.length;
      held.release();
      await until('the switch has done what it was told before', () => leaf.settings.length > before);
      // Neutron calls the port ACTIVE: nobody can know.
      expect(await wire.boundNetworks(node.task.node.uuid)).to.deep.equal([
        { network: 'provisioning', status: 'ACTIVE' },
      ]);
      expect(await pings(node, wire)).to.deep.equal([]);
    });
    expectRight(evidence);

    /** The unplug by the deletion of the old port waits in the switch, and the worker gives it up. */
    async function holdUnplug(): Promise<void> {
      const quarantined = (): boolean => wire.rack.vlanOf(node.switchPort) === wire.rack.vlans['quarantine'];
      await until('the node is in quarantine', quarantined);
      const commands = login.hold();
      held = commands;
      await until('the unplug waits', () => commands.isAny());
      commands.letOthersPass();
    }
  });
});
