import { away, cutHalfway, disturbed } from '../../testkit/wire/disturbed.js';
import { expectNoLeak, expectRight } from '../../testkit/wire/expectations.js';
import { CLEANING, FROM_TENANT, type Move, oneLag, RESCUING, TO_TENANT, twoNics } from '../../testkit/wire/moves.js';
import { walk } from '../../testkit/wire/walk.js';
import { Wire } from '../../testkit/wire/wire.js';

const MOVES: readonly Move[] = [...CLEANING, TO_TENANT, FROM_TENANT];
/** From the tenant's networks to the rescue, and back. */
const RESCUE: readonly Move[] = [TO_TENANT, FROM_TENANT, ...RESCUING, TO_TENANT, FROM_TENANT];
/** Seconds that each command of a slow switch takes. */
const SLOW = 1;

describe('faults of one switch while two nodes move at the same time, with a quarantine network', () => {
  let wire: Wire;

  before(async () => {
    wire = await Wire.start(3);
    await wire.startWorker({
      NETPROV_QUARANTINE_NETWORK: wire.networks['quarantine'] ?? '',
      NETPROV_WORKER_RETRY_MAX_DELAY: '2',
      NETPROV_WORKER_RETRY_DEADLINE: '90',
    });
  });
  afterEach(async () => {
    wire.rack.login.slow(0);
    await wire.rack.login.open();
  });
  after(() => wire.stop());

  const nodes = [twoNics(), oneLag()];

  it('the switch cannot be reached when moves begin: each succeeds in the end', async () => {
    expectRight(await disturbed(wire, nodes, MOVES, away(wire)));
  });

  it('the switch goes away while it is configured for both: no frame arrives where it must not', async () => {
    expectNoLeak(await disturbed(wire, nodes, MOVES, cutHalfway(wire)));
  });

  it(`the switch takes ${SLOW} s for each command: the moves succeed`, async () => {
    wire.rack.login.slow(SLOW);
    expectRight(await walk(wire, nodes, MOVES));
  });

  it('a rescue and its end, while the switch cannot be reached when moves begin: each succeeds in the end', async () => {
    expectRight(await disturbed(wire, [twoNics()], RESCUE, away(wire)));
  });

  it('a rescue and its end, while the switch goes away in each move: no frame arrives where it must not', async () => {
    expectNoLeak(await disturbed(wire, [twoNics()], RESCUE, cutHalfway(wire)));
  });
});
