import { expect } from 'chai';

import type { OperationResult } from '../../src/index.js';
import { until } from '../../testkit/fixtures/poll.js';
import { PARKED } from '../../testkit/wire/judge.js';
import { CLEANING, LIFE, oneLag, twoNics } from '../../testkit/wire/moves.js';
import { wrongPings } from '../../testkit/wire/table.js';
import { astray, type Evidence, tally, timesOf, walk } from '../../testkit/wire/walk.js';
import { Wire } from '../../testkit/wire/wire.js';

/** The warnings of a result that a removal is not proven. */
const unproven = (result?: OperationResult): OperationResult['warnings'] =>
  (result?.warnings ?? []).filter(({ kind }) => kind === 'removal_unproven');

describe('a rack whose switch Neutron configures with networking-generic-switch', () => {
  let wire: Wire;

  before(async () => {
    wire = await Wire.start();
  });
  after(() => wire.stop());

  describe('a node with two NICs and a node with a LAG go through their lives side by side', () => {
    let evidence: Evidence;

    before(async () => {
      evidence = await walk(wire, [twoNics(), oneLag()], LIFE);
    });

    it('every move succeeds', () => {
      const failed = evidence.steps.filter(({ result }) => result.status !== 'succeeded');
      expect(failed.map(({ node, result }) => [node, result.method, result.error])).to.deep.equal([]);
      expect(evidence.steps).to.have.lengthOf(2 * LIFE.length);
    });

    it('each removal, and nothing else, has the warning that Neutron cannot prove it', () => {
      const warned = evidence.steps.filter(({ result }) => unproven(result).length > 0);
      const removals = evidence.steps.filter(({ move }) => move.after === PARKED);
      expect(warned.map(({ result }) => result.method)).to.deep.equal(removals.map(({ result }) => result.method));
      for (const { result } of warned) expect(unproven(result)[0]?.reason).to.contain('genericswitch');
    });

    it('no frame arrives where it must not', () => {
      expect(astray(evidence)).to.deep.equal({});
      expect(tally(evidence).right).to.be.above(10_000);
      expect(evidence.counted.dropped).to.equal(0);
    });

    it('after each move, exactly those answer pings who are on the network of the node', () => {
      expect(wrongPings(evidence)).to.deep.equal([]);
    });

    it('when a result says that the node is on a network, the switch has the VLAN, and the network answers', () => {
      const arrivals = evidence.steps.filter(({ move }) => move.after !== 'parked');
      for (const step of arrivals) {
        const { vlan, ping, result } = timesOf(step, evidence);
        expect(vlan, step.move.method).to.be.within(0, result);
        expect(ping, step.move.method).to.be.within(0, result + 1);
      }
    });
  });

  describe('control: the switch cannot be reached while a node is taken off the cleaning network', () => {
    let evidence: Evidence;

    before(async () => {
      evidence = await walk(wire, [twoNics()], CLEANING, async ({ method }) => {
        if (method === 'remove_cleaning_network') await wire.rack.login.close();
      });
      await wire.rack.login.open();
    });

    it('frames of the node still reach the conductor, and the wire shows it', () => {
      const ways = Object.keys(astray(evidence));
      expect(ways).to.include('node1/eth0 (parked) -> conductor/eth1');
      expect(tally(evidence).astray).to.be.above(100);
    });

    it('the result says that the removal is not proven, and names the NIC and the driver', () => {
      const [warning, ...others] = unproven(evidence.steps.at(-1)?.result);
      expect(warning?.port_uuid).to.equal(twoNics().task.ports?.[0]?.uuid);
      expect(warning?.reason).to.contain('genericswitch');
      expect(others).to.deep.equal([]);
    });

    it('the conductor still answers pings, and the wire shows it', () => {
      expect(wrongPings(evidence), JSON.stringify(astray(evidence))).to.deep.equal([
        'node1 after remove_cleaning_network: answered by cleaning, not nobody',
      ]);
    });

    it('once the switch can be reached, the next move puts the node where it belongs', async () => {
      const again = await walk(wire, [twoNics()], CLEANING);
      expect(wrongPings(again)).to.deep.equal([]);
    });
  });

  describe('with a quarantine network, a removal is proven', () => {
    const FAILED_PLUG = "'genericswitch' failed in update_port_postcommit";

    before(() => wire.startWorker({ NETPROV_QUARANTINE_NETWORK: wire.networks['quarantine'] ?? '' }));
    afterEach(() => wire.rack.login.open());

    /** Waits until something is so, and then changes the switch's login. */
    const when = async (what: string, isSo: () => boolean, then: () => Promise<void>): Promise<void> => {
      await until(what, isSo);
      await then();
    };

    /** A node that is cleaned; beside its removal from the network, something happens. */
    const cleaned = async (meanwhile: () => Promise<void>): Promise<Evidence> => {
      let happened = Promise.resolve();
      const evidence = await walk(wire, [twoNics()], CLEANING, async ({ method }) => {
        if (method === 'remove_cleaning_network') happened = meanwhile();
        await Promise.resolve();
      });
      await happened;
      return evidence;
    };

    const expectClosed = async (evidence: Evidence): Promise<void> => {
      expect(evidence.steps.map(({ result }) => result.status)).to.deep.equal(['succeeded', 'succeeded']);
      expect(evidence.steps.flatMap(({ result }) => unproven(result))).to.deep.equal([]);
      expect(astray(evidence)).to.deep.equal({});
      expect(wrongPings(evidence)).to.deep.equal([]);
      expect(await wire.api.portsOn(wire.networks['quarantine'] ?? '')).to.deep.equal([]);
    };

    it('if the switch cannot be reached, the removal does not succeed before it can', async () => {
      const failed = (): number => wire.neutronLog.split(FAILED_PLUG).length;
      const before = failed();
      await expectClosed(
        await cleaned(async () => {
          await wire.rack.login.close();
          await when(
            'Neutron could not plug the switch port in',
            () => failed() > before,
            () => wire.rack.login.open(),
          );
        }),
      );
    });

    it('if the switch is away from then on, the node is on the quarantine network, and reaches nobody', async () => {
      const quarantined = (): boolean => wire.rack.vlanOf('n1e0') === wire.rack.vlans['quarantine'];
      await expectClosed(
        await cleaned(() => when('the node is in quarantine', quarantined, () => wire.rack.login.close())),
      );
      expect(quarantined()).to.equal(true);
    });
  });
});
